import type { Secret } from '../core/secret.ts';

/** Where a request goes: everything that does not change from one request to the next. */
export interface Destination {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  readonly headers: ReadonlyArray<readonly [name: string, value: string | Secret]>;
}

/** All in milliseconds; 0 means no limit. */
export interface Timeouts {
  /** Until the connection (TCP, TLS and, where there is one, the proxy tunnel) stands. */
  readonly connect: number;
  /** From the request being sent to the response head. */
  readonly firstByte: number;
  /** Between two reads of the body, while the reader waits. */
  readonly idle: number;
  /** The whole exchange. */
  readonly total: number;
}

export type UpstreamFailure =
  | 'connect_failed'
  | 'connect_timeout'
  | 'first_byte_timeout'
  | 'idle_timeout'
  | 'total_timeout'
  /** The connection ended before the response was whole. */
  | 'closed'
  /** The bytes received are no valid HTTP/1.1 response. */
  | 'bad_response'
  /** More bytes than the reader allows. */
  | 'too_large'
  /** `cancel()` was called. */
  | 'cancelled';

export class UpstreamError extends Error {
  readonly failure: UpstreamFailure;
  /** False when no byte of the request can have reached the upstream's application. */
  readonly dispatched: boolean;

  constructor(failure: UpstreamFailure, message: string, dispatched: boolean, cause?: unknown) {
    super(message, { cause });
    this.name = 'UpstreamError';
    this.failure = failure;
    this.dispatched = dispatched;
  }
}

export interface UpstreamResponse {
  readonly status: number;
  /** The value of a header, its name in lower case; null when absent. */
  header(name: string): string | null;
  /** The whole body, decoded of any content encoding. Rejects with `too_large` beyond `limit` bytes. */
  bytes(limit: number): Promise<Uint8Array>;
  /** The same as text, from UTF-8: at once where it has arrived already. */
  text(limit: number): string | Promise<string>;
  /**
   * The next bytes as they come, or null at the proper end of the body. While nobody reads, the connection is paused,
   * so a slow reader slows the upstream. Rejects with an UpstreamError when the body is cut, malformed or too slow.
   */
  read(): Promise<Uint8Array | null>;
}

/** One request under way. Exactly one party owns it and must either read the response to its end or cancel. */
export interface Attempt {
  readonly response: Promise<UpstreamResponse>;
  /** Ends the exchange now and closes its connection. Safe to call at any time, more than once. */
  cancel(): void;
}

/** A destination compiled once, when the snapshot is made, so that a request only adds its body. */
export interface PreparedRequest {
  /**
   * `headers` belong to this one request, such as a signature; they take the place of the destination's of the same
   * name. Throws an Error for those that no request may carry, as `prepare` does.
   */
  send(body: string | Uint8Array | null, headers?: RequestHeaders): Attempt;
}

export type RequestHeaders = ReadonlyArray<readonly [name: string, value: string]>;

export interface TransportStatistics {
  /** Connections open now, and those of them that wait for a request. */
  readonly open: number;
  readonly idle: number;
}

/** The port that every way of reaching an upstream implements; `conformance.ts` beside it is its one test suite. */
export interface Transport {
  prepare(destination: Destination, timeouts: Timeouts): PreparedRequest;
  statistics(): TransportStatistics;
  /** Closes idle connections; running exchanges go on. */
  close(): void;
}
