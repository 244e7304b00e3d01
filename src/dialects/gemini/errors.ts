import type { GatewayError } from '../../core/errors.ts';
import type { JsonObject } from '../../core/types.ts';
import { isJsonObject } from '../../core/types.ts';

/** https://cloud.google.com/apis/design/errors#handling_errors */
const NAMES: ReadonlyMap<number, string> = new Map([
  [400, 'INVALID_ARGUMENT'],
  [401, 'UNAUTHENTICATED'],
  [403, 'PERMISSION_DENIED'],
  [404, 'NOT_FOUND'],
  [408, 'DEADLINE_EXCEEDED'],
  [409, 'ABORTED'],
  [429, 'RESOURCE_EXHAUSTED'],
  [499, 'CANCELLED'],
  [500, 'INTERNAL'],
  [501, 'UNIMPLEMENTED'],
  [502, 'UNAVAILABLE'],
  [503, 'UNAVAILABLE'],
  [504, 'DEADLINE_EXCEEDED'],
  // Anthropic's word for a service that is overloaded.
  [529, 'UNAVAILABLE'],
]);

const OTHER_NAMES: ReadonlySet<string> = new Set([
  ...NAMES.values(),
  'FAILED_PRECONDITION',
  'OUT_OF_RANGE',
  'ALREADY_EXISTS',
  'DATA_LOSS',
  'UNKNOWN',
]);

/**
 * The error in Google's shape. An upstream that speaks the same shape is quoted whole; of another one the client gets
 * the message and, among the details, the provider's own name for the error.
 */
export function errorBody(error: GatewayError): JsonObject {
  const { upstreamBody, upstreamType } = error;
  // Some methods put it into a list.
  const upstream: unknown = Array.isArray(upstreamBody) ? upstreamBody[0] : upstreamBody;
  if (isGoogleError(upstream)) return upstream;
  const isKnown = upstreamType !== null && OTHER_NAMES.has(upstreamType);
  return {
    error: {
      code: error.status,
      message: error.message,
      status: isKnown ? upstreamType : nameOf(error.status),
      details: detailsOf(error),
    },
  };
}

function nameOf(status: number): string {
  return NAMES.get(status) ?? (status >= 500 ? 'INTERNAL' : 'INVALID_ARGUMENT');
}

export function isGoogleError(body: unknown): body is JsonObject {
  return (
    isJsonObject(body) &&
    isJsonObject(body.error) &&
    typeof body.error.message === 'string' &&
    typeof body.error.status === 'string'
  );
}

/** https://github.com/googleapis/googleapis/blob/master/google/rpc/error_details.proto */
function detailsOf({ code, upstreamType, parameter, message, headers }: GatewayError): JsonObject[] {
  const details: JsonObject[] = [
    {
      '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
      reason: upstreamType ?? code.toUpperCase(),
      domain: upstreamType === null ? 'sluice' : 'upstream',
    },
  ];
  if (parameter !== null) {
    const fieldViolations = [{ field: parameter, description: message }];
    details.push({ '@type': 'type.googleapis.com/google.rpc.BadRequest', fieldViolations });
  }
  const seconds = Number(headers['retry-after'] ?? Number.NaN);
  if (seconds >= 0) {
    details.push({ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: `${seconds}s` });
  }
  return details;
}

/** The status that an error of a stream would have had as an answer; null where it does not say. */
export function statusOf({ error }: JsonObject): number | null {
  const code = isJsonObject(error) ? error.code : null;
  return typeof code === 'number' && code >= 400 && code <= 599 ? code : null;
}
