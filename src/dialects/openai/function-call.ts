import type { JsonObject } from '../../core/types.ts';
import { isJsonObject } from '../../core/types.ts';

/**
 * A choice for a client that speaks the deprecated form of function calling: the one call is `function_call`, in a
 * message as in a delta.
 */
export function toFunctionCall(choice: JsonObject): JsonObject {
  const converted = { ...choice };
  if (choice.finish_reason === 'tool_calls') converted.finish_reason = 'function_call';
  for (const field of ['message', 'delta']) {
    const holder = choice[field];
    if (!isJsonObject(holder) || !Array.isArray(holder.tool_calls)) continue;
    const { tool_calls: calls, ...rest } = holder;
    const first: unknown = holder.tool_calls[0];
    converted[field] = { ...rest, ...(isJsonObject(first) && { function_call: withoutNulls(first.function) }) };
  }
  return converted;
}

function withoutNulls(definition: unknown): JsonObject {
  if (!isJsonObject(definition)) return {};
  return Object.fromEntries(Object.entries(definition).filter(([, value]) => value !== null));
}
