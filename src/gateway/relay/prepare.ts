import { GatewayError } from '../../core/errors.ts';
import { editMembers } from '../../core/json-members.ts';
import { isJsonObject, type JsonObject } from '../../core/types.ts';
import type { RelayPlace } from '../../providers/provider.ts';
import type { BodyStream, Destination, RequestHeaders } from '../../upstream/port.ts';
import { noteCaller, parse } from '../admit.ts';
import type { Exchange } from '../exchange.ts';
import type { Endpoint, Snapshot } from '../snapshot.ts';
import { admitTo, endpointNamed, givenName, NAMING_PARAMETERS, onlyAccount } from './find-endpoint.ts';
import { MultipartBody } from './multipart-body.ts';
import { multipartBoundary } from './multipart-fields.ts';
import { CREDENTIAL_PARAMETERS, joinQueries, withoutParameters } from './query.ts';
import { placeOf, type Relay } from './relay.ts';
import { allHeaders, knownHeaders } from './relay-headers.ts';
import type { RelayIncoming } from './relay-incoming.ts';
import type { RelayCall } from './routes.ts';
import { isSafePath } from './safe-path.ts';

/** A request that was let through, as it goes upstream. */
export interface OutgoingRelay {
  readonly endpoint: Endpoint;
  readonly relay: Relay;
  readonly destination: Destination;
  readonly body: string | Uint8Array | BodyStream | null;
  /** The client's own credential, which takes the place of the configured one; mostly empty. */
  readonly credential: RequestHeaders;
}

type FamilyCall = Extract<RelayCall, { kind: 'family' }>;
type RawCall = Extract<RelayCall, { kind: 'raw' }>;

/** How much of a form is kept while its model is looked for: the largest recording that OpenAI takes comes before it. */
const MAX_BEFORE_MODEL = 32 * 2 ** 20;

/** Finds the endpoint of a request and asks the policies. Throws the GatewayError of a request that is refused. */
export async function prepareRelay(
  snapshot: Snapshot,
  exchange: Exchange,
  incoming: RelayIncoming,
): Promise<OutgoingRelay> {
  const { call } = incoming;
  if (call.kind === 'raw') return prepareRaw(snapshot, exchange, incoming, call);
  if (call.kind === 'realtime') throw new GatewayError('invalid_request', 'Realtime needs an upgrade to a WebSocket.');
  if (call.named === 'by-account') return prepareByAccount(snapshot, exchange, incoming, call);
  const boundary = multipartBoundary(incoming.caller.header('content-type') ?? '');
  return boundary === null
    ? prepareJson(snapshot, exchange, incoming, call)
    : prepareForm(snapshot, exchange, incoming, call, boundary);
}

/** What MLflow calls its proxy: any path of the provider's API, the body as it comes. */
function prepareRaw(
  snapshot: Snapshot,
  exchange: Exchange,
  incoming: RelayIncoming,
  { endpoint: name, path }: RawCall,
): OutgoingRelay {
  if (!isSafePath(path)) throw new GatewayError('invalid_request', "The path may lead out of the provider's API.");
  const endpoint = endpointNamed(snapshot, name);
  const relay = admitTo(exchange, endpoint, 'proxy');
  const query = joinQueries(withoutParameters(incoming.query, CREDENTIAL_PARAMETERS));
  const { root, rawUrl } = relay.target;
  const url = rawUrl === undefined ? `${root}/${path}` : rawUrl(path);
  const { headers, credential } = allHeaders(incoming, relay.target, false);
  return {
    endpoint,
    relay,
    destination: { method: incoming.method, url: `${url}${query}`, headers },
    body: incoming.body(),
    credential,
  };
}

function prepareByAccount(
  snapshot: Snapshot,
  exchange: Exchange,
  incoming: RelayIncoming,
  call: FamilyCall,
): OutgoingRelay {
  if (!isSafePath(call.path)) throw new GatewayError('invalid_request', 'The path has an id that cannot be one.');
  const name = givenName(incoming);
  const endpoint = name === null ? onlyAccount(snapshot, call.family) : endpointNamed(snapshot, name);
  const { relay, place } = admitToFamily(exchange, endpoint, call);
  return outgoing(incoming, call, endpoint, relay, place, incoming.body());
}

