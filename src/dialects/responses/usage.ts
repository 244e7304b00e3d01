import { completionTokens, NO_USAGE, promptTokens, type Usage } from '../../core/neutral/usage.ts';
import { addUnit, type UsageDraft } from '../../core/neutral/usage-extras.ts';
import { readUsage as readChatUsage, withServiceTier } from '../../core/openai/usage.ts';
import { isJsonObject, type JsonObject } from '../../core/types.ts';

/** Reads `usage`, https://platform.openai.com/docs/api-reference/responses/object; null when there is none. */
export function readUsage(value: unknown): Usage | null {
  if (!isJsonObject(value)) return null;
  const usage = readChatUsage({
    ...value,
    prompt_tokens: value.input_tokens,
    prompt_tokens_details: value.input_tokens_details,
    completion_tokens: value.output_tokens,
    completion_tokens_details: value.output_tokens_details,
    total_tokens: value.total_tokens,
  });
  return usage && { ...usage, native: value };
}

/** The usage of a whole answer, with the class of service and the searches that stand beside it. */
export function readAnswerUsage(answer: JsonObject): Usage | null {
  const counted = readUsage(answer.usage);
  if (counted === null) return null;
  const usage: UsageDraft = withServiceTier(counted, answer.service_tier);
  for (const item of Array.isArray(answer.output) ? answer.output : []) {
    if (!isJsonObject(item)) continue;
    // Opening a page that was found, and looking into it, are no searches.
    if (item.type === 'web_search_call' && isSearch(item.action)) addUnit(usage, 'web_search', 1);
    else if (item.type === 'file_search_call') addUnit(usage, 'file_search', 1);
  }
  return usage;
}

function isSearch(action: unknown): boolean {
  return !isJsonObject(action) || action.type === undefined || action.type === 'search';
}

/** The two details are always there, because the clients' types say so; others only where there is something to tell. */
export function encodeUsage(usage: Usage | null): JsonObject {
  const { cacheRead, cacheWrite, cacheWriteLong, inputAudio, inputImage, reasoning, outputAudio, outputImage } =
    usage ?? NO_USAGE;
  const input = promptTokens(usage ?? NO_USAGE);
  const output = completionTokens(usage ?? NO_USAGE);
  const written = cacheWrite + cacheWriteLong;
  return {
    input_tokens: input,
    input_tokens_details: {
      cached_tokens: cacheRead,
      cache_write_tokens: written,
      ...(inputAudio > 0 && { audio_tokens: inputAudio }),
      ...(inputImage > 0 && { image_tokens: inputImage }),
    },
    output_tokens: output,
    output_tokens_details: {
      reasoning_tokens: reasoning,
      ...(outputAudio > 0 && { audio_tokens: outputAudio }),
      ...(outputImage > 0 && { image_tokens: outputImage }),
    },
    total_tokens: input + output,
  };
}
