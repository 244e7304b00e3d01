import type { Capture } from '../core/capture/capture.ts';
import type { GatewayError } from '../core/errors.ts';
import type { Definition, DefinitionCache } from '../core/ledger/definition.ts';
import type { RequestIds } from '../core/ledger/request-id.ts';
import type { Usage } from '../core/neutral/usage.ts';
import { scrub } from '../core/secret.ts';
import type { Operation } from '../core/types.ts';
import type { Dialect, RequestPath } from '../dialects/dialect.ts';
import type { Caller } from '../policies/limits/limiter.ts';
import type { ConnectionTiming, RequestHeaders, UpstreamResponse } from '../upstream/port.ts';
import type { PartialAttempt } from './attempts.ts';
import type { EndpointMetrics } from './endpoint-metrics.ts';
import { secretsOf } from './exchange-secrets.ts';
import type { Callable, Endpoint, PassThrough, Snapshot, Translation } from './snapshot.ts';
import { type Trace, traceOf } from './trace.ts';

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
  /** Bytes of the body that came so far, as they were sent. */
  readonly bodyBytes: number;
  /** What the headers say of who asks: members of the request's record, each with a comma before it. */
  callerMembers(): Definition;
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

/** Keeps records. Nothing of it throws, and what finds no place is counted as lost. */
export interface Journal {
  /** Takes the text of a record at once. What is `isQuiet` waits for the next record. */
  append(text: string, isQuiet?: boolean): void;
  /**
   * Begins a plain record with so many bytes of the upstream's name for the request, and writes its definitions. Returns
   * the index of its first word in `words`, or -1 where there is no room. All other words are to be written at once.
   */
  begin(
    shape: Definition,
    caller: Definition | null,
    bodyCaller: Definition | null,
    maker: Definition,
    idBytes: number,
  ): number;
  /** Where the record that was begun is written; another one each time. */
  readonly words: Int32Array;
  /** Ends the record that was begun. */
  commit(): void;
}

/** Where requests leave their records. One a worker. */
export interface Recorder {
  readonly ids: RequestIds;
  /** Null where nobody keeps records. */
  readonly journal: Journal | null;
  /** What bodies say of who asks. */
  readonly bodyCallers: DefinitionCache;
  /** A record could not be made. */
  readonly lost?: (cause: unknown) => void;
  /** Takes the texts of a request, if there is room for them. Absent where none are kept. */
  readonly capture?: (capture: Capture) => void;
}

/** The record of one request, filled in on its way down and read by `settle` at its end. */
export class Exchange {
  readonly incoming: Incoming;
  readonly recorder: Recorder;
  /** The metrics of requests that end before their endpoint is known. */
  readonly unrouted: EndpointMetrics;
  /** Milliseconds since 1970. */
  readonly time: number;
  /** `x-request-id` of the answer. */
  readonly id: string;
  /** The count in the id; -1 where its time is another than `time`. */
  readonly idCount: number;
  readonly trace: Trace | null;
  /** What is recorded as surface and operation where it is not the dialect's. */
  surface: string | null = null;
  operation: string | null = null;
  endpoint: Endpoint | null = null;
  /** The traffic route that chose the endpoint. */
  route: string | null = null;
  isStream = false;
  /** Of the endpoint's upstreams, the one that serves this request. */
  upstream: PassThrough | Translation | null = null;
  /** What goes on upstream, and ends with the exchange. */
  attempt: ({ cancel(): void } & ConnectionTiming) | null = null;
  /** Of a request that takes several calls. */
  attempts: PartialAttempt[] | null = null;
  /** All of these on the clock of `performance.now()`; 0 before. The body was there: */
  receivedAt = 0;
  /** Checked, routed and allowed by the policies. */
  admittedAt = 0;
  upstreamStartedAt = 0;
  firstByteAt = 0;
  /** The first events of a stream went to the client. */
  firstTokenAt = 0;
  upstreamEndedAt = 0;
  /** When the last time was looked at before the end; 0 where that is not the end yet. */
  endedAt = 0;
  clientGone = false;
  settled = false;
  status = 0;
  /** What the client got, or would have. */
  error: GatewayError | null = null;
  /** Of the upstream's answer; 0 where none came. */
  upstreamStatus = 0;
  usage: Usage | null = null;
  isUsageEstimated = false;
  /** What the answer says of itself. The finish reason is in OpenAI's words. */
  servedModel: string | null = null;
  finishReason: string | null = null;
  /** What the body says of who asks: members of the record, each with a comma before it. */
  bodyCallerText = '';
  responseBytes = 0;
  /** What came beside the body: of a conversation, all that the client said. */
  furtherBytes = 0;
  /** Of a relay: the host and port of the upstream, as a member of the record. */
  serverText = '';
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

  constructor(incoming: Incoming, { recorder, sampler, unrouted }: Snapshot) {
    this.incoming = incoming;
    this.unrouted = unrouted;
    this.recorder = recorder;
    this.time = Date.now();
    const { ids } = recorder;
    this.id = ids.next(this.time);
    this.idCount = ids.time === this.time ? ids.count : -1;
    this.trace = traceOf(incoming.caller.header('traceparent'), sampler);
  }

  /** The head of the upstream's response is there. */
  received(response: UpstreamResponse): void {
    this.firstByteAt = performance.now();
    this.upstreamStatus = response.status;
    const id = this.upstream === null ? null : response.header(this.upstream.requestIdHeader);
    if (id !== null && REQUEST_ID.test(id)) this.upstreamRequestId = scrub(id, secretsOf(this));
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
