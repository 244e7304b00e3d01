import { readUsage as readAnthropicUsage } from '../../core/anthropic/usage.ts';
import { readAnswerUsage as readGeminiAnswer, readUsage as readGeminiUsage } from '../../core/gemini/usage.ts';
import { addUsage, NO_USAGE, type Usage, type UsageUnit } from '../../core/neutral/usage.ts';
import { providerCostOf } from '../../core/neutral/usage-extras.ts';
import { readUsage as readOpenAIUsage, withServiceTier } from '../../core/openai/usage.ts';
import { isJsonObject, type JsonObject } from '../../core/types.ts';

/**
 * Reads a `usage` object of any of the shapes that relayed answers have; null where it counts nothing. Images, audio and
 * realtime: https://platform.openai.com/docs/api-reference/images/object
 */
export function readRelayedUsage(native: unknown): Usage | null {
  if (!isJsonObject(native)) return null;
  if ('promptTokenCount' in native) return readGeminiUsage(native);
  if (native.type === 'duration') return unitUsage('audio_second', native.seconds, native);
  if (!('input_tokens' in native) && !('output_tokens' in native)) return readOpenAIUsage(native) ?? costOnly(native);
  if ('cache_read_input_tokens' in native || 'cache_creation_input_tokens' in native) return readAnthropicUsage(native);
  const prompt = details(native.input_tokens_details ?? native.input_token_details);
  const usage = readOpenAIUsage({
    ...native,
    prompt_tokens: native.input_tokens,
    completion_tokens: native.output_tokens,
    total_tokens: native.total_tokens,
    prompt_tokens_details: { ...prompt, ...uncached(prompt) },
    completion_tokens_details: details(native.output_tokens_details ?? native.output_token_details),
  });
  return usage && { ...usage, native };
}

/** The usage of a whole answer: its usage object, or what it holds of things that are billed by the piece. */
export function readRelayedAnswer(answer: JsonObject): Usage | null {
  if (isJsonObject(answer.usageMetadata)) return readGeminiAnswer(answer);
  const usage = readRelayedUsage(answer.usage);
  const counted = usage && withServiceTier(usage, answer.service_tier);
  const { meta, usage_info: read } = answer;
  // Ranking, reading of documents, images without tokens, and recordings in detail.
  if (isJsonObject(meta) && isJsonObject(meta.billed_units)) {
    return counted ?? unitUsage('search_unit', meta.billed_units.search_units, meta);
  }
  if (isJsonObject(read)) return counted ?? unitUsage('page', read.pages_processed, read);
  if (Array.isArray(answer.data) && answer.created !== undefined) return withImages(counted, answer.data.length);
  return counted ?? unitUsage('audio_second', answer.text === undefined ? null : answer.duration);
}

/** Where the images were counted in tokens, those are what is billed. */
function withImages(usage: Usage | null, images: number): Usage | null {
  const made = unitUsage('image', images);
  if (usage === null) return made;
  return usage.output + usage.outputImage > 0 || made === null ? usage : { ...usage, units: { image: images } };
}

function unitUsage(unit: UsageUnit, value: unknown, native?: JsonObject): Usage | null {
  const quantity = typeof value === 'string' ? Number(value) : value;
  if (typeof quantity !== 'number' || !(quantity > 0) || quantity === Number.POSITIVE_INFINITY) return null;
  return { ...NO_USAGE, units: { [unit]: quantity }, ...(native && { native }) };
}

function costOnly(native: JsonObject): Usage | null {
  const providerCost = providerCostOf(native);
  return providerCost === null ? null : { ...NO_USAGE, providerCost, native };
}

function details(value: unknown): JsonObject {
  return isJsonObject(value) ? value : {};
}

/** Cached audio and images are counted among both; a bucket has them once, as cached. */
function uncached(prompt: JsonObject): JsonObject {
  const cached = details(prompt.cached_tokens_details);
  const less = (name: string) => Math.max(0, (Number(prompt[name]) || 0) - (Number(cached[name]) || 0));
  return { audio_tokens: less('audio_tokens'), image_tokens: less('image_tokens') };
}

/** Adds up the turns of a conversation. */
export function addTurn(sum: Usage | null, turn: Usage | null): Usage | null {
  return sum === null || turn === null ? (sum ?? turn) : addUsage(sum, turn);
}
