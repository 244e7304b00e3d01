import type { Server } from 'bun';
import type { Operation } from '../core/types.ts';
import type { Dialect } from '../dialects/dialect.ts';
import type { Incoming } from '../gateway/exchange.ts';
import type { Callable } from '../gateway/snapshot.ts';
import type { Caller } from '../policies/limits/limiter.ts';
import type { ActiveRequest } from './active-requests.ts';
import { readBody } from './body.ts';
import type { InForce } from './gateway-node.ts';
import type { Invocation } from './route-table.ts';

/** A model call as it came over HTTP. */
export class IncomingRequest implements Incoming, Caller, ActiveRequest {
  readonly request: Request;
  readonly startedAt: number;
  readonly dialect: Dialect;
  readonly operation: Operation;
  readonly callable: Callable | null;
  text = '';
  place = 0;
  watched = 0;
  readonly #server: Server<undefined>;
  readonly #inForce: InForce;
  #onClientGone: (() => void) | null = null;

  constructor(
    request: Request,
    { operation, callable }: Invocation,
    dialect: Dialect,
    server: Server<undefined>,
    inForce: InForce,
    startedAt: number,
  ) {
    this.request = request;
    this.startedAt = startedAt;
    this.dialect = dialect;
    this.operation = operation;
    this.callable = callable;
    this.#server = server;
    this.#inForce = inForce;
  }

  get caller(): Caller {
    return this;
  }

  get isJson(): boolean {
    const type = this.request.headers.get('content-type');
    return type !== null && (type.startsWith('application/json') || /^application\/(?:[\w.-]+\+)?json\b/i.test(type));
  }

  read(): Promise<string> {
    return readBody(this.request, this.#inForce.snapshot);
  }

  address(): string {
    const socketAddress = this.#server.requestIP(this.request)?.address ?? '';
    return this.#inForce.proxies.clientAddress(socketAddress, this.request.headers.get('x-forwarded-for'));
  }

  header(name: string): string | null {
    return this.request.headers.get(name);
  }

  onClientGone(callback: () => void): void {
    this.#onClientGone = callback;
  }

  watchClient(): void {
    const { signal } = this.request;
    if (signal.aborted) this.abort();
    else signal.addEventListener('abort', () => this.abort(), { once: true });
  }

  abort(): void {
    this.#onClientGone?.();
  }
}
