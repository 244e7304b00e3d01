import { isJsonObject, type JsonObject } from '../../core/types.ts';
import type { StreamReading, StreamRewriter } from '../dialect.ts';
import { eventData } from '../sse.ts';
import { newReading, parseEventData } from '../stream-reading.ts';
import { statusOfError } from './errors.ts';
import { readUsage } from './usage.ts';

const EVENT = /[\s\S]*?(?:\r\n\r\n|\n\r\n|\n\n|\r\r|\r\n\n)/g;
/** The types of the events that say more than content. Inside a JSON string these quotes would be escaped. */
const NOTEWORTHY = /"type"\s*:\s*"(?:error|response\.(?:completed|incomplete|failed))"|data: ?\{"error"/;

/** Passes the upstream's bytes on and reads usage, errors and the end from the side. */
export class ResponsesStream implements StreamRewriter {
  readonly reading: StreamReading = newReading();

  rewrite(events: string): string {
    if (!NOTEWORTHY.test(events)) return events;
    let passed = 0;
    for (const [event] of events.matchAll(EVENT)) {
      if (NOTEWORTHY.test(event) && !this.#note(event)) return events.slice(0, passed);
      passed += event.length;
    }
    return events;
  }

  /** False when the event, and all that follows, must not be passed on. */
  #note(event: string): boolean {
    const data = eventData(event.trimEnd());
    const content = data === null ? null : parseEventData(data);
    if (content === null) return true;
    switch (content.type) {
      case 'response.completed':
      case 'response.incomplete':
      // The client is told by this event that the response failed, so there is nothing to add to it.
      case 'response.failed':
        this.reading.complete = true;
        if (isJsonObject(content.response)) this.reading.usage = readUsage(content.response.usage);
        return true;
      default: {
        const error = errorOf(content);
        if (!error) return true;
        this.reading.error = { error };
        const status = statusOfError(error);
        if (status !== null) this.reading.errorStatus = status;
        return false;
      }
    }
  }
}

/** `{"type":"error","error":{…}}`, or the same without the inner object, or without the type. */
function errorOf(content: JsonObject): JsonObject | null {
  if (isJsonObject(content.error)) return content.error;
  if (content.type !== 'error') return null;
  const { sequence_number: _number, type: _type, ...error } = content;
  return error;
}
