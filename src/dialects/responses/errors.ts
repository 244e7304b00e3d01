import type { GatewayError } from '../../core/errors.ts';
import { isJsonObject, type JsonObject } from '../../core/types.ts';
import { latin1FromUtf8 } from '../latin1.ts';
import { errorBody } from '../openai/errors.ts';
import { echoOf, now, responseId } from './response-object.ts';

/** What the client of a stream has been told before it failed. */
export interface Begun {
  /** The response object that the stream began with, with what has become of it. */
  readonly response: JsonObject;
  /** The number of the next event. */
  readonly sequence: number;
}

/**
 * The end of a stream that failed: `error`, which the official clients raise, and `response.failed`, by which some coding
 * agents alone know that there is nothing to wait for.
 * https://platform.openai.com/docs/api-reference/responses-streaming/error
 */
export function streamError(error: GatewayError, begun: Begun | null = null): string {
  const detail = detailOf(error);
  const { code = null, message, param = null } = detail;
  const sequence = begun?.sequence ?? 0;
  const event = { type: 'error', sequence_number: sequence, code, message, param, error: detail };
  const response = {
    ...(begun?.response ?? unbegun()),
    completed_at: null,
    status: 'failed',
    error: { code: failureCode(error, code), message },
    incomplete_details: null,
    usage: null,
  };
  const failed = { type: 'response.failed', sequence_number: sequence + 1, response };
  return latin1FromUtf8(
    `event: error\ndata: ${JSON.stringify(event)}\n\nevent: response.failed\ndata: ${JSON.stringify(failed)}\n\n`,
  );
}

function unbegun(): JsonObject {
  return { ...echoOf({}), id: responseId(null), object: 'response', created_at: now(), model: '', output: [] };
}

function detailOf(error: GatewayError): JsonObject {
  const { error: detail } = errorBody(error);
  return isJsonObject(detail) ? detail : { message: error.message };
}

/** The codes that a failed response may have are others than those of errors. */
function failureCode({ status, upstreamBody }: GatewayError, code: unknown): string {
  if (status === 429) return 'rate_limit_exceeded';
  // An upstream of the same format says it in the right words.
  if (upstreamBody !== undefined && typeof code === 'string') return code;
  return status < 500 ? 'invalid_prompt' : 'server_error';
}

/** The status that an error of a stream would have had as an answer; null for one that is not known. */
export function statusOfError({ code, type }: JsonObject): number | null {
  for (const word of [code, type]) {
    if (typeof word === 'string' && Object.hasOwn(STATUSES, word)) return STATUSES[word] ?? null;
  }
  return null;
}

/** https://platform.openai.com/docs/guides/error-codes */
const STATUSES: Readonly<Record<string, number>> = {
  invalid_api_key: 401,
  authentication_error: 401,
  permission_error: 403,
  model_not_found: 404,
  not_found_error: 404,
  insufficient_quota: 429,
  rate_limit_exceeded: 429,
  rate_limit_error: 429,
  server_error: 500,
  server_is_overloaded: 503,
  context_length_exceeded: 400,
  invalid_prompt: 400,
  invalid_request_error: 400,
};