async function prepareJson(
  snapshot: Snapshot,
  exchange: Exchange,
  incoming: RelayIncoming,
  call: FamilyCall,
): Promise<OutgoingRelay> {
  incoming.text = await incoming.read();
  const body = parse(incoming);
  if (!isJsonObject(body)) throw new GatewayError('invalid_request', 'The request body must be a JSON object.');
  noteCaller(exchange, body);
  const endpoint = endpointNamed(snapshot, givenName(incoming) ?? modelOf(body));
  const { relay, place } = admitToFamily(exchange, endpoint, call);
  return outgoing(incoming, call, endpoint, relay, place, withModel(incoming.text, body, place));
}

async function prepareForm(
  snapshot: Snapshot,
  exchange: Exchange,
  incoming: RelayIncoming,
  call: FamilyCall,
  boundary: string,
): Promise<OutgoingRelay> {
  if (incoming.caller.header('content-encoding') !== null) {
    throw new GatewayError('unsupported_encoding', 'A multipart form is taken without a content encoding.');
  }
  const source = incoming.body();
  const form = new MultipartBody(source === null || source instanceof Uint8Array ? whole(source) : source, boundary);
  const name = givenName(incoming) ?? (await form.findModel(MAX_BEFORE_MODEL));
  const endpoint = endpointNamed(snapshot, name ?? modelOf({}));
  const { relay, place } = admitToFamily(exchange, endpoint, call);
  form.setModel(place.model);
  return outgoing(incoming, call, endpoint, relay, place, form);
}

/** Finds the family's place, and then counts the call. */
function admitToFamily(
  exchange: Exchange,
  endpoint: Endpoint,
  { family }: FamilyCall,
): { readonly relay: Relay; readonly place: RelayPlace } {
  const place = endpoint.relay && placeOf(endpoint.relay, family);
  const relay = admitTo(exchange, endpoint, family === 'rerank-v2' ? 'rerank' : family, place !== null);
  if (place === null) throw new Error('an endpoint was admitted without a place');
  return { relay, place };
}

/** What of a query is not for the provider. */
const OURS: ReadonlySet<string> = NAMING_PARAMETERS.union(CREDENTIAL_PARAMETERS);

function outgoing(
  incoming: RelayIncoming,
  { path, headerPolicy }: FamilyCall,
  endpoint: Endpoint,
  relay: Relay,
  place: RelayPlace,
  body: OutgoingRelay['body'],
): OutgoingRelay {
  const query = joinQueries(place.query, withoutParameters(incoming.query, OURS));
  const isUpload = incoming.method === 'POST' && path === 'files';
  const at = isUpload ? (place.uploadPath ?? path) : path;
  const isJson = typeof body === 'string';
  const { headers, credential } =
    headerPolicy === 'all'
      ? allHeaders(incoming, relay.target, isJson)
      : { headers: knownHeaders(incoming, relay.target.headers, isJson), credential: [] };
  return {
    endpoint,
    relay,
    destination: { method: incoming.method, url: `${place.base}/${at}${query}`, headers },
    body,
    credential,
  };
}

function modelOf({ model }: JsonObject): string {
  if (typeof model === 'string') return model;
  const message = "Missing required parameter: 'model'. It names the endpoint.";
  throw new GatewayError('invalid_request', message, { parameter: 'model' });
}

/** Only the model's bytes change. */
function withModel(text: string, body: JsonObject, { model }: RelayPlace): string {
  const value = model === null ? null : JSON.stringify(model);
  const prepend = value !== null && !('model' in body) ? `"model":${value},` : '';
  return editMembers(text, { replace: new Map([['model', value]]), dropNulls: false, prepend });
}

function whole(bytes: Uint8Array | null): BodyStream {
  let rest = bytes;
  return {
    length: bytes?.length ?? 0,
    read: async () => {
      const next = rest;
      rest = null;
      return next;
    },
    cancel: () => {
      rest = null;
    },
  };
}
