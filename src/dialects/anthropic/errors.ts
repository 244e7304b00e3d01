import type { GatewayError } from '../../core/errors.ts';
import type { JsonObject } from '../../core/types.ts';
import { isJsonObject } from '../../core/types.ts';

/** https://docs.anthropic.com/en/api/errors#http-errors */
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

const TYPES: ReadonlyMap<number, string> = new Map([
  ...Object.entries(STATUSES).map(([type, status]) => [status, type] as const),
  [408, 'timeout_error'],
  [503, 'overloaded_error'],
]);

/**
 * The error in Anthropic's shape. An upstream that speaks the same shape is quoted whole; of another one the client gets
 * the message and, among the details, the provider's own name for the error.
 */
export function errorBody(error: GatewayError): JsonObject {
  const { upstreamBody, upstreamType } = error;
  if (isError(upstreamBody)) return upstreamBody;
  const isKnown = upstreamType !== null && Object.hasOwn(STATUSES, upstreamType);
  return {
    type: 'error',
    error: {
      type: isKnown ? upstreamType : typeOf(error.status),
      message: error.message,
      ...(upstreamType !== null && !isKnown && { details: { error_code: upstreamType } }),
    },
    request_id: null,
  };
}

function isError(body: unknown): body is JsonObject {
  return (
    isJsonObject(body) && body.type === 'error' && isJsonObject(body.error) && typeof body.error.message === 'string'
  );
}

function typeOf(status: number): string {
  return TYPES.get(status) ?? (status >= 500 ? 'api_error' : 'invalid_request_error');
}

/** The status that an error of a stream would have had as an answer; null for a type that is not known. */
export function statusOf({ error }: JsonObject): number | null {
  const type = isJsonObject(error) ? error.type : null;
  return typeof type === 'string' && Object.hasOwn(STATUSES, type) ? (STATUSES[type] ?? null) : null;
}
