import { GatewayError } from '../core/errors.ts';
import { editMembers, prependMembers } from '../core/json-members.ts';
import { isJsonObject, type JsonObject } from '../core/types.ts';
import type { CheckedRequest } from '../dialects/dialect.ts';
import { readUsage } from '../dialects/openai/usage.ts';
import type { UpstreamResponse } from '../upstream/port.ts';
import { answerHeaders } from './answer-headers.ts';
import type { Exchange } from './exchange.ts';
import type { Observer } from './pipeline.ts';
import { settle } from './settle.ts';
import type { Endpoint, PassThrough, Translation } from './snapshot.ts';
import { streamAnswer } from './stream.ts';
import { errorAnswer, isJson, unsupportedContentType } from './upstream-errors.ts';

/** A whole answer larger than this is refused rather than held in memory. */
const MAX_ANSWER_BYTES = 256 * 1024 * 1024;

/** Sends the request upstream and brings the answer back in the client's dialect. */
export async function dispatch(
  exchange: Exchange,
  endpoint: Endpoint,
  request: CheckedRequest,
  observer: Observer,
): Promise<Response> {
  const { upstream } = endpoint;
  if (upstream.kind === 'missing') throw new GatewayError('not_implemented', 'This endpoint has no upstream.');
  const body = upstream.kind === 'pass' ? patch(exchange, upstream, request) : translate(exchange, upstream, request);
  exchange.upstreamStartedAt = performance.now();
  const prepared = upstream.kind === 'pass' && exchange.isStream ? upstream.streamRequest : upstream.request;
  const attempt = prepared.send(body);
  exchange.attempt = attempt;
  exchange.incoming.onClientGone(() => exchange.abandon());
  const response = await attempt.response;
  exchange.firstByteAt = performance.now();
  if (response.status < 200 || response.status > 299) throw await errorAnswer(response, endpoint.secrets);
  if (exchange.isStream) return streamAnswer(exchange, endpoint, response, observer);
  const answer = await wholeAnswer(exchange, endpoint, upstream, response);
  exchange.status = 200;
  const result = new Response(answer, { headers: answerHeaders(exchange) });
  settle(exchange);
  observer.ended(exchange);
  return result;
}

/** The client's bytes, with only what must change changed. */
function patch({ incoming, isStream }: Exchange, upstream: PassThrough, request: CheckedRequest): string {
  const { body } = request;
  const namesModel = incoming.callable === null;
  let prepend = namesModel ? '' : upstream.prepend;
  const replace = new Map<string, string | null>();
  if (namesModel) replace.set('model', upstream.model === null ? null : JSON.stringify(upstream.model));
  for (const [field, value] of request.replacements ?? []) replace.set(field, JSON.stringify(value));
  if (incoming.operation !== 'embeddings' && (body.n === undefined || body.n === null)) prepend += '"n":1,';
  if (isStream) {
    const options = body.stream_options;
    if (!isJsonObject(options)) prepend += '"stream_options":{"include_usage":true},';
    else if (options.include_usage === undefined) {
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

async function wholeAnswer(
  exchange: Exchange,
  endpoint: Endpoint,
  upstream: PassThrough | Translation,
  response: UpstreamResponse,
): Promise<string | Uint8Array<ArrayBuffer>> {
  const contentType = response.header('content-type') ?? '';
  if (!isJson(contentType)) throw unsupportedContentType(contentType);
  let bytes = await response.bytes(MAX_ANSWER_BYTES);
  exchange.upstreamEndedAt = performance.now();
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
  const body = parseAnswer(text);
  const { dialect } = exchange.incoming;
  if (upstream.kind === 'translate') return dialect.encode(upstream.wire.decode(body, text), endpoint.context);
  if (!isJsonObject(body)) throw new GatewayError('upstream_invalid', "The upstream's answer is not a JSON object.");
  if (body.error !== undefined && body.error !== null && body.choices === undefined && body.data === undefined) {
    throw new GatewayError('upstream_invalid', errorMessage(body.error), { upstreamBody: body });
  }
  exchange.usage = readUsage(body.usage);
  if (upstream.mend?.(body)) bytes = new TextEncoder().encode(JSON.stringify(body));
  return dialect.answer(body, bytes, endpoint.context) as string | Uint8Array<ArrayBuffer>;
}

function parseAnswer(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new GatewayError('upstream_invalid', "The upstream's answer is not valid JSON.", { cause });
  }
}

function errorMessage(error: unknown): string {
  if (isJsonObject(error) && typeof error.message === 'string') return error.message;
  return typeof error === 'string' ? error : 'The upstream answered 200 with an error.';
}
