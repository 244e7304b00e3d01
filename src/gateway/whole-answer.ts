import { GatewayError } from '../core/errors.ts';
import type { NeutralResponse } from '../core/neutral/response.ts';
import { isJsonObject } from '../core/types.ts';
import type { CheckedRequest } from '../dialects/dialect.ts';
import { readUsage } from '../dialects/openai/usage.ts';
import type { UpstreamResponse } from '../upstream/port.ts';
import type { Exchange } from './exchange.ts';
import type { Endpoint, PassThrough, Translation } from './snapshot.ts';
import { isJson, unsupportedContentType } from './upstream-errors.ts';

const utf8 = new TextDecoder();

/** A whole answer larger than this is refused rather than held in memory. */
export const MAX_ANSWER_BYTES = 256 * 1024 * 1024;

/** The answer to a request that is no stream, in the client's dialect. */
export function wholeAnswer(
  exchange: Exchange,
  endpoint: Endpoint,
  request: CheckedRequest,
  response: UpstreamResponse,
  bytes: Uint8Array,
): string | Uint8Array {
  const { upstream } = exchange;
  if (upstream?.kind === 'translate') {
    return neutralAnswer(exchange, endpoint, request, readAnswer(upstream, response, bytes));
  }
  return passOn(exchange, endpoint, upstream, checkedText(response, bytes), bytes);
}

/** Reads an answer in the upstream's own format. */
export function readAnswer({ wire }: Translation, response: UpstreamResponse, bytes: Uint8Array): NeutralResponse {
  const text = checkedText(response, bytes);
  return wire.decode(parse(text), text);
}

export function neutralAnswer(
  exchange: Exchange,
  { context }: Endpoint,
  request: CheckedRequest,
  response: NeutralResponse,
): string {
  exchange.usage = response.usage;
  return exchange.incoming.dialect.encode(response, context, request);
}

function checkedText(response: UpstreamResponse, bytes: Uint8Array): string {
  const contentType = response.header('content-type') ?? '';
  if (!isJson(contentType)) throw unsupportedContentType(contentType);
  return utf8.decode(bytes);
}

function passOn(
  exchange: Exchange,
  { context }: Endpoint,
  upstream: PassThrough | null,
  text: string,
  bytes: Uint8Array,
): string | Uint8Array {
  const body = parse(text);
  if (!isJsonObject(body)) throw new GatewayError('upstream_invalid', "The upstream's answer is not a JSON object.");
  if (body.error !== undefined && body.error !== null && body.choices === undefined && body.data === undefined) {
    throw new GatewayError('upstream_invalid', errorMessage(body.error), { upstreamBody: body });
  }
  exchange.usage = readUsage(body.usage);
  if (upstream?.mend?.(body) !== true) return exchange.incoming.dialect.answer(body, text, bytes, context);
  const mended = JSON.stringify(body);
  return exchange.incoming.dialect.answer(body, mended, Buffer.from(mended), context);
}

function parse(text: string): unknown {
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
