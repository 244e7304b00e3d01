import type { Operation } from '../core/types.ts';
import type { Dialect } from '../dialects/dialect.ts';
import type { Incoming } from '../gateway/exchange.ts';
import type { Callable } from '../gateway/snapshot.ts';
import type { Caller } from '../policies/limits/limiter.ts';
import { readBody } from './body.ts';
import type { InForce } from './gateway-node.ts';
import type { HttpRequest } from './http/http-request.ts';
import type { Invocation } from './route-table.ts';

export function isJsonType(type: string | null): boolean {
  return type !== null && (type.startsWith('application/json') || /^application\/(?:[\w.-]+\+)?json\b/i.test(type));
}

/** A model call as it came over HTTP. */
export class IncomingRequest implements Incoming, Caller {
  readonly dialect: Dialect;
  readonly operation: Operation;
  readonly callable: Callable | null;
  text = '';
  readonly #request: HttpRequest;
  readonly #inForce: InForce;

  constructor(request: HttpRequest, { operation, callable }: Invocation, dialect: Dialect, inForce: InForce) {
    this.#request = request;
    this.dialect = dialect;
    this.operation = operation;
    this.callable = callable;
    this.#inForce = inForce;
  }

  get startedAt(): number {
    return this.#request.startedAt;
  }

  get caller(): Caller {
    return this;
  }

  get isJson(): boolean {
    return isJsonType(this.#request.head.header('content-type'));
  }

  read(): string | Promise<string> {
    return readBody(this.#request, this.#inForce.snapshot);
  }

  address(): string {
    const { head, remoteAddress } = this.#request;
    return this.#inForce.proxies.clientAddress(remoteAddress, () => head.header('x-forwarded-for'));
  }

  header(name: string): string | null {
    return this.#request.head.header(name);
  }

  set onClientGone(callback: (() => void) | null) {
    this.#request.onGone = callback;
  }

  set onDrain(callback: (() => void) | null) {
    this.#request.onDrain = callback;
  }

  respond(status: number, fields: string, body: string): void {
    this.#request.respond(status, fields, body);
  }

  startStream(status: number, fields: string): void {
    this.#request.startStream(status, fields);
  }

  write(text: string): boolean {
    return this.#request.write(text);
  }

  end(text: string): void {
    this.#request.end(text);
  }
}
