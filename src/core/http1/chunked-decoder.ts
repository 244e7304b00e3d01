import type { BodyDecoder } from './body-decoder.ts';
import { BadMessageError, MAXIMUM_HEAD_BYTES } from './head-parser.ts';

const TAB = 0x09;
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const SPACE = 0x20;
const SEMICOLON = 0x3b;

/** Of one size line with its extensions. */
const MAXIMUM_SIZE_LINE_BYTES = 4096;
const MAXIMUM_CHUNK_BYTES = 2 ** 50;

/** Where the next byte belongs. */
const SIZE = 0;
const EXTENSION = 1;
const SIZE_LINE_FEED = 2;
const DATA = 3;
const DATA_CARRIAGE_RETURN = 4;
const DATA_LINE_FEED = 5;
const TRAILER_START = 6;
const TRAILER = 7;
const TRAILER_LINE_FEED = 8;
const LAST_LINE_FEED = 9;
const END = 10;

/** Chunk extensions and trailers are read over and dropped. https://www.rfc-editor.org/rfc/rfc9112#name-chunked-transfer-coding */
export class ChunkedDecoder implements BodyDecoder {
  surplus = false;
  taken = 0;
  readonly endsWithConnection = false;
  #state = SIZE;
  /** Of the chunk whose size line is being read; then the bytes of it that are missing. */
  #size = 0;
  #sizeDigits = 0;
  #lineBytes = 0;

  get done(): boolean {
    return this.#state === END;
  }

  /** Moves the data together at the front of `bytes`, which is ours alone: several chunks need no second buffer. */
  decode(bytes: Buffer): Buffer {
    let written = 0;
    let index = 0;
    while (index < bytes.length && this.#state !== END) {
      if (this.#state === DATA) {
        const length = Math.min(this.#size, bytes.length - index);
        if (written !== index) bytes.copyWithin(written, index, index + length);
        written += length;
        index += length;
        this.#size -= length;
        if (this.#size === 0) this.#state = DATA_CARRIAGE_RETURN;
      } else {
        this.#control(bytes[index] as number);
        index++;
      }
    }
    this.taken = index;
    if (index < bytes.length) this.surplus = true;
    return bytes.subarray(0, written);
  }

  #control(byte: number): void {
    switch (this.#state) {
      case SIZE:
        this.#sizeByte(byte);
        break;
      case EXTENSION:
        if (byte === CARRIAGE_RETURN) this.#state = SIZE_LINE_FEED;
        else this.#lineByte(byte, MAXIMUM_SIZE_LINE_BYTES);
        break;
      case SIZE_LINE_FEED:
        this.#expect(byte, LINE_FEED, this.#size === 0 ? TRAILER_START : DATA);
        this.#lineBytes = 0;
        break;
      case DATA_CARRIAGE_RETURN:
        this.#expect(byte, CARRIAGE_RETURN, DATA_LINE_FEED);
        break;
      case DATA_LINE_FEED:
        this.#expect(byte, LINE_FEED, SIZE);
        this.#sizeDigits = 0;
        break;
      case TRAILER_START:
        this.#state = byte === CARRIAGE_RETURN ? LAST_LINE_FEED : TRAILER;
        if (byte !== CARRIAGE_RETURN) this.#lineByte(byte, MAXIMUM_HEAD_BYTES);
        break;
      case TRAILER:
        if (byte === CARRIAGE_RETURN) this.#state = TRAILER_LINE_FEED;
        else this.#lineByte(byte, MAXIMUM_HEAD_BYTES);
        break;
      case TRAILER_LINE_FEED:
        this.#expect(byte, LINE_FEED, TRAILER_START);
        break;
      default:
        this.#expect(byte, LINE_FEED, END);
    }
  }

  #sizeByte(byte: number): void {
    const digit = hexadecimalDigit(byte);
    if (digit >= 0) {
      this.#size = (this.#sizeDigits === 0 ? 0 : this.#size * 16) + digit;
      this.#sizeDigits++;
      if (this.#size > MAXIMUM_CHUNK_BYTES || this.#sizeDigits > 64)
        throw new BadMessageError('a chunk size too large');
      return;
    }
    const ends = byte === CARRIAGE_RETURN || byte === SEMICOLON || byte === SPACE || byte === TAB;
    if (this.#sizeDigits === 0 || !ends) throw new BadMessageError('a chunk size that is no hexadecimal number');
    this.#state = byte === CARRIAGE_RETURN ? SIZE_LINE_FEED : EXTENSION;
  }

  #lineByte(byte: number, limit: number): void {
    this.#lineBytes++;
    if (byte === LINE_FEED) throw new BadMessageError('a line feed without a carriage return');
    if (this.#lineBytes > limit) throw new BadMessageError('chunk extensions or trailers without end');
  }

  #expect(byte: number, expected: number, next: number): void {
    if (byte !== expected) throw new BadMessageError('a chunk that does not end where its size says');
    this.#state = next;
  }
}

function hexadecimalDigit(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const lowerCase = byte | 0x20;
  return lowerCase >= 0x61 && lowerCase <= 0x66 ? lowerCase - 0x61 + 10 : -1;
}
