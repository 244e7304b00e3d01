import type { MessageHead } from './message-head.ts';

/** More than anybody sends in good faith; every head of an exchange together, interim ones included. */
export const MAXIMUM_HEAD_BYTES = 65_536;

const TAB = 0x09;
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const SPACE = 0x20;
const COLON = 0x3a;
const DELETE = 0x7f;

/** The bytes are no valid HTTP/1.1 message; the text says what is wrong with them, for example `a chunk size too large`. */
export class BadMessageError extends Error {}

/** The head alone is larger than `MAXIMUM_HEAD_BYTES`. */
export class HeadTooLargeError extends BadMessageError {}

/**
 * Reads one head in one pass over the bytes, whatever the cuts between them, and skips interim (1xx) ones before it.
 * Stricter than it must be, because a message read in two ways is how smuggling begins: a line ends with CR LF, a
 * folded header or a space before the colon is refused, and so is a control character.
 * https://www.rfc-editor.org/rfc/rfc9112#name-message-format
 */
export class HeadParser<Head extends MessageHead> {
  readonly #create: () => Head;
  /** Null until the start line was read. */
  #head: Head | null = null;
  #bytes: Buffer | null = null;
  #length = 0;
  #position = 0;
  #lineStart = 0;
  #colon = -1;

  constructor(create: () => Head) {
    this.#create = create;
  }

  /** The head once it is whole, or null while bytes are missing. Throws a BadMessageError. */
  push(chunk: Buffer): Head | null {
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

  #scan(bytes: Buffer, length: number): Head | null {
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
        if (whole && this.#finish(bytes, position, length)) return this.#head;
      } else {
        throw controlCharacter(byte);
      }
    }
    if (length >= MAXIMUM_HEAD_BYTES) throw new HeadTooLargeError(`a head of more than ${MAXIMUM_HEAD_BYTES} bytes`);
    this.#position = position;
    return null;
  }

  /** True when the line was the empty one behind a head. */
  #line(bytes: Buffer, start: number, end: number): boolean {
    const head = this.#head;
    if (head !== null && start === end) return true;
    const problem = head === null ? this.#startLine(bytes, start, end) : head.readField(bytes, start, this.#colon, end);
    if (problem !== null) throw new BadMessageError(problem);
    return false;
  }

  #startLine(bytes: Buffer, start: number, end: number): string | null {
    const head = this.#create();
    // An empty line before a request is forgiven: https://www.rfc-editor.org/rfc/rfc9112#section-2.2-6
    if (start === end && head.mayFollowEmptyLine) return null;
    this.#head = head;
    return head.readStartLine(bytes, start, end);
  }

  #finish(bytes: Buffer, bodyStart: number, bodyEnd: number): boolean {
    const problem = this.#head?.finish(bytes, bodyStart, bodyEnd) ?? null;
    if (problem !== null) throw new BadMessageError(problem);
    if (this.#head?.isInterim !== true) return true;
    this.#head = null;
    return false;
  }
}

function controlCharacter(byte: number): BadMessageError {
  if (byte === LINE_FEED) return new BadMessageError('a line feed without a carriage return');
  return new BadMessageError(`the control character ${byte} in the head`);
}
