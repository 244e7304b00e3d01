import { compileDestination } from '../compiled-destination.ts';
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
} from '../port.ts';
import { Sweeper } from '../sweeper.ts';
import { Upgrade } from '../tunnel/upgrade.ts';
import { Exchange } from './exchange.ts';
import { Pool, type PoolContext } from './pool.ts';
import { SocketRequest } from './socket-request.ts';

export interface SocketTransportOptions {
  /** PEM certificates to trust in place of the built-in roots and those that the environment adds. */
  readonly certificateAuthorities?: string;
  /** Connects to this IP address, whatever the host name of a destination resolves to; certificates are still checked for the name. */
  readonly address?: string;
}

/** HTTP/1.1 over sockets of our own, straight to the origin: about half the cost of `fetch` per request. */
export class SocketTransport implements RelayTransport {
  readonly #pools = new Map<string, Pool>();
  readonly #context: PoolContext;

  constructor(options: SocketTransportOptions = {}) {
    this.#context = {
      sweeper: new Sweeper(),
      certificateAuthorities: options.certificateAuthorities,
      address: options.address,
      open: 0,
      connecting: 0,
      closed: false,
    };
  }

  prepare(destination: Destination, timeouts: Timeouts): PreparedRequest {
    return this.#compile(destination, timeouts);
  }

  request(destination: Destination, timeouts: Timeouts, body: string | Uint8Array | BodyStream | null): RelayAttempt {
    const request = this.#compile(destination, timeouts);
    const isWhole = body === null || typeof body === 'string' || body instanceof Uint8Array;
    return isWhole ? new Exchange(request, body) : new Exchange(request, null, body);
  }

  upgrade(destination: Destination, timeouts: Timeouts, upgrade: RequestHeaders): UpgradeAttempt {
    const { certificateAuthorities, address = null } = this.#context;
    const way = { proxy: null, certificateAuthorities, address };
    return new Upgrade(compileDestination(destination), timeouts, upgrade, way);
  }

  #compile(destination: Destination, timeouts: Timeouts): SocketRequest {
    const compiled = compileDestination(destination);
    const origin = `${compiled.secure ? 'https' : 'http'}://${compiled.label}`;
    let pool = this.#pools.get(origin);
    if (pool === undefined) {
      pool = new Pool(compiled, this.#context);
      this.#pools.set(origin, pool);
    }
    return new SocketRequest(compiled, timeouts, pool);
  }

  statistics(): TransportStatistics {
    let idle = 0;
    for (const pool of this.#pools.values()) idle += pool.idle;
    return { open: this.#context.open, idle };
  }

  waiting(): number {
    return this.#context.connecting;
  }

  close(): void {
    this.#context.closed = true;
    for (const pool of this.#pools.values()) pool.closeIdle();
  }
}
