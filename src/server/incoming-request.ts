import type { Server } from 'bun';
import type { Operation } from '../core/types.ts';
import type { Dialect } from '../dialects/dialect.ts';
import type { Incoming } from '../gateway/exchange.ts';
import type { Callable } from '../gateway/snapshot.ts';
import type { Caller } from '../policies/limits/limiter.ts';
import type { ActiveRequest } from './active-requests.ts';
import type { TrustedProxies } from './forwarded.ts';
import type { Invocation } from './route-table.ts';

/** A model call as it came over HTTP. */
export class IncomingRequest implements Incoming, Caller, ActiveRequest {
  readonly request: Request;
  readonly startedAt: number;
  readonly dialect: Dialect;
  readonly operation: Operation;
  readonly callable: Callable | null;
  text = '';
  readonly #server: Server<undefined>;
  readonly #proxies: TrustedProxies;
  #onAbort: (() => void) | null = null;

  constructor(
    request: Request,
    { operation, callable }: Invocation,
    dialect: Dialect,
    server: Server<undefined>,
    proxies: TrustedProxies,
    startedAt: number,
  ) {
    this.request = request;
    this.startedAt = startedAt;
    this.dialect = dialect;
    this.operation = operation;
    this.callable = callable;
    this.#server = server;
    this.#proxies = proxies;
  }

  get caller(): Caller {
    return this;
  }

  address(): string {
    const socketAddress = this.#server.requestIP(this.request)?.address ?? '';
    return this.#proxies.clientAddress(socketAddress, this.request.headers.get('x-forwarded-for'));
  }

  header(name: string): string | null {
    return this.request.headers.get(name);
  }

  onClientGone(callback: () => void): void {
    this.#onAbort = callback;
    const { signal } = this.request;
    if (signal.aborted) callback();
    else signal.addEventListener('abort', callback, { once: true });
  }

  abort(): void {
    this.#onAbort?.();
  }
}
