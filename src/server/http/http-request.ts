import type { HttpConnection } from './http-connection.ts';
import type { RequestHead } from './request-head.ts';

/** The body ended before its length, or its framing is broken: nobody is there to read an answer. */
export class RequestCutError extends Error {}

/** The body is larger than its reader allows. */
export class RequestTooLargeError extends Error {}

const EMPTY = Buffer.alloc(0);

interface BodyReader {
  readonly limit: number;
  resolve(body: Buffer): void;
  reject(error: Error): void;
}

/** One request on a connection, and the way to answer it: once, with `respond`, or with `startStream`, `write` and `end`. */
export class HttpRequest {
  readonly head: RequestHead;
  /** On the clock of `performance.now()`. */
  readonly startedAt: number;
  /** Called when the client leaves before it was answered. */
  onGone: (() => void) | null = null;
  /** Called when what was written has left, after a `write` that returned false. */
  onDrain: (() => void) | null = null;
  answered = false;
  readonly #connection: HttpConnection;
  /** What the request came in, when it was one piece: taken as text, its body needs no view of its own. */
  #message: Buffer | null = null;
  #body: Buffer = EMPTY;
  #pieces: Buffer[] | null = null;
  #size = 0;
  #isBodyWhole = false;
  #isCut = false;
  #reader: BodyReader | null = null;

  constructor(connection: HttpConnection, head: RequestHead, startedAt: number) {
    this.#connection = connection;
    this.head = head;
    this.startedAt = startedAt;
  }

  get remoteAddress(): string {
    return this.#connection.remoteAddress;
  }

  /** Bytes of the body that wait for a reader. */
  get unread(): number {
    return this.#reader === null ? this.#size : 0;
  }

  /** Bytes of the body that have come so far. */
  get received(): number {
    return this.#size;
  }

  get isBodyWhole(): boolean {
    return this.#isBodyWhole;
  }

  /**
   * The whole body as text, from UTF-8, or null where it has not arrived in one piece, is too large or is no UTF-8:
   * `body` then tells which.
   */
  takeText(limit: number): string | null {
    const message = this.#message;
    const { bodyStart } = this.head;
    const length = this.head.contentLength;
    if (message === null || length > limit) return null;
    const text = message.toString('utf8', bodyStart, bodyStart + length);
    // A replacement character in the text may stand for bytes that are no UTF-8; then its length differs from theirs.
    if (text.includes('\ufffd') && Buffer.byteLength(text) !== length) return null;
    this.#message = null;
    return text;
  }

  /** The whole body: at once where it has arrived. Rejects with a RequestTooLargeError or a RequestCutError. */
  body(limit: number): Buffer | Promise<Buffer> {
    if (this.#size > limit || this.head.contentLength > limit) return Promise.reject(new RequestTooLargeError());
    if (this.#isCut) return Promise.reject(new RequestCutError());
    if (this.#isBodyWhole) return this.#takeBody();
    return new Promise((resolve, reject) => {
      this.#reader = { limit, resolve, reject };
      this.#connection.bodyWanted();
    });
  }

  /** The connection takes no further request. */
  closeAfterwards(): void {
    this.#connection.closeAfterwards();
  }

  respond(status: number, fields: string, body: string | Uint8Array): void {
    if (this.answered) return;
    this.answered = true;
    this.#connection.respond(status, fields, body);
  }

  /** `fields` are whole header lines. The head leaves with the first events. */
  startStream(status: number, fields: string): void {
    this.answered = true;
    this.#connection.startStream(status, fields);
  }

  /** Latin-1 text: one character is one byte. False when the client is slow: then `onDrain` says when to go on. */
  write(text: string): boolean {
    return this.#connection.writeChunk(text);
  }

  /** Ends a stream in good order, with the last of its text. */
  end(text: string): void {
    this.#connection.endStream(text);
  }

  /** Ends the connection now, so that nobody takes what was sent for whole. */
  cut(): void {
    this.#connection.destroy();
  }

  /** The request came whole, in the buffer of its head. */
  arrivedWhole(): void {
    const { bytes, contentLength } = this.head;
    if (contentLength > 0) {
      this.#message = bytes;
      this.#size = contentLength;
    }
    this.#isBodyWhole = true;
  }

  bodyBytes(bytes: Buffer): void {
    if (bytes.length === 0) return;
    this.#size += bytes.length;
    if (this.#reader !== null && this.#size > this.#reader.limit) {
      this.#reader.reject(new RequestTooLargeError());
      this.#reader = null;
    }
    // Nobody will read the body of a request that was answered without it.
    if (this.answered) return;
    if (this.#size === bytes.length) this.#body = bytes;
    else if (this.#pieces === null) this.#pieces = [this.#body, bytes];
    else this.#pieces.push(bytes);
  }

  bodyEnded(): void {
    this.#isBodyWhole = true;
    const reader = this.#reader;
    this.#reader = null;
    reader?.resolve(this.#takeBody());
  }

  gone(): void {
    this.#isCut = true;
    this.#reader?.reject(new RequestCutError());
    this.#reader = null;
    this.onGone?.();
  }

  #takeBody(): Buffer {
    const { bodyStart, contentLength } = this.head;
    const message = this.#message;
    this.#message = null;
    if (message !== null) return message.subarray(bodyStart, bodyStart + contentLength);
    const body = this.#pieces === null ? this.#body : Buffer.concat(this.#pieces);
    this.#pieces = null;
    this.#body = EMPTY;
    return body;
  }
}
