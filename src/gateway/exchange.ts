import type { Usage } from '../core/neutral/usage.ts';
import { scrub } from '../core/secret.ts';
import type { Operation } from '../core/types.ts';
import type { Dialect, RequestPath } from '../dialects/dialect.ts';
import type { Caller } from '../policies/limits/limiter.ts';
import type { RequestHeaders, UpstreamResponse } from '../upstream/port.ts';
import type { Callable, Endpoint, PassThrough, Translation } from './snapshot.ts';

/** What the server hands over: a request whose route is matched and whose body is still to come. */
export interface Incoming {
  readonly dialect: Dialect;
  readonly operation: Operation;
  readonly path: RequestPath;
  /** What the path names; null where the body's `model` names it. */
  readonly callable: Callable | null;
  /** What of the client's headers goes upstream. */
  readonly headerPolicy: HeaderPolicy;
  /** The body, once `read` has given it. */
  text: string;
  /** Whether the client says that the body is JSON. */
  readonly isJson: boolean;
  /** At once where the body has arrived. Throws a GatewayError for one that is too large or cannot be decoded. */
  read(): string | Promise<string>;
  readonly caller: Caller;
  /** Every header of the request, names in lower case. */
  headerFields(): Iterable<readonly [name: string, value: string]>;
  /** When the request came, on the clock of `performance.now()`. */
  readonly startedAt: number;
  /** Called when the client leaves before its answer is complete. */
  onClientGone: (() => void) | null;
  /** The whole answer. `fields` are header lines, each with its line end. */
  respond(status: number, fields: string, body: string): void;
  /** Begins an answer whose length is not known. */
  startStream(status: number, fields: string): void;
  /** Latin-1 text, one character a byte. False when the client is slow: `onDrain` is called when it has caught up. */
  write(text: string): boolean;
  onDrain: (() => void) | null;
  /** Ends the stream, with the last of its text. */
  end(text: string): void;
}

/**
 * `known`: what the upstream is known to understand. `all`: everything that is not meant for the gateway, and a coding
 * agent's own credential, as MLflow's gateway does it on its pass-through routes.
 */
export type HeaderPolicy = 'known' | 'all';

/** The record of one request, filled in on its way down and read by `settle` at its end. */
export class Exchange {
  readonly incoming: Incoming;
  endpoint: Endpoint | null = null;
  isStream = false;
  /** Of the endpoint's upstreams, the one that serves this request. */
  upstream: PassThrough | Translation | null = null;
  /** What goes on upstream, and ends with the exchange. */
  attempt: { cancel(): void } | null = null;
  /** On the clock of `performance.now()`; 0 before. */
  upstreamStartedAt = 0;
  firstByteAt = 0;
  upstreamEndedAt = 0;
  clientGone = false;
  settled = false;
  status = 0;
  usage: Usage | null = null;
  /** What the provider could not take, as `x-sluice-changed` names it; null for nothing. */
  changes: string | null = null;
  /** The client's names of tools by those that the provider was given; null where they are the same. */
  toolNames: ReadonlyMap<string, string> | null = null;
  /** How the upstream named the request. */
  upstreamRequestId: string | null = null;
  /** Headers that were made for this request; its errors are scrubbed of the credentials in them. */
  addedHeaders: RequestHeaders = NO_HEADERS;
  /** Headers that policies add to the answer. */
  headers: Readonly<Record<string, string>> | null = null;

  constructor(incoming: Incoming) {
    this.incoming = incoming;
  }

  /** The head of the upstream's response is there. */
  received(response: UpstreamResponse): void {
    this.firstByteAt = performance.now();
    const id = this.upstream === null ? null : response.header(this.upstream.requestIdHeader);
    if (id !== null && REQUEST_ID.test(id)) this.upstreamRequestId = scrub(id, this.endpoint?.secrets ?? []);
  }

  /** The client has left: nobody waits for the upstream any more. */
  abandon(): void {
    this.clientGone = true;
    this.attempt?.cancel();
  }
}

/** An id goes back to the client in a header: nothing but what names are made of. */
const REQUEST_ID = /^[\x21-\x7e]{1,200}$/;

const NO_HEADERS: RequestHeaders = [];
