import { GatewayError } from '../../core/errors.ts';
import { isJsonObject, type JsonObject } from '../../core/types.ts';
import type { UpstreamErrorReading } from '../provider.ts';

/**
 * `{"message": "…"}` with the error's name in the header `x-amzn-errortype`, where a colon and a URL may follow it.
 * https://docs.aws.amazon.com/bedrock/latest/APIReference/CommonErrors.html
 */
export function readError(body: unknown, header: (name: string) => string | null): UpstreamErrorReading | null {
  if (!isJsonObject(body)) return null;
  const message = body.message ?? body.Message;
  if (typeof message !== 'string') return null;
  const type = header('x-amzn-errortype') ?? (typeof body.__type === 'string' ? body.__type : null);
  return { message, type: type === null ? null : errorName(type) };
}

/** `com.amazon.coral.service#ThrottlingException:http://…` names the ThrottlingException. */
function errorName(type: string): string {
  const name = type.split(':', 1)[0] ?? '';
  return name.slice(name.indexOf('#') + 1);
}

/** https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ConverseStreamOutput.html */
const STATUSES = new Map<string, number>([
  ['accessDeniedException', 403],
  ['internalServerException', 500],
  ['modelErrorException', 424],
  ['modelNotReadyException', 429],
  ['modelStreamErrorException', 424],
  ['modelTimeoutException', 408],
  ['resourceNotFoundException', 404],
  ['serviceQuotaExceededException', 400],
  ['serviceUnavailableException', 503],
  ['throttlingException', 429],
  ['validationException', 400],
]);

/** The error that an exception within a stream means. */
export function streamException(name: string, payload: JsonObject): GatewayError {
  const type = name.charAt(0).toUpperCase() + name.slice(1);
  const text = payload.message ?? payload.Message ?? payload.originalMessage;
  const message = typeof text === 'string' ? text : `The model's stream ended with a ${type}.`;
  const status = STATUSES.get(name.charAt(0).toLowerCase() + name.slice(1));
  return new GatewayError('upstream_error', message, {
    upstreamType: type,
    ...(status !== undefined && { status }),
  });
}

export function invalidAnswer(found: string): GatewayError {
  return new GatewayError('upstream_invalid', `Amazon Bedrock answered in an unknown shape: ${found}.`);
}
