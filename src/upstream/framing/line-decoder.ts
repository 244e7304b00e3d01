import { GatewayError } from '../../core/errors.ts';
import { MAX_EVENT_SIZE } from './event-decoder.ts';

const CARRIAGE_RETURN = 0x0d;
const BYTE_ORDER_MARK = 0xfeff;

/** Called with a text in which the line is from `start` to before `end`: cutting it out is left to whoever wants it. */
export type EachLine = (text: string, start: number, end: number) => void;

/**
 * Cuts UTF-8 bytes into lines that end with a line feed, with or without a carriage return before it. Lines that end
 * with a carriage return alone, which the standard of server-sent events has too, are sent by no provider.
 */
export class LineDecoder {
  /** The beginning of a character whose other bytes have not come yet. */
  #partialCharacter: Uint8Array | null = null;
  /** The beginning of a line whose end has not come yet; joined once, so that a long line costs no more than its length. */
  #partialLine: string[] = [];
  #partialLength = 0;
  #hasBegun = false;

  push(bytes: Uint8Array, each: EachLine): void {
    const text = this.#decode(bytes);
    let start = 0;
    for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n', start)) {
      if (this.#partialLine.length > 0) this.#completePartial(text.slice(0, end), each);
      else each(text, start, text.charCodeAt(end - 1) === CARRIAGE_RETURN && end > start ? end - 1 : end);
      start = end + 1;
    }
    if (start < text.length) this.#keep(text.slice(start));
  }

  /** Calls back with a last line that has no end. */
  end(each: EachLine): void {
    if (this.#partialLine.length > 0) this.#completePartial('', each);
  }

  #decode(bytes: Uint8Array): string {
    const whole = this.#partialCharacter === null ? bytes : Buffer.concat([this.#partialCharacter, bytes]);
    const length = wholeCharactersLength(whole);
    this.#partialCharacter = length < whole.length ? whole.subarray(length) : null;
    const text = Buffer.from(whole.buffer, whole.byteOffset, length).toString('utf8');
    if (this.#hasBegun || text === '') return text;
    this.#hasBegun = true;
    return text.charCodeAt(0) === BYTE_ORDER_MARK ? text.slice(1) : text;
  }

  #completePartial(rest: string, each: EachLine): void {
    this.#partialLine.push(rest);
    const line = this.#partialLine.join('');
    this.#partialLine = [];
    this.#partialLength = 0;
    each(line, 0, line.charCodeAt(line.length - 1) === CARRIAGE_RETURN ? line.length - 1 : line.length);
  }

  #keep(text: string): void {
    this.#partialLine.push(text);
    this.#partialLength += text.length;
    if (this.#partialLength > MAX_EVENT_SIZE) throw tooLarge();
  }
}

export function tooLarge(): GatewayError {
  return new GatewayError('upstream_invalid', 'The upstream sent an event that is too large.');
}

/** How many bytes there are before a last character that is not whole: https://www.rfc-editor.org/rfc/rfc3629#section-3 */
function wholeCharactersLength(bytes: Uint8Array): number {
  const { length } = bytes;
  for (let back = 1; back <= 3 && back <= length; back += 1) {
    const byte = bytes[length - back] ?? 0;
    if (byte < 0x80) return length;
    if (byte >= 0xc0) {
      const size = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
      return size > back ? length - back : length;
    }
  }
  return length;
}
