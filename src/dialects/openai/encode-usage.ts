import { completionTokens, promptTokens, type Usage } from '../../core/neutral/usage.ts';
import type { JsonObject } from '../../core/types.ts';

/** OpenAI's `usage` object; the details only where there is something to tell. */
export function encodeUsage(usage: Usage): JsonObject {
  const prompt = promptTokens(usage);
  const completion = completionTokens(usage);
  const written = usage.cacheWrite + usage.cacheWriteLong;
  const encoded: JsonObject = {
    prompt_tokens: prompt,
    completion_tokens: completion,
    total_tokens: prompt + completion,
  };
  if (prompt > usage.input) {
    encoded.prompt_tokens_details = {
      ...(usage.cacheRead > 0 && { cached_tokens: usage.cacheRead }),
      ...(written > 0 && { cache_creation_tokens: written }),
      ...(usage.inputAudio > 0 && { audio_tokens: usage.inputAudio }),
      ...(usage.inputImage > 0 && { image_tokens: usage.inputImage }),
    };
  }
  if (completion > usage.output) {
    encoded.completion_tokens_details = {
      ...(usage.reasoning > 0 && { reasoning_tokens: usage.reasoning }),
      ...(usage.outputAudio > 0 && { audio_tokens: usage.outputAudio }),
      ...(usage.outputImage > 0 && { image_tokens: usage.outputImage }),
    };
  }
  return encoded;
}
