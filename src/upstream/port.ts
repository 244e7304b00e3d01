import type { Secret } from '../core/secret.ts';

/** Where a request goes: everything that does not change from one request to the next. */
export interface Destination {
  /** In capitals. */
  readonly method: string;
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

/** How the connection of a request was had, as far as its transport can tell. */
export interface ConnectionTiming {
  /** Milliseconds that connecting took, TLS included; 0 on one that stood, null or absent where nobody can tell. */
  readonly connectTime?: number | null;
  /**
   * When the request was sent again, on the clock of `performance.now()`, because the connection that stood turned out to
   * be closed; 0 for never.
   */
  readonly resentAt?: number;
}

/** One request under way. Exactly one party owns it and must either read the response to its end or cancel. */
export interface Attempt extends ConnectionTiming {
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

/** A request body that comes in pieces. It has one reader, who reads it to its end or cancels it. */
export interface BodyStream {
  /** Its bytes in all where they are known, which the upstream is then told; null sends chunks. */
  readonly length: number | null;
  /** The next bytes, or null at the end. Rejects when no more can be had: what is under way upstream is then cut off. */
  read(): Promise<Uint8Array | null>;
  /** Nobody reads on. After the end it changes nothing. */
  cancel(): void;
}

/** A response whose headers are passed on. */
export interface RelayResponse extends UpstreamResponse {
  /** Every header as it was sent, in its order. */
  fields(): Iterable<readonly [name: string, value: string]>;
}

export interface RelayAttempt extends Attempt {
  readonly response: Promise<RelayResponse>;
}

/** One end of a connection that has left HTTP behind: bytes both ways. */
export interface Tunnel {
  /** Says who hears what comes; until then nothing is read. Call it once. */
  listen(events: TunnelEvents): void;
  /** False when the other side is slow: `drained` follows. */
  write(bytes: Uint8Array): boolean;
  pause(): void;
  resume(): void;
  /** Closes in good order, behind what was written. */
  end(): void;
  /** Closes at once. */
  destroy(): void;
}

export interface TunnelEvents {
  received(bytes: Buffer): void;
  drained(): void;
  /** Nothing comes any more, and nothing can be sent. Heard once, whoever closed. */
  ended(): void;
}

/** The answer to an upgrade: with status 101 a tunnel, otherwise a response like any other. */
export interface UpgradeAnswer {
  readonly status: number;
  header(name: string): string | null;
  readonly tunnel: Tunnel | null;
  /** What there is of the body, up to so many bytes, where it was no upgrade. */
  text(limit: number): Promise<string>;
}

export interface UpgradeAttempt extends ConnectionTiming {
  readonly answer: Promise<UpgradeAnswer>;
  /** Ends it now, the tunnel included. */
  cancel(): void;
}

/** For requests that are known only when they come: any method and path, bodies in pieces, tunnels. */
export interface RelayTransport extends Transport {
  /** On the same connections as prepared requests. Throws an Error for what no request may carry, as `prepare` does. */
  request(destination: Destination, timeouts: Timeouts, body: string | Uint8Array | BodyStream | null): RelayAttempt;
  /**
   * Asks to speak another protocol, with the headers of `upgrade` beside those of the destination. `timeouts` count up
   * to the answer.
   */
  upgrade(destination: Destination, timeouts: Timeouts, upgrade: RequestHeaders): UpgradeAttempt;
}

/** The port that every way of reaching an upstream implements; `conformance.ts` beside it is its one test suite. */
export interface Transport {
  prepare(destination: Destination, timeouts: Timeouts): PreparedRequest;
  statistics(): TransportStatistics;
  /** Requests that wait for a connection to stand; absent where nobody can tell. */
  waiting?(): number;
  /** Closes idle connections; running exchanges go on. */
  close(): void;
}
