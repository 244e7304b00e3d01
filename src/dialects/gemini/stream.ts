import { readAnswerUsage } from '../../core/gemini/usage.ts';
import type { Usage } from '../../core/neutral/usage.ts';
import type { JsonObject } from '../../core/types.ts';
import { isJsonObject } from '../../core/types.ts';
import type { RequestPath, StreamReading, StreamRewriter } from '../dialect.ts';
import { blankLineOf, boundsOfEvent, eachEventData, eventData } from '../sse.ts';
import { noFacts, noteEvents, parseEventData } from '../stream-reading.ts';
import { isBlocked } from './encode.ts';
import { statusOf } from './errors.ts';
import { readFacts } from './facts.ts';
import { Framing } from './framing.ts';

/** `finishReason`, `blockReason` and errors. Inside a JSON string these quotes would be escaped. */
const NOTEWORTHY = /Reason"|"error"/g;
const USAGE = /"usageMetadata"\s*:\s*\{/;
/** Objects whose keys may be any words. */
const FREE_OBJECT = /"(?:args|response|partMetadata)"/;

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
    const passed = noteEvents(events, NOTEWORTHY, (event) => this.#note(event));
    this.reading.note(passed);
    return this.#framing.isList ? this.#asElements(passed) : passed;
  }

  isWholeAtEnd(): boolean {
    return this.#isFinished;
  }

  end(): string {
    return this.#framing.end();
  }

  /** False when the event, and all that follows, must not be passed on. */
  #note(event: string): boolean {
    // Some models give a reason with every event.
    if (this.#isFinished && !event.includes('"error"')) return true;
    const chunk = chunkOf(event);
    if (chunk === null) return true;
    if (isJsonObject(chunk.error)) {
      this.reading.fail(chunk);
      return false;
    }
    this.#isFinished ||= isBlocked(chunk.promptFeedback) || hasFinished(chunk.candidates);
    readFacts(chunk, this.reading.facts);
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

/** Nearly every event tells the usage so far, so only the last one that does is kept, and read when somebody asks. */
class Reading implements StreamReading {
  readonly facts = noFacts();
  complete = false;
  error: JsonObject | null = null;
  errorStatus?: number;
  #events = '';
  #usage: Usage | null = null;

  get usage(): Usage | null {
    if (this.#events !== '') {
      eachEventData(this.#events, (data) => {
        const chunk = parseEventData(data);
        this.#usage = (chunk && readAnswerUsage(chunk)) ?? this.#usage;
      });
      this.#events = '';
    }
    return this.#usage;
  }

  note(events: string): void {
    const last = events.lastIndexOf('"usageMetadata"');
    if (last === -1) return;
    const event = lastWithUsage(events, last);
    // If these tell no usage after all, what those before them told counts.
    if (event === null) this.#usage = this.usage;
    this.#events = event ?? events;
  }

  fail(chunk: JsonObject): void {
    this.error = chunk;
    const status = statusOf(chunk);
    if (status !== null) this.errorStatus = status;
  }
}

/** The event around the last mention of usage, if it is sure to tell it. */
function lastWithUsage(events: string, mention: number): string | null {
  const blankLine = blankLineOf(events);
  if (blankLine === null) return null;
  const { start, end } = boundsOfEvent(events, mention, blankLine);
  const event = events.slice(start, end);
  return USAGE.test(event) && !FREE_OBJECT.test(event) ? event : null;
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
