import type { Socket } from 'bun';
import { type BodyDecoder, bodyDecoder } from '../../core/http1/body-decoder.ts';
import { BadMessageError, HeadParser, HeadTooLargeError } from '../../core/http1/head-parser.ts';
import type { CallerText } from '../../gateway/caller-text.ts';
import { NEVER, type Sweepable } from '../../upstream/sweeper.ts';
import { AnswerFraming } from './answer-framing.ts';
import { HttpRequest } from './http-request.ts';
import type { HttpServer } from './http-server.ts';
import { Outbox } from './outbox.ts';
import { RequestHead } from './request-head.ts';
import { dateField, statusLine } from './response-text.ts';
import { ServerTunnel } from './server-tunnel.ts';

/** From the first byte of a request to the end of its head; not longer for a client that sends it drop by drop. */
const HEAD_MILLISECONDS = 30_000;
/** Between two requests. */
const IDLE_MILLISECONDS = 120_000;
/** Between two pieces of a body, and for a client that takes nothing of its answer. */
const STALL_MILLISECONDS = 120_000;
/** For a client to take the answer to a request that it has not finished sending. */
const LINGER_MILLISECONDS = 2000;

/** Reading pauses while more than this waits: of a body that nobody reads yet, or of requests behind the current one. */
const UNREAD_LIMIT_BYTES = 262_144;

const createHead = () => new RequestHead();

/** One client connection: requests one after another, each answered before the next is read. */
export class HttpConnection implements Sweepable {
  readonly #server: HttpServer;
  readonly #socket: Socket<HttpConnection>;
  #parser: HeadParser<RequestHead> | null = null;
  #request: HttpRequest | null = null;
  #decoder: BodyDecoder | null = null;
  /** Bytes behind the current request: the client did not wait for its answer. */
  #ahead: Buffer | null = null;
  readonly #outbox: Outbox;
  readonly #framing = new AnswerFraming();
  #tunnel: ServerTunnel | null = null;
  /** The whole answer to the current request was given. */
  #isAnswered = false;
  #keepAlive = true;
  #paused = false;
  #closing = false;
  #over = false;
  #deadline: number;

  constructor(server: HttpServer, socket: Socket<HttpConnection>) {
    this.#server = server;
    this.#socket = socket;
    this.remoteAddress = socket.remoteAddress ?? '';
    this.#outbox = new Outbox(socket);
    this.#deadline = server.sweeper.deadline(HEAD_MILLISECONDS);
    server.sweeper.add(this);
  }

  /** What the last request of the connection said of who asks. */
  caller: CallerText | null = null;
  /** Asked for at once: a socket that has closed knows it no more, and the record of a client that left needs it. */
  readonly remoteAddress: string;

