import { GatewayError } from '../core/errors.ts';
import { locateJsonError } from '../core/json-error.ts';
import { isJsonObject } from '../core/types.ts';
import type { CheckedRequest } from '../dialects/dialect.ts';
import type { Exchange, Incoming } from './exchange.ts';
import type { Callable, Endpoint, Snapshot } from './snapshot.ts';
import { notStreamed } from './translate.ts';

/** Decodes a request, finds its endpoint, and asks the policies. Throws the GatewayError of a request that is refused. */
export function admit(snapshot: Snapshot, exchange: Exchange): { endpoint: Endpoint; request: CheckedRequest } {
  const { incoming } = exchange;
  const body = parse(incoming);
  const endpoint = findCallable(snapshot, incoming, body).pick();
  exchange.endpoint = endpoint;
  const request = check(incoming, endpoint, body);
  if (endpoint.limiter) exchange.headers = endpoint.limiter.take(incoming.caller, Date.now());
  exchange.isStream = request.streams;
  return { endpoint, request };
}

function parse({ text, isJson, dialect }: Incoming): unknown {
  // MLflow's server reads another content type as a text, and then misses the object in it.
  if (!isJson && dialect.name === 'mlflow') return text;
  try {
    return JSON.parse(text);
  } catch {
    if (text === '' && dialect.name === 'mlflow') {
      const missing = { type: 'missing', loc: ['body'], msg: 'Field required', input: null };
      throw new GatewayError('invalid_body', 'The request has no body.', { detail: [missing] });
    }
    const { position, message } = locateJsonError(text);
    const summary = `The request body is not valid JSON: ${message} at character ${position}.`;
    if (dialect.name !== 'mlflow') throw new GatewayError('invalid_request', summary);
    const detail = {
      type: 'json_invalid',
      loc: ['body', position],
      msg: 'JSON decode error',
      input: {},
      ctx: { error: message },
    };
    throw new GatewayError('invalid_body', summary, { detail: [detail] });
  }
}

/** On OpenAI's surface the body's `model` names the endpoint. */
function findCallable(snapshot: Snapshot, incoming: Incoming, body: unknown): Callable {
  if (incoming.callable) return incoming.callable;
  if (!isJsonObject(body)) throw new GatewayError('invalid_request', 'The request body must be a JSON object.');
  const { model } = body;
  if (model === undefined || model === null)
    throw modelError("Missing required parameter: 'model'. It names the endpoint.");
  const callable = typeof model === 'string' ? snapshot.callables.get(model) : undefined;
  if (!callable) {
    const name = typeof model === 'string' ? model : JSON.stringify(model);
    throw new GatewayError(
      'not_found',
      `The model '${name.slice(0, 200)}' does not exist. GET /v1/models lists the endpoints.`,
      {
        parameter: 'model',
      },
    );
  }
  if (callable.operation !== incoming.operation) {
    const article = incoming.operation === 'embeddings' ? 'an' : 'a';
    throw modelError(`Endpoint '${callable.name}' is not ${article} ${incoming.operation} endpoint.`);
  }
  return callable;
}

function modelError(message: string): GatewayError {
  return new GatewayError('invalid_request', message, { parameter: 'model' });
}

function check({ dialect, operation }: Incoming, endpoint: Endpoint, body: unknown): CheckedRequest {
  const { upstream, displayName } = endpoint;
  const request = dialect.check(operation, body, upstream.kind !== 'missing' && upstream.takesModelParameter);
  if (request.streams && !canStream(upstream)) throw notStreamed(endpoint);
  if (upstream.kind === 'missing') {
    throw new GatewayError('not_implemented', `The ${operation} route is not implemented for ${displayName} models.`);
  }
  return request;
}

function canStream(upstream: Endpoint['upstream']): boolean {
  if (upstream.kind !== 'translate') return upstream.kind === 'pass';
  return upstream.wire.stream !== undefined || upstream.alternative?.upstream.wire.stream !== undefined;
}
