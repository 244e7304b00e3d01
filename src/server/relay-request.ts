import { GatewayError } from '../core/errors.ts';
import { PLAIN_PATH } from '../dialects/dialect.ts';
import { openai } from '../dialects/openai/index.ts';
import type { RelayIncoming } from '../gateway/relay/relay-incoming.ts';
import type { RelayCall } from '../gateway/relay/routes.ts';
import type { BodyStream, Tunnel } from '../upstream/port.ts';
import type { InForce } from './gateway-node.ts';
import type { HttpRequest } from './http/http-request.ts';
import { IncomingRequest } from './incoming-request.ts';
import type { Invocation } from './route-table.ts';

/** Errors are told in OpenAI's shape, whatever the call; nothing else of an invocation matters to it. */
const AS_INVOCATION: Invocation = {
  kind: 'invocation',
  dialect: openai,
  operation: 'chat',
  path: PLAIN_PATH,
  callable: null,
  headerPolicy: 'known',
};

/** A call that is passed on as it comes, as it came over HTTP. */
export class RelayRequest extends IncomingRequest implements RelayIncoming {
  readonly call: RelayCall;
  readonly method: string;
  readonly query: string;
  readonly #http: HttpRequest;
  readonly #maxUpload: number;

  constructor(request: HttpRequest, call: RelayCall, inForce: InForce) {
    super(request, AS_INVOCATION, inForce);
    const { method, target } = request.head;
    this.call = call;
    this.method = method;
    this.query = queryOf(target);
    this.#http = request;
    this.#maxUpload = inForce.snapshot.maxUpload;
  }

  body(): Uint8Array | BodyStream | null {
    const { head, isBodyWhole } = this.#http;
    if (!head.chunked && head.contentLength < 0) return null;
    if (head.contentLength > this.#maxUpload) throw tooLarge(this.#maxUpload);
    if (!isBodyWhole) return new ClientBody(this.#http.stream(), this.#maxUpload);
    const bytes = this.#http.body(Number.POSITIVE_INFINITY);
    if (bytes instanceof Promise) throw new Error('a body that has arrived is not there');
    if (bytes.length > this.#maxUpload) throw tooLarge(this.#maxUpload);
    return bytes;
  }

  startBytes(status: number, fields: string, length: number | null): void {
    this.#http.startStream(status, fields, length);
  }

  writeBytes(bytes: Uint8Array): boolean {
    return this.#http.writeBytes(bytes);
  }

  respondWithoutBody(status: number, fields: string): void {
    this.#http.respondWithoutBody(status, fields);
  }

  cut(): void {
    this.#http.cut();
  }

  switchProtocols(fields: string): Tunnel {
    return this.#http.switchProtocols(fields);
  }
}

/** A body on its way from the client, whose failure is the client's, and no longer than it may be. */
class ClientBody implements BodyStream {
  readonly length: number | null;
  readonly #body: BodyStream;
  readonly #limit: number;
  #received = 0;

  constructor(body: BodyStream, limit: number) {
    this.#body = body;
    this.#limit = limit;
    this.length = body.length;
  }

  async read(): Promise<Uint8Array | null> {
    const bytes = await this.#body.read().catch((cause: unknown) => {
      throw new GatewayError('client_closed', 'The request ended before its body was complete.', { cause });
    });
    this.#received += bytes?.length ?? 0;
    if (this.#received > this.#limit) throw tooLarge(this.#limit);
    return bytes;
  }

  cancel(): void {
    this.#body.cancel();
  }
}

function tooLarge(limit: number): GatewayError {
  return new GatewayError('body_too_large', `The request body is larger than ${limit} bytes.`);
}

function queryOf(target: string): string {
  const start = target.indexOf('?');
  if (start === -1) return '';
  const fragment = target.indexOf('#', start);
  return target.slice(start + 1, fragment === -1 ? target.length : fragment);
}
