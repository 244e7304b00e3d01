import { type EachEvent, type EventDecoder, MAX_EVENT_SIZE } from './event-decoder.ts';
import { LineDecoder, tooLarge } from './line-decoder.ts';

const SPACE = 0x20;

/**
 * Server-sent events: https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
 * Comments, ids and unknown fields mean nothing here.
 */
export class SseDecoder implements EventDecoder {
  readonly #lines = new LineDecoder();
  #data: string | null = null;
  #name = '';

  push(bytes: Uint8Array, each: EachEvent): void {
    this.#lines.push(bytes, (text, start, end) => this.#line(text, start, end, each));
  }

  /** Some servers leave out the last blank line. */
  end(each: EachEvent): void {
    this.#lines.end((text, start, end) => this.#line(text, start, end, each));
    this.#dispatch(each);
  }

  #line(text: string, start: number, end: number, each: EachEvent): void {
    if (start === end) this.#dispatch(each);
    else if (text.startsWith('data:', start)) this.#addData(fieldValue(text, start + 5, end));
    else if (text.startsWith('event:', start)) this.#name = fieldValue(text, start + 6, end);
  }

  #addData(value: string): void {
    this.#data = this.#data === null ? value : `${this.#data}\n${value}`;
    if (this.#data.length > MAX_EVENT_SIZE) throw tooLarge();
  }

  #dispatch(each: EachEvent): void {
    const data = this.#data;
    const name = this.#name;
    this.#data = null;
    this.#name = '';
    if (data !== null) each(data, name);
  }
}

/** One space behind the colon belongs to the notation. */
function fieldValue(text: string, start: number, end: number): string {
  return text.slice(start < end && text.charCodeAt(start) === SPACE ? start + 1 : start, end);
}
