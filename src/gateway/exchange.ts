import type { TokenCounts } from '../core/neutral.ts';
import type { Operation } from '../core/types.ts';
import type { Dialect } from '../dialects/dialect.ts';
import type { Caller } from '../policies/limits/limiter.ts';
import type { Attempt } from '../upstream/port.ts';
import type { Callable, Endpoint } from './snapshot.ts';

/** What the server hands over: a request whose route is matched and whose body is still to come. */
export interface Incoming {
  readonly dialect: Dialect;
  readonly operation: Operation;
  /** What the path names; null where the body's `model` names it. */
  readonly callable: Callable | null;
  /** The body, once `read` has given it. */
  text: string;
  /** Whether the client says that the body is JSON. */
  readonly isJson: boolean;
  /** Throws a GatewayError for a body that is too large or cannot be decoded. */
  read(): Promise<string>;
  readonly caller: Caller;
  /** When the request came, on the clock of `performance.now()`. */
  readonly startedAt: number;
  /** Calls back when the client leaves, within 100 ms. */
  onClientGone(callback: () => void): void;
}

/** The record of one request, filled in on its way down and read by `settle` at its end. */
export class Exchange {
  readonly incoming: Incoming;
  endpoint: Endpoint | null = null;
  isStream = false;
  /** The one upstream call under way, which ends with the exchange. */
  attempt: Attempt | null = null;
  /** On the clock of `performance.now()`; 0 before. */
  upstreamStartedAt = 0;
  firstByteAt = 0;
  upstreamEndedAt = 0;
  clientGone = false;
  settled = false;
  status = 0;
  usage: TokenCounts | null = null;
  /** Headers that policies add to the answer. */
  headers: Readonly<Record<string, string>> | null = null;

  constructor(incoming: Incoming) {
    this.incoming = incoming;
  }

  /** The client has left: nobody waits for the upstream any more. */
  abandon(): void {
    this.clientGone = true;
    this.attempt?.cancel();
  }
}
