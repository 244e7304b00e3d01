import { GatewayError } from '../../core/errors.ts';
import type { JsonObject } from '../../core/types.ts';
import { isJsonObject } from '../../core/types.ts';
import type { UpstreamErrorReading } from '../provider.ts';

/** The header that names a request, in lower case. */
export const REQUEST_ID_HEADER = 'request-id';

/** `{"type":"error","error":{"type","message"},"request_id"}`. https://docs.anthropic.com/en/api/errors */
export function readError(body: unknown): UpstreamErrorReading | null {
  const error = isJsonObject(body) ? body.error : null;
  if (!isJsonObject(error) || typeof error.message !== 'string') return null;
  return { message: error.message, type: typeof error.type === 'string' ? error.type : null };
}

const STATUSES: Readonly<Record<string, number>> = {
  invalid_request_error: 400,
  authentication_error: 401,
  billing_error: 402,
  permission_error: 403,
  not_found_error: 404,
  request_too_large: 413,
  rate_limit_error: 429,
  api_error: 500,
  timeout_error: 504,
  overloaded_error: 529,
};

/** For an error that comes where the status has gone out before: in a stream. */
export function errorOf(body: JsonObject): GatewayError {
  const { message, type } = readError(body) ?? {
    message: 'The provider reported an error without a message.',
    type: null,
  };
  const status = type !== null && Object.hasOwn(STATUSES, type) ? STATUSES[type] : undefined;
  return new GatewayError('upstream_error', message, {
    ...(status !== undefined && { status }),
    upstreamType: type,
    upstreamBody: body,
  });
}

export function invalid(found: string): GatewayError {
  return new GatewayError('upstream_invalid', `The provider's answer is no message of the Messages API: ${found}.`);
}
