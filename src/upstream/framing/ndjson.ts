import type { EachEvent, EventDecoder } from './event-decoder.ts';
import { LineDecoder } from './line-decoder.ts';

/** A JSON value a line: https://github.com/ndjson/ndjson-spec. Blank lines are passed over. */
export class NdjsonDecoder implements EventDecoder {
  readonly #lines = new LineDecoder();

  push(bytes: Uint8Array, each: EachEvent): void {
    this.#lines.push(bytes, (text, start, end) => report(text.slice(start, end), each));
  }

  end(each: EachEvent): void {
    this.#lines.end((text, start, end) => report(text.slice(start, end), each));
  }
}

function report(line: string, each: EachEvent): void {
  if (line.trim() !== '') each(line, '');
}
