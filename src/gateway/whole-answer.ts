import { GatewayError } from '../core/errors.ts';
import type { NeutralResponse } from '../core/neutral/response.ts';
import { restoreNames } from '../core/neutral/tool-names.ts';
import { isJsonObject, type JsonObject, type WireFormat } from '../core/types.ts';
import type { CheckedRequest } from '../dialects/dialect.ts';
import type { UpstreamResponse } from '../upstream/port.ts';
import type { Exchange } from './exchange.ts';
import type { Endpoint, PassThrough, Translation } from './snapshot.ts';
import { isJson, unsupportedContentType } from './upstream-errors.ts';

const BYTE_ORDER_MARK = 0xfeff;

/** A whole answer larger than this is refused rather than held in memory. */
export const MAX_ANSWER_BYTES = 256 * 1024 * 1024;

/** The answer to a request that is no stream, in the client's dialect. */
export function wholeAnswer(
  exchange: Exchange,
  endpoint: Endpoint,
  request: CheckedRequest,
  response: UpstreamResponse,
  text: string,
): string {
  const { upstream } = exchange;
  if (upstream?.kind === 'translate') {
    return neutralAnswer(exchange, endpoint, request, readAnswer(upstream, response, text));
  }
  checkContentType(response);
  return passOn(exchange, endpoint, upstream, text);
}

/** Reads an answer in the upstream's own format. */
export function readAnswer({ wire }: Translation, response: UpstreamResponse, text: string): NeutralResponse {
  return wire.decode(readJson(response, text), text);
}

export function readJson(response: UpstreamResponse, text: string): unknown {
  checkContentType(response);
  return parse(text);
}

export function neutralAnswer(
  exchange: Exchange,
  { context }: Endpoint,
  request: CheckedRequest,
  response: NeutralResponse,
): string {
  exchange.usage = response.usage;
  exchange.servedModel = response.model;
  if (response.operation !== 'embeddings') exchange.finishReason = response.choices[0]?.finish?.reason ?? null;
  const { toolNames } = exchange;
  const answer = toolNames === null ? response : restoreNames(response, toolNames);
  return exchange.incoming.dialect.encode(answer, context, request);
}

function checkContentType(response: UpstreamResponse): void {
  const contentType = response.header('content-type') ?? '';
  if (!isJson(contentType)) throw unsupportedContentType(contentType);
}

/** What is valid JSON is valid UTF-8, so that the text and the bytes that it came in are the same thing. */
function passOn(exchange: Exchange, { context }: Endpoint, upstream: PassThrough | null, text: string): string {
  const { dialect } = exchange.incoming;
  const body = parse(text);
  if (!isJsonObject(body)) throw new GatewayError('upstream_invalid', "The upstream's answer is not a JSON object.");
  if (isErrorAnswer(body, dialect.format)) {
    throw new GatewayError('upstream_invalid', errorMessage(body.error), { upstreamBody: body });
  }
  exchange.usage = dialect.readUsage(body);
  dialect.readFacts(body, exchange);
  const isMended = upstream?.mend?.(body) === true;
  return dialect.answer(body, isMended ? JSON.stringify(body) : text, context);
}

/** An error that came with status 200. Elsewhere than in OpenAI's format `error` may be part of a proper answer. */
function isErrorAnswer(body: JsonObject, format: WireFormat): boolean {
  if (body.error === undefined || body.error === null) return false;
  if (format === 'openai') return body.choices === undefined && body.data === undefined;
  return body.type === 'error' || Object.keys(body).length === 1;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text.charCodeAt(0) === BYTE_ORDER_MARK ? text.slice(1) : text);
  } catch (cause) {
    throw new GatewayError('upstream_invalid', "The upstream's answer is not valid JSON.", { cause });
  }
}

function errorMessage(error: unknown): string {
  if (isJsonObject(error) && typeof error.message === 'string') return error.message;
  return typeof error === 'string' ? error : 'The upstream answered 200 with an error.';
}
