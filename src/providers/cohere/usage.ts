import { NO_USAGE, type Usage } from '../../core/neutral/usage.ts';
import type { JsonObject } from '../../core/types.ts';
import { isJsonObject } from '../../core/types.ts';

/**
 * Reads `usage` of version 2 and `meta` of version 1. `tokens` are what the model read and wrote; `billed_units` leave
 * out what Cohere adds to the prompt and stand in where there is nothing else. Cached tokens are part of the input.
 */
export function readUsage(value: unknown): Usage | null {
  if (!isJsonObject(value)) return null;
  const counts = isJsonObject(value.tokens) ? value.tokens : value.billed_units;
  if (!isJsonObject(counts)) return null;
  const { input_tokens: input, output_tokens: output, image_tokens: images } = counts;
  if (![input, output, images].some((tokens) => typeof tokens === 'number')) return null;
  const counted = usage(count(input), count(output), count(value.cached_tokens), count(images), value);
  return { ...counted, ...billedOf(value, counted) };
}

/** What is billed, where it is less than what the model read and wrote. */
function billedOf({ billed_units: units }: JsonObject, counted: Usage): Pick<Usage, 'billed' | 'units'> {
  if (!isJsonObject(units)) return {};
  const input = count(units.input_tokens);
  const output = count(units.output_tokens);
  const isSame = input === counted.input + counted.cacheRead && output === counted.output;
  const searches = count(units.search_units);
  return { ...(!isSame && { billed: { input, output } }), ...(searches > 0 && { units: { search_unit: searches } }) };
}

/** `token_count`, which older answers of version 1 have. */
export function readTokenCount(value: unknown): Usage | null {
  if (!isJsonObject(value) || typeof value.prompt_tokens !== 'number') return null;
  return usage(value.prompt_tokens, count(value.response_tokens), 0, 0, value);
}

function usage(input: number, output: number, cached: number, inputImage: number, native: JsonObject): Usage {
  const cacheRead = Math.min(cached, input);
  return { ...NO_USAGE, input: input - cacheRead, cacheRead, inputImage, output, native };
}

const count = (value: unknown): number => (typeof value === 'number' ? value : 0);
