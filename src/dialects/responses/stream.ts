import type { GatewayError } from '../../core/errors.ts';
import { isJsonObject, type JsonObject } from '../../core/types.ts';
import type { StreamReading, StreamRewriter } from '../dialect.ts';
import { eventData, splitEvents } from '../sse.ts';
import { newReading, noteEvents, parseEventData } from '../stream-reading.ts';
import { statusOfError, streamError } from './errors.ts';
import { readFacts } from './facts.ts';
import { readAnswerUsage } from './usage.ts';

/** The types of the events that say more than content. Inside a JSON string these quotes would be escaped. */
const NOTEWORTHY = /"type"\s*:\s*"(?:error|response\.(?:completed|incomplete|failed))"|data: ?\{"error"/g;
/** What those events hold, in words that are found fast. */
const ENDS = /\.completed"|\.incomplete"/;
const FAILURES = /\.failed"|"error"/;

/** Passes the upstream's bytes on and reads usage, errors and the end from the side. */
export class ResponsesStream implements StreamRewriter {
  readonly reading: StreamReading = newReading();
  /** What the client was sent first and last, to be read only if the stream fails. */
  #first = '';
  #last = '';

  rewrite(events: string): string {
    if (this.#first === '') this.#first = events;
    if (events !== '') this.#last = events;
    if (!ENDS.test(events) && !FAILURES.test(events)) return events;
    return noteEvents(events, NOTEWORTHY, (event) => this.#note(event));
  }

  fail(error: GatewayError): string {
    const response = firstResponse(this.#first);
    return streamError(error, response && { response, sequence: lastSequence(this.#last) + 1 });
  }

  #conclude(response: JsonObject): void {
    this.reading.usage = readAnswerUsage(response);
    readFacts(response, this.reading.facts);
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
        if (isJsonObject(content.response)) this.#conclude(content.response);
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

/** The response object of `response.created`, by whose id the client knows the answer. */
function firstResponse(events: string): JsonObject | null {
  for (const event of splitEvents(events)) {
    const data = eventData(event.trimEnd());
    const content = data === null ? null : parseEventData(data);
    if (content && isJsonObject(content.response)) return content.response;
  }
  return null;
}

function lastSequence(events: string): number {
  const at = events.lastIndexOf('"sequence_number":');
  return at < 0 ? -1 : Number.parseInt(events.slice(at + '"sequence_number":'.length), 10) || 0;
}

/** `{"type":"error","error":{…}}`, or the same without the inner object, or without the type. */
function errorOf(content: JsonObject): JsonObject | null {
  if (isJsonObject(content.error)) return content.error;
  if (content.type !== 'error') return null;
  const { sequence_number: _number, type: _type, ...error } = content;
  return error;
}
