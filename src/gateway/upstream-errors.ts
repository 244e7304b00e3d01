import { type ErrorCode, GatewayError } from '../core/errors.ts';
import { type Scrubber, scrubber } from '../core/quoted-secrets.ts';
import { isJsonObject } from '../core/types.ts';
import type { UpstreamErrorReading } from '../providers/provider.ts';
import { UpstreamError, type UpstreamFailure, type UpstreamResponse } from '../upstream/port.ts';
import type { Exchange } from './exchange.ts';
import { secretsOf } from './exchange-secrets.ts';
import type { PassThrough, Translation } from './snapshot.ts';

/** An upstream's error answer is read up to here; beyond it nobody would read on. */
export const MAX_ERROR_BYTES = 1024 * 1024;

const FAILURE_CODES: Readonly<Record<UpstreamFailure, ErrorCode>> = {
  connect_failed: 'upstream_unreachable',
  connect_timeout: 'upstream_timeout',
  first_byte_timeout: 'upstream_timeout',
  idle_timeout: 'upstream_timeout',
  total_timeout: 'upstream_timeout',
  closed: 'upstream_invalid',
  bad_response: 'upstream_invalid',
  too_large: 'upstream_invalid',
  cancelled: 'client_closed',
};

/** Any failure as an error that a dialect can encode. What nobody foresaw is a 500 that says nothing of its inside. */
export function asGatewayError(error: unknown): GatewayError {
  if (error instanceof GatewayError) return error;
  if (error instanceof UpstreamError) {
    return new GatewayError(FAILURE_CODES[error.failure], error.message, { cause: error });
  }
  if (error instanceof RangeError && error.message.includes('call stack')) {
    return new GatewayError('invalid_request', 'The request is nested too deeply.', { cause: error });
  }
  return new GatewayError('internal', 'Internal Server Error', { cause: error });
}

export function isJson(contentType: string): boolean {
  return contentType.includes('application/json') || contentType.includes('+json');
}

export function unsupportedContentType(contentType: string): GatewayError {
  return new GatewayError(
    'upstream_invalid',
    `The returned data type from the route service is not supported. Received content type: ${contentType}`,
  );
}

export function cutOff(): GatewayError {
  return new GatewayError('upstream_invalid', 'The upstream ended the stream before it was complete.');
}

/** Whose errors are read, and whether the client knows their shape. */
type ErrorSource = Pick<PassThrough | Translation, 'kind' | 'readError'>;

/** The error for an answer whose status is not 2xx. Its own status is kept where it is one of an error. */
export async function errorAnswer(response: UpstreamResponse, upstream: ErrorSource | null): Promise<GatewayError> {
  const contentType = response.header('content-type') ?? '';
  const text = new TextDecoder().decode(await response.bytes(MAX_ERROR_BYTES));
  const status = response.status >= 400 && response.status <= 599 ? response.status : 502;
  const retryAfter = response.header('retry-after');
  const options = { status, ...(retryAfter && { headers: { 'retry-after': retryAfter } }) };
  if (status !== response.status) {
    return new GatewayError('upstream_invalid', `The upstream answered with status ${response.status}.`, options);
  }
  if (isJson(contentType)) return jsonError(text, response, upstream, options);
  if (contentType.startsWith('text/plain')) {
    const statusMeant = upstream?.readError?.(text, (name) => response.header(name))?.status ?? status;
    return new GatewayError('upstream_error', text, { ...options, status: statusMeant, detail: { message: text } });
  }
  return unsupportedContentType(contentType);
}

interface ErrorOptions {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
}

function jsonError(
  text: string,
  response: UpstreamResponse,
  upstream: ErrorSource | null,
  options: ErrorOptions,
): GatewayError {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    const message = `The upstream answered with status ${options.status} and malformed JSON.`;
    return new GatewayError('upstream_error', message, options);
  }
  const reading = upstream?.readError?.(body, (name) => response.header(name)) ?? readCommonError(body);
  return new GatewayError('upstream_error', reading?.message ?? reason(options.status), {
    ...options,
    ...(reading?.status !== undefined && { status: reading.status }),
    detail: mlflowDetail(body, options.status),
    upstreamType: reading?.type ?? null,
    // Only who speaks OpenAI's format is quoted in it.
    ...(upstream?.kind === 'pass' && { upstreamBody: body }),
  });
}

/** `{"error":{"message","type"}}`, `{"error":"…"}` and `{"message":"…"}`: what nearly every provider answers. */
function readCommonError(body: unknown): UpstreamErrorReading | null {
  if (!isJsonObject(body)) return null;
  const { error } = body;
  if (typeof error === 'string') return { message: error, type: null };
  const { message, type, status } = isJsonObject(error) ? error : body;
  if (typeof message !== 'string') return null;
  const name = type ?? status;
  return { message, type: typeof name === 'string' ? name : null };
}

/** What MLflow's server puts under `detail`: the message of an `error` object, else the whole body. */
function mlflowDetail(body: unknown, status: number): unknown {
  const error = isJsonObject(body) ? body.error : undefined;
  if (isJsonObject(error)) return typeof error.message === 'string' ? error.message : reason(status);
  if (typeof error === 'string') return error;
  if (error !== null || !isJsonObject(body)) return body;
  return typeof body.message === 'string' ? body.message : reason(status);
}

/** The error without the secrets of its endpoint, which an upstream may have quoted. */
export function scrubError(error: GatewayError, exchange: Exchange): GatewayError {
  const scrub = scrubber(secretsOf(exchange));
  const { message, detail, upstreamBody, upstreamType, headers } = error;
  const parts = [message, detail, upstreamBody, upstreamType, headers];
  if (scrubAll(parts, scrub) === parts) return error;
  return new GatewayError(error.code, scrub(message), {
    status: error.status,
    detail: scrubAll(detail, scrub),
    headers: scrubAll(headers, scrub) as Record<string, string>,
    cause: error.cause,
    upstreamBody: scrubAll(upstreamBody, scrub),
    upstreamType: upstreamType === null ? null : scrub(upstreamType),
    ...(error.parameter !== null && { parameter: error.parameter }),
  });
}

/** Deeper than any error that says something, and far from where writing it out would exhaust the stack. */
const DEEPEST_ERROR = 64;

/** The same value when it holds no secret, else a copy. Keys of objects are scrubbed as well. */
function scrubAll(value: unknown, scrub: Scrubber, depth = 0): unknown {
  if (typeof value === 'string') return scrub(value);
  if (typeof value !== 'object' || value === null) return value;
  if (depth > DEEPEST_ERROR) return '(nested too deeply to show)';
  if (Array.isArray(value)) {
    const items = value.map((item) => scrubAll(item, scrub, depth + 1));
    return items.every((item, index) => item === value[index]) ? value : items;
  }
  if (!isJsonObject(value)) return value;
  let isClean = true;
  const entries = Object.entries(value).map(([key, item]) => {
    const entry = [scrub(key), scrubAll(item, scrub, depth + 1)] as const;
    if (entry[0] !== key || entry[1] !== item) isClean = false;
    return entry;
  });
  return isClean ? value : Object.fromEntries(entries);
}

const REASONS: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  402: 'Payment Required',
  403: 'Forbidden',
  404: 'Not Found',
  408: 'Request Timeout',
  409: 'Conflict',
  413: 'Payload Too Large',
  422: 'Unprocessable Entity',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
  504: 'Gateway Timeout',
};

function reason(status: number): string {
  return REASONS[status] ?? `The upstream answered with status ${status}.`;
}
