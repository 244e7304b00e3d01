import type { ErrorCode, GatewayError } from '../../core/errors.ts';
import type { JsonObject } from '../../core/types.ts';
import { isJsonObject } from '../../core/types.ts';

/** OpenAI's `type` of an error: https://platform.openai.com/docs/guides/error-codes */
const TYPES: Partial<Record<ErrorCode, string>> = {
  rate_limited: 'rate_limit_error',
  internal: 'server_error',
  not_implemented: 'server_error',
  draining: 'server_error',
  upstream_unreachable: 'server_error',
  upstream_invalid: 'server_error',
  upstream_timeout: 'server_error',
  upstream_error: 'upstream_error',
};

/**
 * The error in OpenAI's shape. An upstream that speaks the same shape is quoted whole; of another one the client gets
 * the message and, as `type` and `code`, the provider's own name for the error.
 */
export function errorBody(error: GatewayError): JsonObject {
  const upstream = error.upstreamBody;
  if (isJsonObject(upstream) && isJsonObject(upstream.error) && typeof upstream.error.message === 'string') {
    return upstream;
  }
  return {
    error: {
      message: error.message,
      type: error.upstreamType ?? TYPES[error.code] ?? 'invalid_request_error',
      param: error.parameter,
      code: error.upstreamType ?? (error.code === 'not_found' ? 'model_not_found' : error.code),
    },
  };
}
