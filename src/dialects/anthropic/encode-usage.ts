import { completionTokens, type Usage } from '../../core/neutral/usage.ts';
import type { JsonObject } from '../../core/types.ts';

/** A message's `usage`, every count that clients add up included. A provider that counts in the same shape is quoted. */
export function encodeUsage(usage: Usage): JsonObject {
  const written = usage.cacheWrite + usage.cacheWriteLong;
  const counts: JsonObject = {
    input_tokens: usage.input + usage.inputAudio + usage.inputImage,
    cache_creation_input_tokens: written,
    cache_read_input_tokens: usage.cacheRead,
    output_tokens: completionTokens(usage),
  };
  if (isNative(usage.native)) return { ...counts, ...usage.native };
  if (written > 0) {
    counts.cache_creation = {
      ephemeral_5m_input_tokens: usage.cacheWrite,
      ephemeral_1h_input_tokens: usage.cacheWriteLong,
    };
  }
  if (usage.reasoning > 0) counts.output_tokens_details = { thinking_tokens: usage.reasoning };
  return counts;
}

/** OpenAI's Responses API has the same names for the two counts, but a total beside them. */
function isNative(native: JsonObject | undefined): boolean {
  return (
    typeof native?.input_tokens === 'number' &&
    typeof native.output_tokens === 'number' &&
    native.total_tokens === undefined
  );
}
