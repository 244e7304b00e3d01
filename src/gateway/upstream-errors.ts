import { type ErrorCode, GatewayError } from '../core/errors.ts';
import { type Secret, scrub } from '../core/secret.ts';
import { isJsonObject } from '../core/types.ts';
import { UpstreamError, type UpstreamFailure, type UpstreamResponse } from '../upstream/port.ts';

/** An upstream's error answer is read up to here; beyond it nobody would read on. */
const MAX_ERROR_BYTES = 1024 * 1024;

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

/** The error for an answer whose status is not 2xx. Its own status is kept where it is one of an error. */
export async function errorAnswer(response: UpstreamResponse, secrets: readonly Secret[]): Promise<GatewayError> {
  const contentType = response.header('content-type') ?? '';
  const text = scrub(new TextDecoder().decode(await response.bytes(MAX_ERROR_BYTES)), secrets);
  const status = response.status >= 400 && response.status <= 599 ? response.status : 502;
  const retryAfter = response.header('retry-after');
  const options = { status, ...(retryAfter && { headers: { 'retry-after': retryAfter } }) };
  if (status !== response.status) {
    return new GatewayError('upstream_invalid', `The upstream answered with status ${response.status}.`, options);
  }
  if (isJson(contentType)) return jsonError(text, response.status, options);
  if (contentType.startsWith('text/plain')) {
    return new GatewayError('upstream_error', text, { ...options, detail: { message: text } });
  }
  return unsupportedContentType(contentType);
}

function jsonError(
  text: string,
  status: number,
  options: { status: number; headers?: Record<string, string> },
): GatewayError {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return new GatewayError(
      'upstream_error',
      `The upstream answered with status ${status} and malformed JSON.`,
      options,
    );
  }
  const error = isJsonObject(body) ? body.error : undefined;
  if (isJsonObject(error)) {
    const message = typeof error.message === 'string' ? error.message : reason(status);
    return new GatewayError('upstream_error', message, { ...options, upstreamBody: body });
  }
  if (typeof error === 'string') return new GatewayError('upstream_error', error, options);
  const message = isJsonObject(body) && typeof body.message === 'string' ? body.message : reason(status);
  return new GatewayError('upstream_error', message, { ...options, detail: error === null ? message : body });
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
