import type { NeutralMessage, NeutralRequest } from '../../core/neutral.ts';
import type { JsonObject, Operation } from '../../core/types.ts';
import { isJsonObject } from '../../core/types.ts';
import type { CheckedRequest } from '../dialect.ts';

/** The neutral shape of a checked request. Fields that are null count as absent, as they do for MLflow. */
export function decode(operation: Operation, request: CheckedRequest): NeutralRequest {
  const { messages, prompt, input, stream, ...others } = request.body;
  const rest: JsonObject = {};
  for (const [field, value] of Object.entries(others)) {
    if (value !== null)
      Object.defineProperty(rest, field, { value, enumerable: true, writable: true, configurable: true });
  }
  for (const [field, value] of request.replacements ?? []) rest[field] = value;
  if (operation === 'embeddings') {
    return { operation, input: Array.isArray(input) ? input : [input], rest };
  }
  if (rest.n === undefined) rest.n = 1;
  if (operation === 'completions') return { operation, prompt, stream: stream === true, rest };
  return {
    operation,
    messages: (messages as unknown[]).filter(isJsonObject).map(message),
    stream: stream === true,
    rest,
  };
}

function message(value: JsonObject): NeutralMessage {
  const { role, content, ...rest } = value;
  return { role: String(role), content, rest };
}
