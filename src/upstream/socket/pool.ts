import type { Sweeper } from '../sweeper.ts';
import { Connection } from './connection.ts';
import type { Exchange } from './exchange.ts';

/** Shorter than the keep-alive of common servers (nginx 75 s, cloud load balancers 60 s), so that we close first. */
const IDLE_MILLISECONDS = 50_000;

/** What every pool of a transport shares. */
export interface PoolContext {
  readonly sweeper: Sweeper;
  /** PEM; replaces the built-in roots. Undefined for them and those of NODE_EXTRA_CA_CERTS and SSL_CERT_FILE. */
  readonly certificateAuthorities: string | undefined;
  /** Where every connection goes in place of the address that its host name resolves to. */
  readonly address: string | undefined;
  /** Connections that stand, idle or busy. */
  open: number;
  /** Connections that are being made, each with a request that waits for it. */
  connecting: number;
  /** No connection is kept once true. */
  closed: boolean;
}

/** The connections of one origin. The one that came back last leaves first, so that the others can time out. */
export class Pool {
  readonly hostname: string;
  readonly port: number;
  readonly secure: boolean;
  /** `host:port`, for messages. */
  readonly label: string;
  readonly context: PoolContext;
  readonly #idle: Connection[] = [];

  constructor(origin: { hostname: string; port: number; secure: boolean; label: string }, context: PoolContext) {
    this.hostname = origin.hostname;
    this.port = origin.port;
    this.secure = origin.secure;
    this.label = origin.label;
    this.context = context;
  }

  get idle(): number {
    return this.#idle.length;
  }

  /** Starts the exchange on an idle connection, or on a new one. */
  run(exchange: Exchange): void {
    const connection = this.#idle.pop();
    if (connection === undefined) this.runOnFresh(exchange);
    else connection.begin(exchange);
  }

  /** For a body that cannot be sent twice: an idle connection may turn out to be closed. One makes room for the new one. */
  runOnce(exchange: Exchange): void {
    this.#idle.shift()?.close();
    this.runOnFresh(exchange);
  }

  runOnFresh(exchange: Exchange): void {
    const connection = new Connection(this);
    exchange.connecting(connection);
    connection.connect(exchange);
  }

  /** Keeps the connection; returns the tick at which it has been idle for too long, or null when it must close. */
  keep(connection: Connection): number | null {
    if (this.context.closed) return null;
    this.#idle.push(connection);
    return this.context.sweeper.deadline(IDLE_MILLISECONDS);
  }

  forget(connection: Connection): void {
    const index = this.#idle.indexOf(connection);
    if (index >= 0) this.#idle.splice(index, 1);
  }

  closeIdle(): void {
    for (const connection of this.#idle.splice(0)) connection.close();
  }
}
