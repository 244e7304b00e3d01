import { ResponseHead } from './response-head.ts';

/** More than any provider sends; every head of an exchange together, interim ones included. */
export const MAXIMUM_HEAD_BYTES = 65_536;

const TAB = 0x09;
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const SPACE = 0x20;
const COLON = 0x3a;
const DELETE = 0x7f;

/** The bytes that are no valid HTTP/1.1 response; the message says what is wrong with them. */
export class BadResponseError extends Error {}

/**
 * Reads one response head in one pass over the bytes, whatever the cuts between them, and skips interim (1xx) ones before it.
 * Stricter than it must be, because a response read in two ways is how smuggling begins: a line ends with CR LF, a
 * folded header or a space before the colon is refused, and so is a control character.
 * https://www.rfc-editor.org/rfc/rfc9112#name-message-format
 */
export class HeadParser {
  /** Null until the status line was read. */
  #head: ResponseHead | null = null;
  #bytes: Buffer | null = null;
  #length = 0;
  #position = 0;
  #lineStart = 0;
  #colon = -1;

  /** The head once it is whole, or null while bytes are missing. Throws a BadResponseError. */
  push(chunk: Buffer): ResponseHead | null {
    if (this.#bytes === null) {
      const head = this.#scan(chunk, chunk.length);
      if (head === null) this.#keep(chunk);
      return head;
    }
    this.#keep(chunk);
    return this.#scan(this.#bytes, this.#length);
  }

  /** Appends to a buffer that doubles, so that many small pieces stay linear. */
  #keep(chunk: Buffer): void {
    const length = this.#length + chunk.length;
    if (this.#bytes === null || this.#bytes.length < length) {
      const larger = Buffer.allocUnsafe(Math.max(1024, length * 2));
      this.#bytes?.copy(larger, 0, 0, this.#length);
      this.#bytes = larger;
    }
    chunk.copy(this.#bytes, this.#length);
    this.#length = length;
  }

  #scan(bytes: Buffer, length: number): ResponseHead | null {
    const end = Math.min(length, MAXIMUM_HEAD_BYTES);
    let position = this.#position;
    while (position < end) {
      const byte = bytes[position] as number;
      if (byte >= SPACE && byte !== DELETE) {
        if (byte === COLON && this.#colon < 0) this.#colon = position;
        position++;
      } else if (byte === TAB) {
        position++;
      } else if (byte === CARRIAGE_RETURN) {
        if (position + 1 >= end) break;
        if (bytes[position + 1] !== LINE_FEED) throw controlCharacter(byte);
        const whole = this.#line(bytes, this.#lineStart, position);
        position += 2;
        this.#lineStart = position;
        this.#colon = -1;
        if (whole) {
          this.#head?.finish(bytes, position, length);
          return this.#head;
        }
      } else {
        throw controlCharacter(byte);
      }
    }
    if (length >= MAXIMUM_HEAD_BYTES) throw new BadResponseError(`a head of more than ${MAXIMUM_HEAD_BYTES} bytes`);
    this.#position = position;
    return null;
  }

  /** True when the line was the empty one behind a final head. */
  #line(bytes: Buffer, start: number, end: number): boolean {
    const head = this.#head;
    if (head === null) {
      this.#head = new ResponseHead();
      const problem = this.#head.readStatusLine(bytes, start, end);
      if (problem !== null) throw new BadResponseError(problem);
      return false;
    }
    if (start < end) {
      const problem = head.readField(bytes, start, this.#colon, end);
      if (problem !== null) throw new BadResponseError(problem);
      return false;
    }
    if (head.status >= 200) return true;
    if (head.status === 101) throw new BadResponseError('a switch of protocols that nobody asked for');
    this.#head = null;
    return false;
  }
}

function controlCharacter(byte: number): BadResponseError {
  if (byte === LINE_FEED) return new BadResponseError('a line feed without a carriage return');
  return new BadResponseError(`the control character ${byte} in the head`);
}
