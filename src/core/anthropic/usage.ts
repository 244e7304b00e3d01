import { NO_USAGE, type Usage } from '../neutral/usage.ts';
import { addServerTools, type UsageDraft } from '../neutral/usage-extras.ts';
import type { JsonObject } from '../types.ts';
import { isJsonObject } from '../types.ts';

/**
 * Reads the `usage` of a message: `input_tokens` excludes what was read from and written to the cache; `output_tokens` includes the thinking.
 * https://docs.anthropic.com/en/docs/build-with-claude/prompt-caching#tracking-cache-performance
 */
export function readUsage(native: unknown): Usage | null {
  if (!isJsonObject(native)) return null;
  const written = count(native.cache_creation_input_tokens);
  const lifetimes = isJsonObject(native.cache_creation) ? native.cache_creation : null;
  const long = Math.min(count(lifetimes?.ephemeral_1h_input_tokens), written);
  const output = count(native.output_tokens);
  const details = isJsonObject(native.output_tokens_details) ? native.output_tokens_details : null;
  const reasoning = Math.min(count(details?.thinking_tokens), output);
  const usage: UsageDraft = {
    ...NO_USAGE,
    input: count(native.input_tokens),
    cacheRead: count(native.cache_read_input_tokens),
    cacheWrite: written - long,
    cacheWriteLong: long,
    output: output - reasoning,
    reasoning,
    native,
  };
  addServerTools(usage, native);
  addClass(usage, native);
  return usage;
}

/** What sets the price of a request: https://platform.claude.com/docs/en/about-claude/pricing */
function addClass(usage: UsageDraft, { service_tier: tier, inference_geo: place, speed }: JsonObject): void {
  if (typeof tier === 'string' && tier !== 'standard') usage.serviceTier = tier;
  const modifiers = [...(place === 'us' ? ['us'] : []), ...(speed === 'fast' ? ['fast'] : [])];
  if (modifiers.length > 0) usage.modifiers = modifiers;
}

function count(value: unknown): number {
  return typeof value === 'number' && value > 0 ? value : 0;
}

/** The counts of a stream are cumulative; a later event leaves out, or has as null, what it says nothing new of. */
export function mergeUsage(earlier: JsonObject | null, later: unknown): JsonObject | null {
  if (!isJsonObject(later)) return earlier;
  const merged: JsonObject = { ...earlier };
  for (const field in later) {
    if (later[field] !== null || !(field in merged)) merged[field] = later[field];
  }
  return merged;
}