  received(bytes: Buffer): void {
    if (this.#over || this.#closing) return;
    try {
      if (this.#tunnel !== null) this.#tunnel.received(bytes);
      else if (this.#request === null) this.#readHead(bytes);
      else if (this.#decoder !== null) this.#readBody(this.#decoder, bytes);
      else this.#keepAhead(bytes);
    } catch (error) {
      if (!(error instanceof BadMessageError)) throw error;
      this.#refuse(error);
    }
  }

  drained(): void {
    if (this.#over || this.#outbox.isEmpty) return;
    this.#outbox.flush();
    if (!this.#outbox.isEmpty) return this.#watchOutbox();
    if (this.#closing) {
      this.#endSocket();
    } else if (this.#request === null) {
      this.#next();
    } else {
      this.#deadline = NEVER;
      if (this.#tunnel !== null) this.#tunnel.drained();
      else this.#request.onDrain?.();
    }
  }

  ended(): void {
    if (this.#over) return;
    this.#over = true;
    this.#server.forget(this);
    const request = this.#request;
    this.#request = null;
    this.#outbox.clear();
    if (this.#tunnel !== null) this.#tunnel.ended();
    else request?.gone();
  }

  sweep(now: number): void {
    if (now < this.#deadline) return;
    if (this.#closing || this.#request !== null || !this.#outbox.isEmpty) this.destroy();
    else if (this.#parser !== null) this.#answerHead(408, 'The request head did not arrive in time.');
    else this.#endSocket();
  }

  /** No further request is taken: closes now when idle, otherwise after the answer. */
  drain(): void {
    this.#keepAlive = false;
    if (this.#request === null && this.#outbox.isEmpty) this.#endSocket();
  }

  /** No request of this connection is taken. */
  turnAway(): void {
    this.#answerHead(503, 'The gateway has as many connections as it can keep open.');
  }

  closeAfterwards(): void {
    this.#keepAlive = false;
  }

  destroy(): void {
    const socket = this.#socket;
    this.ended();
    socket.terminate();
  }

  /** The body's reader has come, or wants more. */
  bodyWanted(): void {
    const head = this.#request?.head;
    if (head?.expectsContinue === true && this.#request?.answered === false) {
      head.expectsContinue = false;
      this.#outbox.text('HTTP/1.1 100 Continue\r\n\r\n', 25);
    }
    this.#resume();
  }

  respond(status: number, fields: string, body: string | Uint8Array): void {
    if (this.#over || this.#closing) return;
    const length = typeof body === 'string' ? Buffer.byteLength(body) : body.length;
    const head = `${this.#head(status, fields)}content-length: ${length}\r\n\r\n`;
    if (this.#request?.head.method === 'HEAD') this.#outbox.text(head, head.length);
    else this.#outbox.message(head, body, length);
    this.#watchOutbox();
    this.#finish();
  }

  /** An answer that has no body, whatever its header lines say of one: to HEAD, or of a status that never has one. */
  respondWithoutBody(status: number, fields: string): void {
    if (this.#over || this.#closing) return;
    const head = `${this.#head(status, fields)}\r\n`;
    this.#outbox.text(head, head.length);
    this.#watchOutbox();
    this.#finish();
  }

  /** `length` is that of the body in bytes, null where it is not known. */
  startStream(status: number, fields: string, length: number | null): void {
    const takesChunks = this.#request?.head.isOld === false;
    // Without chunks or a length the end of the connection is the end of the answer.
    if (!takesChunks && length === null) this.#keepAlive = false;
    this.#framing.begin(this.#head(status, fields), length, takesChunks);
  }

  writeBytes(bytes: Uint8Array): boolean {
    if (this.#over) return true;
    for (const part of this.#framing.bytes(bytes)) this.#outbox.bytes(part);
    this.#watchOutbox();
    return this.#outbox.isEmpty;
  }

  /** After this the connection speaks what `fields` name, and nobody reads it as HTTP again. */
  switchProtocols(fields: string): ServerTunnel {
    const head = `${statusLine(101)}connection: Upgrade\r\n${fields}\r\n`;
    const tunnel = new ServerTunnel(this, this.#ahead);
    this.#ahead = null;
    this.#keepAlive = false;
    this.#tunnel = tunnel;
    this.#outbox.text(head, head.length);
    this.#watchOutbox();
    if (this.#over) tunnel.ended();
    return tunnel;
  }

  tunnelWrite(bytes: Uint8Array): boolean {
    this.#outbox.bytes(bytes);
    this.#watchOutbox();
    return this.#outbox.isEmpty;
  }

  tunnelPause(): void {
    this.#pause();
  }

  tunnelResume(): void {
    this.#resume();
  }

  tunnelEnd(): void {
    if (this.#outbox.isEmpty) this.#endSocket();
    else this.#closing = true;
  }

  writeChunk(text: string): boolean {
    if (this.#over) return true;
    this.#outbox.latin1(this.#framing.text(text));
    this.#watchOutbox();
    return this.#outbox.isEmpty;
  }

  endStream(text: string): void {
    if (this.#over) return;
    this.#outbox.latin1(this.#framing.lastText(text));
    this.#watchOutbox();
    this.#finish();
  }

  #head(status: number, fields: string): string {
    const request = this.#request;
    // What is left of a body would have to be read over before the next request; a long one is not worth it.
    if (request !== null && !request.isBodyWhole) {
      const { contentLength } = request.head;
      if (contentLength < 0 || contentLength > UNREAD_LIMIT_BYTES) this.#keepAlive = false;
    }
    const connection = this.#keepAlive
      ? request?.head.isOld === true
        ? 'connection: keep-alive\r\n'
        : ''
      : 'connection: close\r\n';
    return statusLine(status) + dateField(performance.now()) + fields + connection;
  }

  #readHead(bytes: Buffer): void {
    if (this.#parser === null) {
      this.#parser = new HeadParser(createHead);
      this.#deadline = this.#server.sweeper.deadline(HEAD_MILLISECONDS);
    }
    const head = this.#parser.push(bytes);
    if (head === null) return;
    this.#parser = null;
    this.#deadline = NEVER;
    this.#keepAlive = head.keepAlive && !this.#server.isDraining;
    const request = new HttpRequest(this, head, performance.now());
    this.#request = request;
    this.#isAnswered = false;
    this.#readFirstBody(request, head);
    this.#server.handle(request);
  }

  #readFirstBody(request: HttpRequest, head: RequestHead): void {
    const { bodyStart, bodyEnd, contentLength } = head;
    const length = contentLength < 0 && !head.chunked ? 0 : contentLength;
    if (length >= 0 && bodyEnd - bodyStart >= length) {
      // The common case: one request, one event, no decoder.
      const body = bodyStart + length;
      request.arrivedWhole();
      if (bodyEnd > body) this.#keepAhead(head.bytes.subarray(body, bodyEnd));
      return;
    }
    this.#decoder = bodyDecoder(head);
    this.#readBody(this.#decoder, head.bytes.subarray(bodyStart, bodyEnd));
  }

  #readBody(decoder: BodyDecoder, bytes: Buffer): void {
    const request = this.#request;
    if (request === null) return;
    this.#deadline = this.#server.sweeper.deadline(STALL_MILLISECONDS);
    const data = decoder.decode(bytes);
    const { taken } = decoder;
    request.bodyBytes(data);
    if (!decoder.done) {
      // The answer is given: a rest that does not end is not read over for ever.
      if (request.answered && request.received > request.head.contentLength + UNREAD_LIMIT_BYTES) this.destroy();
      if (request.unread > UNREAD_LIMIT_BYTES) this.#pause();
      return;
    }
    this.#decoder = null;
    this.#deadline = NEVER;
    if (decoder.surplus) this.#keepAhead(bytes.subarray(taken));
    request.bodyEnded();
    if (this.#isAnswered) this.#finish();
  }

  #keepAhead(bytes: Buffer): void {
    this.#ahead = this.#ahead === null ? bytes : Buffer.concat([this.#ahead, bytes]);
    if (this.#ahead.length > UNREAD_LIMIT_BYTES) this.#pause();
  }

  /** The answer was given; what remains is to send it, and to read over what is left of the request. */
  #finish(): void {
    const request = this.#request;
    if (request === null || this.#over) return;
    this.#isAnswered = true;
    if (!this.#keepAlive) {
      this.#close(request.isBodyWhole);
      return;
    }
    if (!request.isBodyWhole) {
      request.dropBody();
      this.#deadline = this.#server.sweeper.deadline(STALL_MILLISECONDS);
      this.#resume();
      return;
    }
    this.#request = null;
    this.#deadline = this.#server.sweeper.deadline(this.#outbox.isEmpty ? IDLE_MILLISECONDS : STALL_MILLISECONDS);
    if (this.#outbox.isEmpty && this.#ahead !== null) queueMicrotask(() => this.#next());
  }

  #next(): void {
    const ahead = this.#ahead;
    if (this.#over || this.#request !== null || this.#closing) return;
    this.#deadline = this.#server.sweeper.deadline(IDLE_MILLISECONDS);
    if (ahead === null) {
      if (this.#server.isDraining) this.#endSocket();
      return;
    }
    this.#ahead = null;
    this.#resume();
    this.received(ahead);
  }

  /** The request cannot be read to its end, and so nothing behind it. */
  #refuse(error: BadMessageError): void {
    const request = this.#request;
    if (request?.answered === true) return this.destroy();
    if (error instanceof HeadTooLargeError) this.#answerHead(431, 'The request head is too large.');
    else this.#answerHead(400, `The request is not valid HTTP/1.1: ${error.message}.`);
    request?.gone();
  }

  #answerHead(status: number, message: string): void {
    this.#parser = null;
    this.#keepAlive = false;
    const body = JSON.stringify({ detail: message });
    const head = this.#head(status, 'content-type: application/json\r\n');
    this.#outbox.message(`${head}content-length: ${body.length}\r\n\r\n`, body, body.length);
    this.#close(false);
  }

  /** Bytes that come after the close would be answered by a reset, which can destroy the answer on its way. */
  #close(isRequestWhole: boolean): void {
    this.#closing = true;
    this.#request = null;
    this.#deadline = this.#server.sweeper.deadline(this.#outbox.isEmpty ? LINGER_MILLISECONDS : STALL_MILLISECONDS);
    if (!this.#outbox.isEmpty) return;
    if (isRequestWhole) this.#endSocket();
    else this.#socket.shutdown();
  }

  #endSocket(): void {
    const socket = this.#socket;
    this.ended();
    socket.end();
  }

  /** A client that takes nothing of what waits is given up. */
  #watchOutbox(): void {
    if (!this.#outbox.isEmpty) this.#deadline = this.#server.sweeper.deadline(STALL_MILLISECONDS);
  }

  #pause(): void {
    if (this.#paused) return;
    this.#paused = true;
    // That nothing comes is now our own doing.
    if (this.#outbox.isEmpty) this.#deadline = NEVER;
    this.#socket.pause();
  }

  #resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    if (this.#decoder !== null) this.#deadline = this.#server.sweeper.deadline(STALL_MILLISECONDS);
    this.#socket.resume();
  }
}
