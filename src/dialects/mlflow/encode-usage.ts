import type { Usage } from '../../core/neutral/usage.ts';
import type { JsonObject } from '../../core/types.ts';
import { encodeUsage as encodeOpenAIUsage } from '../openai/encode-usage.ts';

/**
 * Names under which providers count what the three totals and `prompt_tokens_details` say already. What else a
 * provider's usage object has, such as `service_tier`, MLflow's gateway shows beside them.
 */
const COUNTED = new Set([
  'input_tokens',
  'output_tokens',
  'cache_read_input_tokens',
  'promptTokenCount',
  'candidatesTokenCount',
  'totalTokenCount',
  'cachedContentTokenCount',
  'inputTokens',
  'outputTokens',
  'totalTokens',
]);

/** MLflow's `usage` object. */
export function encodeUsage(usage: Usage | null): JsonObject {
  if (!usage) return { prompt_tokens: null, completion_tokens: null, total_tokens: null };
  const encoded = encodeOpenAIUsage(usage);
  const { native } = usage;
  for (const field in native) {
    const value = native[field];
    if (value !== null && !COUNTED.has(field) && !Object.hasOwn(encoded, field) && field !== '__proto__') {
      encoded[field] = value;
    }
  }
  return encoded;
}
