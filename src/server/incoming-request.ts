import type { Definition } from '../core/ledger/definition.ts';
import type { Operation } from '../core/types.ts';
import type { Dialect, RequestPath } from '../dialects/dialect.ts';
import { CallerText } from '../gateway/caller-text.ts';
import type { HeaderPolicy, Incoming } from '../gateway/exchange.ts';
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
  readonly path: RequestPath;
  readonly callable: Callable | null;
  readonly headerPolicy: HeaderPolicy;
  text = '';
  readonly #request: HttpRequest;
  readonly #inForce: InForce;

  constructor(request: HttpRequest, invocation: Invocation, inForce: InForce) {
    const { dialect, operation, path, withEvents, callable, headerPolicy } = invocation;
    this.#request = request;
    this.dialect = dialect;
    this.operation = operation;
    this.path = withEvents !== undefined && asksForEvents(request.head.target) ? withEvents : path;
    this.callable = callable;
    this.headerPolicy = headerPolicy;
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

  get bodyBytes(): number {
    return this.#request.received;
  }

  callerMembers(): Definition {
    const { head } = this.#request;
    const address = this.address();
    let { caller } = this.#request;
    if (caller?.isOf(address, head) !== true) {
      caller = CallerText.of(address, head);
      this.#request.caller = caller;
    }
    const id = head.header('x-request-id');
    return id === null ? caller.members : caller.withRequestId(id);
  }

  *headerFields(): Generator<readonly [name: string, value: string]> {
    for (const [name, value] of this.#request.head.fields()) yield [name.toLowerCase(), value];
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

/** Google's APIs answer with events where the query says `alt=sse`, and with one JSON list elsewhere. */
function asksForEvents(target: string): boolean {
  const query = target.indexOf('?');
  return query !== -1 && new URLSearchParams(target.slice(query)).get('alt') === 'sse';
}
