import { NO_USAGE, type Usage } from '../../core/neutral/usage.ts';
import { isJsonObject, type JsonObject } from '../../core/types.ts';

/**
 * Converse's `usage`: `inputTokens` are those that no cache had a part in, and `cacheWriteInputTokens` all that were
 * written, whatever their time to live. https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_TokenUsage.html
 */
export function converseUsage(usage: unknown, serviceTier?: unknown): Usage | null {
  if (!isJsonObject(usage)) return null;
  const tier = isJsonObject(serviceTier) ? serviceTier.type : null;
  const cacheWriteLong = Math.min(writtenForAnHour(usage.cacheDetails), count(usage.cacheWriteInputTokens));
  return {
    ...NO_USAGE,
    input: count(usage.inputTokens),
    cacheRead: count(usage.cacheReadInputTokens),
    cacheWrite: count(usage.cacheWriteInputTokens) - cacheWriteLong,
    cacheWriteLong,
    output: count(usage.outputTokens),
    ...(typeof tier === 'string' && tier !== 'default' && { serviceTier: tier }),
    native: usage,
  };
}

function writtenForAnHour(details: unknown): number {
  if (!Array.isArray(details)) return 0;
  let tokens = 0;
  for (const detail of details) {
    if (isJsonObject(detail) && detail.ttl === '1h') tokens += count(detail.inputTokens);
  }
  return tokens;
}

/** What an answer of InvokeModel says; null where it says nothing. */
export function plainUsage(input: unknown, output: unknown, native?: JsonObject): Usage | null {
  if (typeof input !== 'number' && typeof output !== 'number') return null;
  return { ...NO_USAGE, input: count(input), output: count(output), ...(native && { native }) };
}

function count(value: unknown): number {
  return typeof value === 'number' && Number.isFinite(value) && value > 0 ? value : 0;
}
