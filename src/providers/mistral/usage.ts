import { NO_USAGE, type Usage } from '../../core/neutral/usage.ts';
import { isJsonObject } from '../../core/types.ts';

/** Cached tokens are part of `prompt_tokens`; the API has had three places for their number. */
export function readUsage(value: unknown): Usage | null {
  if (!isJsonObject(value) || typeof value.prompt_tokens !== 'number') return null;
  const cacheRead = Math.min(
    count(
      cachedTokens(value.prompt_tokens_details) ?? cachedTokens(value.prompt_token_details) ?? value.num_cached_tokens,
    ),
    value.prompt_tokens,
  );
  return {
    ...NO_USAGE,
    input: value.prompt_tokens - cacheRead,
    cacheRead,
    output: count(value.completion_tokens),
    native: value,
  };
}

function cachedTokens(details: unknown): unknown {
  return isJsonObject(details) ? details.cached_tokens : undefined;
}

const count = (value: unknown): number => (typeof value === 'number' ? value : 0);
