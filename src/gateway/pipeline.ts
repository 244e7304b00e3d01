import { GatewayError } from '../core/errors.ts';
import { locateJsonError } from '../core/json-error.ts';
import { isJsonObject, type JsonObject } from '../core/types.ts';
import type { CheckedRequest } from '../dialects/dialect.ts';
import { dispatch } from './dispatch.ts';
import { Exchange, type Incoming } from './exchange.ts';
import { settle } from './settle.ts';
import type { Callable, Endpoint, Snapshot } from './snapshot.ts';
import { asGatewayError } from './upstream-errors.ts';

/** What the pipeline tells the server about, beside the answer. */
export interface Observer {
  /** An answer of 5xx, or a stream that ended in an error. */
  failed(exchange: Exchange, error: GatewayError): void;
  /** The exchange is over, the last byte of its stream included. */
  ended(exchange: Exchange): void;
}

/** One request, top to bottom: decode, policies, routing, provider, upstream, and back. Never rejects. */
export async function handle(snapshot: Snapshot, incoming: Incoming, observer: Observer): Promise<Response> {
  const exchange = new Exchange(incoming);
  try {
    const body = parse(incoming);
    const endpoint = findCallable(snapshot, incoming, body).pick();
    exchange.endpoint = endpoint;
    const request = check(incoming, endpoint, body);
    if (endpoint.limiter) exchange.headers = endpoint.limiter.take(incoming.caller, Date.now());
    exchange.isStream = request.body.stream === true && incoming.operation !== 'embeddings';
    return await dispatch(exchange, endpoint, request, observer);
  } catch (error) {
    return refuse(exchange, asGatewayError(error), observer);
  }
}

function parse({ text, dialect }: Incoming): unknown {
  try {
    return JSON.parse(text);
  } catch {
    const { position, message } = locateJsonError(text);
    const summary = `The request body is not valid JSON: ${message} at character ${position}.`;
    if (dialect.name !== 'mlflow') throw new GatewayError('invalid_request', summary);
    const detail = { type: 'json_invalid', loc: ['body', position], msg: 'JSON decode error', input: {}, ctx: { error: message } };
    throw new GatewayError('invalid_body', summary, { detail: [detail] });
  }
}

/** On OpenAI's surface the body's `model` names the endpoint. */
function findCallable(snapshot: Snapshot, incoming: Incoming, body: unknown): Callable {
  if (incoming.callable) return incoming.callable;
  if (!isJsonObject(body)) throw new GatewayError('invalid_request', 'The request body must be a JSON object.');
  const { model } = body;
  if (model === undefined || model === null) {
    throw new GatewayError('invalid_request', "Missing required parameter: 'model'. It names the endpoint.", { parameter: 'model' });
  }
  const callable = typeof model === 'string' ? snapshot.callables.get(model) : undefined;
  if (!callable) {
    throw new GatewayError('not_found', `The model '${String(model)}' does not exist. GET /v1/models lists the endpoints.`, {
      parameter: 'model',
    });
  }
  if (callable.operation !== incoming.operation) {
    const article = incoming.operation === 'embeddings' ? 'an' : 'a';
    throw new GatewayError('invalid_request', `Endpoint '${callable.name}' is not ${article} ${incoming.operation} endpoint.`, {
      parameter: 'model',
    });
  }
  return callable;
}

function check({ dialect, operation }: Incoming, { upstream, displayName }: Endpoint, body: unknown): CheckedRequest {
  const takesModel = upstream.kind === 'translate' && upstream.takesModelParameter;
  const request = dialect.check(operation, body, takesModel);
  const streams = request.body.stream === true && operation !== 'embeddings';
  if (upstream.kind === 'missing' || (streams && upstream.kind === 'translate')) {
    const route = streams ? `${operation} streaming` : operation;
    throw new GatewayError('not_implemented', `The ${route} route is not implemented for ${displayName} models.`);
  }
  return request;
}

function refuse(exchange: Exchange, error: GatewayError, observer: Observer): Response {
  exchange.attempt?.cancel();
  exchange.status = error.status;
  const headers: JsonObject & Record<string, string> = {
    'content-type': 'application/json',
    ...exchange.headers,
    ...error.headers,
  };
  const text = exchange.incoming.dialect.error(error);
  settle(exchange);
  if (error.status >= 500 && !exchange.clientGone) observer.failed(exchange, error);
  observer.ended(exchange);
  return new Response(text, { status: error.status, headers });
}
