import { type CompiledDestination, compileDestination, withHeaders } from '../compiled-destination.ts';
import type {
  Attempt,
  BodyStream,
  Destination,
  PreparedRequest,
  RelayAttempt,
  RelayTransport,
  RequestHeaders,
  Timeouts,
  TransportStatistics,
  UpgradeAttempt,
} from '../port.ts';
import { Sweeper } from '../sweeper.ts';
import { Upgrade } from '../tunnel/upgrade.ts';
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
export class FetchTransport implements RelayTransport {
  readonly #proxy: URL | null;
  readonly #context: FetchContext;

  constructor(options: FetchTransportOptions) {
    const proxy = options.proxy === null ? null : new URL(options.proxy);
    this.#proxy = proxy;
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

  request(destination: Destination, timeouts: Timeouts, body: string | Uint8Array | BodyStream | null): RelayAttempt {
    return new FetchExchange(compileDestination(destination), timeouts, this.#context, body);
  }

  /** `fetch` cannot do this, so the tunnel through the proxy is our own. */
  upgrade(destination: Destination, timeouts: Timeouts, upgrade: RequestHeaders): UpgradeAttempt {
    const { certificateAuthorities } = this.#context;
    const way = { proxy: this.#proxy, certificateAuthorities, address: null };
    return new Upgrade(compileDestination(destination), timeouts, upgrade, way);
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
