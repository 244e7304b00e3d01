import { type BodyDecoder, bodyDecoder } from '../../core/http1/body-decoder.ts';
import { BadMessageError, HeadParser } from '../../core/http1/head-parser.ts';
import { ContentDecoder } from '../content-decoder.ts';
import { badResponse, cancelledFailure, closedFailure, type TimeoutFailure, timeoutFailure } from '../failures.ts';
import { IncomingResponse } from '../incoming-response.ts';
import { type BodyStream, type RelayAttempt, type RelayResponse, UpstreamError } from '../port.ts';
import { NEVER } from '../sweeper.ts';
import type { Connection } from './connection.ts';
import { Inbox, type InboxOwner } from './inbox.ts';
import { ResponseHead } from './response-head.ts';
import type { SendableRequest } from './socket-request.ts';
import { Upload } from './upload.ts';

/** The connection is paused while more than this waits for the reader. */
const UNREAD_LIMIT_BYTES = 262_144;

const createHead = () => new ResponseHead();

/** One request under way: what its connection reports becomes the response, and every way to fail ends here. */
export class Exchange implements RelayAttempt, InboxOwner {
  readonly response: Promise<RelayResponse>;
  /** Whether a byte of the request was handed to a connection. */
  dispatched = false;
  connectTime: number | null = 0;
  resentAt = 0;
  #connectingSince = 0;
  readonly #request: SendableRequest;
  /** Kept until a response comes, for a second try. */
  #body: string | Uint8Array | null;
  /** Instead of `#body`: one that comes in pieces, and cannot be sent twice. */
  readonly #upload: Upload | null;
  readonly #resolve: (response: RelayResponse) => void;
  readonly #reject: (error: UpstreamError) => void;
  #connection: Connection | null = null;
  #parser: HeadParser<ResponseHead> | null = null;
  #decoder: BodyDecoder | null = null;
  #inbox: Inbox | null = null;
  #keepAlive = false;
  #over = false;
  #deadline = NEVER;
  #stage: 'connect' | 'firstByte' | 'idle' = 'connect';
  readonly #totalDeadline: number;

  constructor(request: SendableRequest, body: string | Uint8Array | null, stream: BodyStream | null = null) {
    const { promise, resolve, reject } = Promise.withResolvers<RelayResponse>();
    this.response = promise;
    this.#resolve = resolve;
    this.#reject = reject;
    this.#request = request;
    this.#body = body;
    this.#totalDeadline = request.pool.context.sweeper.deadline(request.timeouts.total);
    this.#upload = stream === null ? null : new Upload(stream, this);
    if (stream === null) request.pool.run(this);
    else request.pool.runOnce(this);
  }

