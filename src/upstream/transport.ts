import { compileDestination } from './compiled-destination.ts';
import { FetchTransport } from './fetch/fetch-transport.ts';
import type {
  BodyStream,
  Destination,
  PreparedRequest,
  RelayAttempt,
  RelayTransport,
  RequestHeaders,
  Timeouts,
  TransportStatistics,
  UpgradeAttempt,
} from './port.ts';
import { type Environment, ProxyRules } from './proxy-rules.ts';
import { SocketTransport } from './socket/socket-transport.ts';

/**
 * The transport of the gateway: sockets of our own where the way is direct, `fetch` where the environment names a
 * proxy. Which of them is decided once per destination, never per request.
 */
export function createTransport(environment: Environment): RelayTransport {
  return new RoutedTransport(new ProxyRules(environment));
}

class RoutedTransport implements RelayTransport {
  readonly #rules: ProxyRules;
  readonly #direct = new SocketTransport();
  readonly #proxied = new Map<string, FetchTransport>();

  constructor(rules: ProxyRules) {
    this.#rules = rules;
  }

  prepare(destination: Destination, timeouts: Timeouts): PreparedRequest {
    return this.#wayTo(destination).prepare(destination, timeouts);
  }

  request(destination: Destination, timeouts: Timeouts, body: string | Uint8Array | BodyStream | null): RelayAttempt {
    return this.#wayTo(destination).request(destination, timeouts, body);
  }

  upgrade(destination: Destination, timeouts: Timeouts, upgrade: RequestHeaders): UpgradeAttempt {
    return this.#wayTo(destination).upgrade(destination, timeouts, upgrade);
  }

  statistics(): TransportStatistics {
    let { open, idle } = this.#direct.statistics();
    for (const transport of this.#proxied.values()) {
      const statistics = transport.statistics();
      open += statistics.open;
      idle += statistics.idle;
    }
    return { open, idle };
  }

  waiting(): number {
    return this.#direct.waiting();
  }

  close(): void {
    this.#direct.close();
    for (const transport of this.#proxied.values()) transport.close();
  }

  #wayTo(destination: Destination): RelayTransport {
    const { secure, hostname, port } = compileDestination(destination);
    const proxy = this.#rules.proxyFor(secure, hostname, port);
    if (proxy === null) return this.#direct;
    let transport = this.#proxied.get(proxy);
    if (transport === undefined) {
      transport = new FetchTransport({ proxy });
      this.#proxied.set(proxy, transport);
    }
    return transport;
  }
}
