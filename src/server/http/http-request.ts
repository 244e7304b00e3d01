import type { CallerText } from '../../gateway/caller-text.ts';
import type { Tunnel } from '../../upstream/port.ts';
import type { HttpConnection } from './http-connection.ts';
import { RequestBody } from './request-body.ts';
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
  /** Takes the place of all that keeps the body, once somebody reads it as it comes. */
  #stream: RequestBody | null = null;

  constructor(connection: HttpConnection, head: RequestHead, startedAt: number) {
    this.#connection = connection;
    this.head = head;
    this.startedAt = startedAt;
  }

  get remoteAddress(): string {
    return this.#connection.remoteAddress;
  }

  get caller(): CallerText | null {
    return this.#connection.caller;
  }

  set caller(caller: CallerText) {
    this.#connection.caller = caller;
  }

  /** Bytes of the body that wait for a reader. */
  get unread(): number {
    if (this.#stream !== null) return this.#stream.unread;
    return this.#reader === null && !this.answered ? this.#size : 0;
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

  /** The body as it comes, in place of the whole one. While nobody reads it, the client is paused. */
  stream(): RequestBody {
    const { contentLength, chunked } = this.head;
    const stream = new RequestBody(this.#connection, chunked ? null : Math.max(0, contentLength));
    this.#stream = stream;
    stream.push(this.#takeBody());
    if (this.#isCut) stream.fail(new RequestCutError());
    else if (this.#isBodyWhole) stream.end();
    return stream;
  }

  /** What has not been read of the body is not wanted any more. */
  dropBody(): void {
    this.#stream?.cancel();
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

  /** For an answer to HEAD, or of a status that has no body; a length among the header lines may still be told. */
  respondWithoutBody(status: number, fields: string): void {
    if (this.answered) return;
    this.answered = true;
    this.#connection.respondWithoutBody(status, fields);
  }

  /** `fields` are whole header lines. The head leaves with the first of the body, whose length in bytes may be given. */
  startStream(status: number, fields: string, length: number | null = null): void {
    this.answered = true;
    this.#connection.startStream(status, fields, length);
  }

  /** Answers 101: the connection now speaks what `fields` name. */
  switchProtocols(fields: string): Tunnel {
    this.answered = true;
    return this.#connection.switchProtocols(fields);
  }

  /** Latin-1 text: one character is one byte. False when the client is slow: then `onDrain` says when to go on. */
  write(text: string): boolean {
    return this.#connection.writeChunk(text);
  }

  /** As `write`, for bytes. */
  writeBytes(bytes: Uint8Array): boolean {
    return this.#connection.writeBytes(bytes);
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
    if (this.#stream !== null) {
      this.#stream.push(bytes);
      return;
    }
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
    this.#stream?.end();
    const reader = this.#reader;
    this.#reader = null;
    reader?.resolve(this.#takeBody());
  }

  gone(): void {
    this.#isCut = true;
    this.#stream?.fail(new RequestCutError());
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
