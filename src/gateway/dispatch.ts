import { GatewayError } from '../core/errors.ts';
import { editMembers, prependMembers } from '../core/json-members.ts';
import { isJsonObject, type JsonObject } from '../core/types.ts';
import type { CheckedRequest } from '../dialects/dialect.ts';
import type { Attempt } from '../upstream/port.ts';
import type { Exchange } from './exchange.ts';
import type { Endpoint, PassThrough, Translation } from './snapshot.ts';

/** Sends the request upstream, in the upstream's format. */
export function dispatch(exchange: Exchange, { upstream }: Endpoint, request: CheckedRequest): Attempt {
  if (upstream.kind === 'missing') throw new GatewayError('not_implemented', 'This endpoint has no upstream.');
  const body = upstream.kind === 'pass' ? patch(exchange, upstream, request) : translate(exchange, upstream, request);
  const prepared = upstream.kind === 'pass' && exchange.isStream ? upstream.streamRequest : upstream.request;
  exchange.upstreamStartedAt = performance.now();
  const attempt = prepared.send(body);
  exchange.attempt = attempt;
  exchange.incoming.onClientGone(() => exchange.abandon());
  return attempt;
}

const NOTHING: Map<string, string | null> = new Map();

/** The client's bytes, with only what must change changed. */
function patch({ incoming, isStream }: Exchange, upstream: PassThrough, request: CheckedRequest): string {
  const { body } = request;
  const namesModel = incoming.callable === null;
  let prepend = namesModel ? '' : upstream.prepend;
  let replace = namesModel ? upstream.replaceModel : NOTHING;
  if (request.replacements) {
    replace = new Map(replace);
    for (const [field, value] of request.replacements) replace.set(field, JSON.stringify(value));
  }
  if (incoming.operation !== 'embeddings' && (body.n === undefined || body.n === null)) prepend += '"n":1,';
  if (isStream) {
    const options = body.stream_options;
    if (!isJsonObject(options)) prepend += '"stream_options":{"include_usage":true},';
    else if (options.include_usage === undefined) {
      replace = new Map(replace);
      replace.set('stream_options', JSON.stringify({ ...options, include_usage: true }));
    }
  }
  const dropNulls = hasNull(body);
  if (replace.size === 0 && !dropNulls) return prependMembers(incoming.text, prepend);
  return editMembers(incoming.text, { replace, dropNulls, prepend });
}

/** MLflow never sends a null upstream, and some providers refuse one. */
function hasNull(body: JsonObject): boolean {
  for (const field in body) if (body[field] === null) return true;
  return false;
}

function translate({ incoming }: Exchange, upstream: Translation, request: CheckedRequest): string {
  return JSON.stringify(upstream.wire.encode(incoming.dialect.decode(incoming.operation, request)));
}
