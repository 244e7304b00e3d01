import { mergeUsage, readUsage } from '../../core/anthropic/usage.ts';
import type { JsonObject } from '../../core/types.ts';
import { isJsonObject } from '../../core/types.ts';
import type { StreamReading, StreamRewriter } from '../dialect.ts';
import { eventData } from '../sse.ts';
import { newReading, noteEvents, parseEventData } from '../stream-reading.ts';
import { statusOf } from './errors.ts';
import { readFacts } from './facts.ts';

/** What an event says beside its content. Inside a JSON string these quotes would be escaped. */
const NOTEWORTHY = /"message_|"error"/g;

/** Passes the upstream's bytes on and reads usage, errors and the end from the side. */
export class AnthropicStream implements StreamRewriter {
  readonly reading: StreamReading = newReading();
  #usage: JsonObject | null = null;

  rewrite(events: string): string {
    return noteEvents(events, NOTEWORTHY, (event) => this.#note(event));
  }

  /** False when the event, and all that follows, must not be passed on. */
  #note(event: string): boolean {
    const data = eventData(event.trimEnd());
    const content = data === null ? null : parseEventData(data);
    if (content === null) return true;
    switch (content.type) {
      case 'message_start':
        if (isJsonObject(content.message)) this.#begin(content.message);
        return true;
      case 'message_delta':
        this.#count(content.usage);
        if (isJsonObject(content.delta)) readFacts(content.delta, this.reading.facts);
        return true;
      case 'message_stop':
        this.reading.complete = true;
        return true;
      case 'error':
        return this.#fail(content);
      default:
        // A cloud that serves the models of others may report its own failures in a shape of its own.
        return content.type === undefined && isJsonObject(content.error) ? this.#fail(content) : true;
    }
  }

  #begin(message: JsonObject): void {
    this.#count(message.usage);
    readFacts(message, this.reading.facts);
  }

  #fail(content: JsonObject): false {
    this.reading.error = content;
    const status = statusOf(content);
    if (status !== null) this.reading.errorStatus = status;
    return false;
  }

  #count(usage: unknown): void {
    this.#usage = mergeUsage(this.#usage, usage);
    this.reading.usage = readUsage(this.#usage) ?? this.reading.usage;
  }
}