  cancel(): void {
    if (!this.#over) this.fail(cancelledFailure(this.dispatched));
    else this.#inbox?.close(cancelledFailure(true), true);
  }

  connecting(connection: Connection): void {
    this.#connection = connection;
    this.connectTime = null;
    this.#connectingSince = performance.now();
    this.#await('connect');
  }

  connected(connection: Connection): void {
    this.#connection = connection;
    this.dispatched = true;
    if (this.connectTime === null) this.connectTime = performance.now() - this.#connectingSince;
    this.#await('firstByte');
    if (this.#upload !== null) {
      this.#upload.begin(connection, this.#request);
      return;
    }
    const body = this.#body ?? '';
    const bodyBytes = typeof body === 'string' ? Buffer.byteLength(body) : body.length;
    connection.send(this.#request.head(this.#body === null ? null : bodyBytes), body, bodyBytes);
  }

  /** Bytes of the request are moving, so the wait for the response has not begun. */
  sending(): void {
    if (this.#stage === 'firstByte' && this.#inbox === null) this.#await('firstByte');
  }

  /** What was handed to the connection has left. */
  sent(): void {
    this.#upload?.drained();
  }

  /** The next piece of the body is awaited from its source: the upstream has nothing to answer yet. */
  uploadWaits(): void {
    if (this.#stage === 'firstByte' && this.#inbox === null) this.#deadline = NEVER;
  }

  received(bytes: Buffer): void {
    try {
      if (this.#decoder !== null) this.#take(this.#decoder, bytes);
      else if (this.#inbox === null) this.#readHead(bytes);
    } catch (error) {
      if (error instanceof UpstreamError) this.fail(error);
      else if (error instanceof BadMessageError) this.fail(badResponse(this.#request.pool.label, error.message));
      else throw error;
    }
  }

  connectionEnded(error: Error | undefined): void {
    const connection = this.#connection;
    this.#connection = null;
    if (error === undefined && this.#decoder?.endsWithConnection === true) {
      this.#over = true;
      this.#upload?.stop();
      this.#inbox?.end();
      return;
    }
    // The server closed an idle connection just as we took it: that request was not read, a fresh connection may try.
    if (connection?.reused === true && this.#parser === null && this.#inbox === null) {
      this.resentAt = performance.now();
      this.#request.pool.runOnFresh(this);
      return;
    }
    this.#end(closedFailure(this.#request.pool.label, error, this.dispatched), false);
  }

  fail(error: UpstreamError): void {
    this.#end(error, true);
  }

  sweep(now: number): void {
    const { timeouts } = this.#request;
    if (now >= this.#totalDeadline) this.#timeout('total_timeout', timeouts.total);
    else if (now < this.#deadline) return;
    else if (this.#stage === 'connect') this.#timeout('connect_timeout', timeouts.connect);
    else if (this.#stage === 'firstByte') this.#timeout('first_byte_timeout', timeouts.firstByte);
    else this.#timeout('idle_timeout', timeouts.idle);
  }

  readerWaits(): void {
    if (!this.#over) this.#await('idle');
  }

  inboxEmptied(): void {
    this.#connection?.resume();
  }

  #await(stage: 'connect' | 'firstByte' | 'idle'): void {
    this.#stage = stage;
    this.#deadline = this.#request.pool.context.sweeper.deadline(this.#request.timeouts[stage]);
  }

  #timeout(failure: TimeoutFailure, milliseconds: number): void {
    this.fail(timeoutFailure(failure, this.#request.pool.label, milliseconds, this.dispatched));
  }

  #readHead(bytes: Buffer): void {
    this.#parser ??= new HeadParser(createHead);
    const head = this.#parser.push(bytes);
    if (head === null) return;
    this.#parser = null;
    this.#body = null;
    const label = this.#request.pool.label;
    const inbox = new Inbox(this);
    const contentDecoder = ContentDecoder.for(head.contentEncoding ?? '', label, inbox);
    this.#inbox = inbox;
    this.#deadline = NEVER;
    // Before the body, so that a body broken from its first byte fails where bodies fail.
    this.#resolve(new IncomingResponse(head.status, label, head, inbox, contentDecoder));
    this.#readFirstBody(head);
  }

  #readFirstBody(head: ResponseHead): void {
    const { bodyStart, bodyEnd, contentLength } = head;
    if (this.#request.isHead) {
      this.#complete(head.keepAlive && bodyEnd === bodyStart);
      return;
    }
    if (contentLength === bodyEnd - bodyStart) {
      // The common case: one response, one event, no decoder.
      if (contentLength > 0) this.#inbox?.whole(head.bytes, bodyStart, bodyEnd);
      this.#complete(head.keepAlive);
      return;
    }
    this.#decoder = bodyDecoder(head);
    this.#keepAlive = head.keepAlive;
    this.#take(this.#decoder, head.bytes.subarray(bodyStart, bodyEnd));
  }

  #take(decoder: BodyDecoder, bytes: Buffer): void {
    const inbox = this.#inbox;
    if (inbox === null) return;
    const data = decoder.decode(bytes);
    if (data.length > 0) this.#deadline = NEVER;
    inbox.push(data);
    if (decoder.done) this.#complete(this.#keepAlive && !decoder.surplus);
    else if (inbox.size > UNREAD_LIMIT_BYTES) this.#connection?.pause();
  }

  #complete(reusable: boolean): void {
    const connection = this.#connection;
    this.#over = true;
    this.#connection = null;
    this.#inbox?.end();
    // An answer to half a request: the other half can no longer be told from the next request.
    const isSent = this.#upload === null || this.#upload.done;
    this.#upload?.stop();
    connection?.release(reusable && isSent);
  }

  #end(error: UpstreamError, discard: boolean): void {
    if (this.#over) return;
    this.#over = true;
    this.#upload?.stop();
    this.#connection?.destroy();
    this.#connection = null;
    if (this.#inbox !== null) {
      this.#inbox.close(error, discard);
      return;
    }
    // Whoever cancels no longer awaits the response; an unhandled rejection would end the process.
    this.response.catch(() => {});
    this.#reject(error);
  }
}
