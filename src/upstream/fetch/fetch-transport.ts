import { type CompiledDestination, compileDestination, withHeaders } from '../compiled-destination.ts';
import type {
  Attempt,
  Destination,
  PreparedRequest,
  RequestHeaders,
  Timeouts,
  Transport,
  TransportStatistics,
} from '../port.ts';
import { Sweeper } from '../sweeper.ts';
import { FetchExchange } from './fetch-exchange.ts';

export interface FetchTransportOptions {
  /** The URL of the proxy that every request goes through, with its credentials; null for the direct way. */
  readonly proxy: string | null;
  /** PEM certificates to trust in place of the built-in roots and those that the environment adds. */
  readonly certificateAuthorities?: string;
}

/** What every request of a transport shares. */
export interface FetchContext {
  readonly sweeper: Sweeper;
  readonly proxy: Bun.FetchProxyOption;
  /** `host:port` of the proxy, for messages; null without one. */
  readonly proxyLabel: string | null;
  readonly certificateAuthorities: string | undefined;
  /** Exchanges under way. */
  running: number;
}

/**
 * The port over `fetch`, for the ways that lead through a proxy: a well-kept implementation of tunnels is worth more
 * there than the time that our own client saves. `fetch` does not tell when a connection stands, so the limits of
 * `connect` and `firstByte` count as one, and `statistics` counts an exchange as a connection.
 */
export class FetchTransport implements Transport {
  readonly #context: FetchContext;

  constructor(options: FetchTransportOptions) {
    const proxy = options.proxy === null ? null : new URL(options.proxy);
    this.#context = {
      sweeper: new Sweeper(),
      // The exceptions are decided before: with `respectNoProxy`, Bun would read them again, from its own environment.
      proxy: proxy === null ? false : { url: proxy, respectNoProxy: false },
      proxyLabel: proxy === null ? null : `${proxy.hostname}:${proxy.port || (proxy.protocol === 'https:' ? 443 : 80)}`,
      certificateAuthorities: options.certificateAuthorities,
      running: 0,
    };
  }

  prepare(destination: Destination, timeouts: Timeouts): PreparedRequest {
    return new FetchRequest(compileDestination(destination), timeouts, this.#context);
  }

  statistics(): TransportStatistics {
    return { open: this.#context.running, idle: 0 };
  }

  /** Nothing to do: `fetch` keeps its own idle connections, and closes them by itself. */
  close(): void {}
}

class FetchRequest implements PreparedRequest {
  readonly #destination: CompiledDestination;
  readonly #timeouts: Timeouts;
  readonly #context: FetchContext;

  constructor(destination: CompiledDestination, timeouts: Timeouts, context: FetchContext) {
    this.#destination = destination;
    this.#timeouts = timeouts;
    this.#context = context;
  }

  send(body: string | Uint8Array | null, headers?: RequestHeaders): Attempt {
    const destination = headers === undefined ? this.#destination : withHeaders(this.#destination, headers);
    return new FetchExchange(destination, this.#timeouts, this.#context, body);
  }
}
