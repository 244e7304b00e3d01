import { readUsage as readAnthropicUsage } from '../../core/anthropic/usage.ts';
import { readUsage as readGeminiUsage } from '../../core/gemini/usage.ts';
import type { Usage } from '../../core/neutral/usage.ts';
import { readUsage as readOpenAIUsage } from '../../core/openai/usage.ts';
import { isJsonObject, type JsonObject } from '../../core/types.ts';

/**
 * Reads a `usage` object of any of the shapes that relayed answers have; null where it counts no tokens, as one of
 * seconds. Images, audio and realtime: https://platform.openai.com/docs/api-reference/images/object
 */
export function readRelayedUsage(native: unknown): Usage | null {
  if (!isJsonObject(native)) return null;
  if ('promptTokenCount' in native) return readGeminiUsage(native);
  if (!('input_tokens' in native) && !('output_tokens' in native)) return readOpenAIUsage(native);
  if ('cache_read_input_tokens' in native || 'cache_creation_input_tokens' in native) return readAnthropicUsage(native);
  const prompt = details(native.input_tokens_details ?? native.input_token_details);
  const usage = readOpenAIUsage({
    prompt_tokens: native.input_tokens,
    completion_tokens: native.output_tokens,
    total_tokens: native.total_tokens,
    prompt_tokens_details: { ...prompt, ...uncached(prompt) },
    completion_tokens_details: details(native.output_tokens_details ?? native.output_token_details),
  });
  return usage && { ...usage, native };
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
export function addUsage(sum: Usage | null, more: Usage | null): Usage | null {
  if (sum === null || more === null) return sum ?? more;
  return {
    input: sum.input + more.input,
    cacheRead: sum.cacheRead + more.cacheRead,
    cacheWrite: sum.cacheWrite + more.cacheWrite,
    cacheWriteLong: sum.cacheWriteLong + more.cacheWriteLong,
    inputAudio: sum.inputAudio + more.inputAudio,
    inputImage: sum.inputImage + more.inputImage,
    output: sum.output + more.output,
    reasoning: sum.reasoning + more.reasoning,
    outputAudio: sum.outputAudio + more.outputAudio,
    outputImage: sum.outputImage + more.outputImage,
  };
}
