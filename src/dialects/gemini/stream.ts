import type { Usage } from '../../core/neutral/usage.ts';
import type { JsonObject } from '../../core/types.ts';
import { isJsonObject } from '../../core/types.ts';
import type { RequestPath, StreamReading, StreamRewriter } from '../dialect.ts';
import { eachEventData, eventData } from '../sse.ts';
import { parseEventData } from '../stream-reading.ts';
import { isBlocked } from './encode.ts';
import { statusOf } from './errors.ts';
import { Framing } from './framing.ts';
import { readUsage } from './usage.ts';

const EVENT = /[\s\S]*?(?:\r\n\r\n|\n\r\n|\n\n|\r\r|\r\n\n)/g;

/**
 * Passes the upstream's bytes on and reads usage, errors and the end from the side; for a client that wants a list, its
 * events become elements. The API has no terminal event: an answer is whole once it said why it ended.
 */
export class GeminiStream implements StreamRewriter {
  readonly reading = new Reading();
  readonly #framing: Framing;
  #isFinished = false;

  constructor(path: RequestPath) {
    this.#framing = new Framing(path);
  }

  rewrite(events: string): string {
    const passed = isNoteworthy(events) ? this.#noteAll(events) : events;
    if (passed.includes('"usageMetadata"')) this.reading.note(passed);
    return this.#framing.isList ? this.#asElements(passed) : passed;
  }

  isWholeAtEnd(): boolean {
    return this.#isFinished;
  }

  end(): string {
    return this.#framing.end();
  }

  /** The events up to the one that reports an error. */
  #noteAll(events: string): string {
    let passed = 0;
    for (const [event] of events.matchAll(EVENT)) {
      if (isNoteworthy(event) && !this.#note(event)) return events.slice(0, passed);
      passed += event.length;
    }
    return events;
  }

  /** False when the event, and all that follows, must not be passed on. */
  #note(event: string): boolean {
    const chunk = chunkOf(event);
    if (chunk === null) return true;
    if (isJsonObject(chunk.error)) {
      this.reading.fail(chunk);
      return false;
    }
    this.#isFinished ||= isBlocked(chunk.promptFeedback) || hasFinished(chunk.candidates);
    return true;
  }

  #asElements(events: string): string {
    let elements = '';
    eachEventData(events, (data) => {
      elements += this.#framing.chunk(data);
    });
    return elements;
  }
}

/** Nearly every event tells the usage so far, so the last one that does is kept, and read when somebody asks. */
class Reading implements StreamReading {
  complete = false;
  error: JsonObject | null = null;
  errorStatus?: number;
  #events = '';
  #usage: Usage | null = null;

  get usage(): Usage | null {
    if (this.#events !== '') {
      eachEventData(this.#events, (data) => {
        const chunk = parseEventData(data);
        this.#usage = (chunk && readUsage(chunk)) ?? this.#usage;
      });
      this.#events = '';
    }
    return this.#usage;
  }

  note(events: string): void {
    this.#events = events;
  }

  fail(chunk: JsonObject): void {
    this.error = chunk;
    const status = statusOf(chunk);
    if (status !== null) this.errorStatus = status;
  }
}

/** Inside a JSON string these quotes would be escaped. */
function isNoteworthy(events: string): boolean {
  return events.includes('"finishReason"') || events.includes('"error"') || events.includes('"blockReason"');
}

/** An error may come as bare JSON between the events. */
function chunkOf(event: string): JsonObject | null {
  const text = event.trim();
  return parseEventData(text.startsWith('{') ? text : (eventData(text) ?? ''));
}

function hasFinished(candidates: unknown): boolean {
  return (
    Array.isArray(candidates) &&
    candidates.some((candidate) => isJsonObject(candidate) && typeof candidate.finishReason === 'string')
  );
}
