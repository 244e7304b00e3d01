import { GatewayError } from '../core/errors.ts';
import { locateJsonError } from '../core/json-error.ts';
import { isJsonObject } from '../core/types.ts';
import type { CheckedRequest } from '../dialects/dialect.ts';
import type { Exchange, Incoming } from './exchange.ts';
import { bodyCallerText } from './record-text.ts';
import type { Callable, Endpoint, Snapshot, Upstream } from './snapshot.ts';
import { notStreamed } from './translate.ts';

/** Decodes a request, finds its endpoint, and asks the policies. Throws the GatewayError of a request that is refused. */
export function admit(snapshot: Snapshot, exchange: Exchange): { endpoint: Endpoint; request: CheckedRequest } {
  const { incoming } = exchange;
  const body = parse(incoming);
  const callable = findCallable(snapshot, incoming, body);
  const endpoint = callable.pick();
  exchange.endpoint = endpoint;
  exchange.route = callable.route;
  noteCaller(exchange, body);
  const request = check(incoming, endpoint, body);
  exchange.isStream = request.streams;
  if (endpoint.limiter) exchange.headers = endpoint.limiter.take(incoming.caller, exchange.time);
  exchange.admittedAt = performance.now();
  return { endpoint, request };
}

/** What the body says of who asks; of the body itself nothing is kept. */
export function noteCaller(exchange: Exchange, body: unknown): void {
  const caller = isJsonObject(body) ? exchange.incoming.dialect.readCaller(body) : null;
  if (caller !== null) exchange.bodyCallerText = bodyCallerText(caller);
}

export function parse({ text, isJson, dialect }: Incoming): unknown {
  if (dialect.parse) return dialect.parse(text, isJson);
  try {
    return JSON.parse(text);
  } catch {
    const { position, message } = locateJsonError(text);
    const summary = `The request body is not valid JSON: ${message} at character ${position}.`;
    throw new GatewayError('invalid_request', summary);
  }
}

/** Where the path names no endpoint, the body's `model` does. */
function findCallable(snapshot: Snapshot, incoming: Incoming, body: unknown): Callable {
  if (incoming.callable) return incoming.callable;
  if (!isJsonObject(body)) throw new GatewayError('invalid_request', 'The request body must be a JSON object.');
  const { model } = body;
  if (model === undefined || model === null) {
    throw modelError(
      "Missing required parameter: 'model'. It names the endpoint.",
      "Missing required 'model' parameter in request body",
    );
  }
  const name = typeof model === 'string' ? model : JSON.stringify(model);
  const callable = typeof model === 'string' ? snapshot.callables.get(model) : undefined;
  if (!callable) throw unknownModel(name.slice(0, 200));
  if (callable.operation !== incoming.operation) {
    const article = incoming.operation === 'embeddings' ? 'an' : 'a';
    throw modelError(`Endpoint '${callable.name}' is not ${article} ${incoming.operation} endpoint.`);
  }
  return callable;
}

/** `detail` is what MLflow's server says. */
function modelError(message: string, detail = message): GatewayError {
  return new GatewayError('invalid_request', message, { parameter: 'model', detail });
}

function unknownModel(name: string): GatewayError {
  return new GatewayError('not_found', `The model '${name}' does not exist. GET /v1/models lists the endpoints.`, {
    parameter: 'model',
    detail: unknownEndpoint(name),
  });
}

/** What MLflow's tracking server says of a name that it does not know. */
export function unknownEndpoint(name: string): { readonly error_code: string; readonly message: string } {
  return { error_code: 'RESOURCE_DOES_NOT_EXIST', message: `GatewayEndpoint not found (name='${name}')` };
}

function check({ dialect, operation, path }: Incoming, endpoint: Endpoint, body: unknown): CheckedRequest {
  const upstream = endpoint.upstreams[dialect.format];
  const { displayName } = endpoint;
  const request = dialect.check(operation, body, upstream.kind !== 'missing' && upstream.takesModelParameter, path);
  if (upstream.kind === 'missing') {
    const what = request.streams ? `${operation} streaming` : operation;
    throw new GatewayError('not_implemented', `The ${what} route is not implemented for ${displayName} models.`);
  }
  if (request.streams && !canStream(upstream)) throw notStreamed(endpoint);
  return request;
}

function canStream(upstream: Upstream): boolean {
  if (upstream.kind !== 'translate') return upstream.kind === 'pass';
  return upstream.wire.stream !== undefined || upstream.alternative?.upstream.wire.stream !== undefined;
}
