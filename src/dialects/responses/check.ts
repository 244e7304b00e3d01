import { isJsonObject, type JsonObject } from '../../core/types.ts';
import type { CheckedRequest, RequestPath } from '../dialect.ts';
import { invalidType, missing } from '../openai/fields.ts';

/** What may stand for the input where the provider keeps state. */
const INSTEAD_OF_INPUT = ['previous_response_id', 'conversation', 'prompt'] as const;

/** Checks what the gateway itself needs; the rest is for the provider, or for decoding, to judge. */
export function check(body: unknown, path: RequestPath): CheckedRequest {
  const request = body as JsonObject;
  checkInput(request);
  const { stream } = request;
  if (stream !== undefined && stream !== null && typeof stream !== 'boolean') {
    throw invalidType('stream', 'a boolean', stream);
  }
  const streams = stream === true && path.action === 'generate';
  return { path, body: request, replacements: null, streams };
}

function checkInput(request: JsonObject): void {
  const { input } = request;
  if (input === undefined || input === null) {
    if (INSTEAD_OF_INPUT.every((field) => request[field] === undefined || request[field] === null))
      throw missing('input');
    return;
  }
  if (typeof input === 'string') return;
  if (!Array.isArray(input)) throw invalidType('input', 'a string or an array of objects', input);
  for (const [index, item] of input.entries()) {
    if (!isJsonObject(item)) throw invalidType(`input[${index}]`, 'an object', item);
  }
}
