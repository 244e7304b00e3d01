import { GatewayError } from '../core/errors.ts';
import { isJsonObject } from '../core/types.ts';
import { readUsage } from '../dialects/openai/usage.ts';
import type { UpstreamResponse } from '../upstream/port.ts';
import { answerHeaders } from './answer-headers.ts';
import type { Exchange } from './exchange.ts';
import type { Endpoint } from './snapshot.ts';
import { isJson, unsupportedContentType } from './upstream-errors.ts';

const utf8 = new TextDecoder();

/** The answer to a request that is no stream, in the client's dialect. */
export function wholeAnswer(
  exchange: Exchange,
  endpoint: Endpoint,
  response: UpstreamResponse,
  bytes: Uint8Array,
): Response {
  const contentType = response.header('content-type') ?? '';
  if (!isJson(contentType)) throw unsupportedContentType(contentType);
  const body = encode(exchange, endpoint, bytes);
  exchange.status = 200;
  return new Response(body, { headers: answerHeaders(exchange) });
}

function encode(
  exchange: Exchange,
  { upstream, context }: Endpoint,
  bytes: Uint8Array,
): string | Uint8Array<ArrayBuffer> {
  const { dialect } = exchange.incoming;
  const text = utf8.decode(bytes);
  const body = parse(text);
  if (upstream.kind === 'translate') return dialect.encode(upstream.wire.decode(body, text), context);
  if (!isJsonObject(body)) throw new GatewayError('upstream_invalid', "The upstream's answer is not a JSON object.");
  if (body.error !== undefined && body.error !== null && body.choices === undefined && body.data === undefined) {
    throw new GatewayError('upstream_invalid', errorMessage(body.error), { upstreamBody: body });
  }
  exchange.usage = readUsage(body.usage);
  const isMended = upstream.kind === 'pass' && upstream.mend?.(body) === true;
  const passed = isMended ? new TextEncoder().encode(JSON.stringify(body)) : bytes;
  return dialect.answer(body, passed, context) as string | Uint8Array<ArrayBuffer>;
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
