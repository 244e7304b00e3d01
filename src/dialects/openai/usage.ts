import type { TokenCounts } from '../../core/neutral.ts';
import { isJsonObject } from '../../core/types.ts';

const count = (value: unknown): number | null => (typeof value === 'number' && value >= 0 ? value : null);

/** Reads an OpenAI `usage` object; null when there is none. */
export function readUsage(value: unknown): TokenCounts | null {
  if (!isJsonObject(value)) return null;
  return {
    prompt: count(value.prompt_tokens),
    completion: count(value.completion_tokens),
    total: count(value.total_tokens),
  };
}
