import type { Usage } from '../neutral/usage.ts';
import { addServerTools, providerCostOf, type UsageDraft } from '../neutral/usage-extras.ts';
import { isJsonObject, type JsonObject } from '../types.ts';

/** The usage of a whole answer or of a chunk, with the class of service that stands beside it. */
export function readAnswerUsage(answer: JsonObject): Usage | null {
  const usage = readUsage(answer.usage);
  return usage && withServiceTier(usage, answer.service_tier);
}

export function withServiceTier(usage: Usage, tier: unknown): Usage {
  return typeof tier === 'string' && tier !== '' && tier !== 'default' ? { ...usage, serviceTier: tier } : usage;
}

/**
 * Reads an OpenAI `usage` object, https://platform.openai.com/docs/api-reference/chat/object; null when there is none
 * or it holds no counts. The buckets add up to `total_tokens`, whatever the details say: providers count cached, audio
 * and reasoning tokens within `prompt_tokens` and `completion_tokens`, except for those that leave reasoning out of
 * `completion_tokens`, which only the total shows.
 */
export function readUsage(value: unknown): Usage | null {
  if (!isJsonObject(value)) return null;
  const { prompt_tokens, completion_tokens, total_tokens } = value;
  if (!isCount(prompt_tokens) && !isCount(completion_tokens) && !isCount(total_tokens)) return null;
  let prompt = count(prompt_tokens);
  let completion = count(completion_tokens);
  // A total of nothing beside counts of something was not filled in.
  const total = count(total_tokens) || prompt + completion;
  const uncounted = total - prompt - completion;
  if (uncounted > 0) {
    if (isCount(prompt_tokens)) completion += uncounted;
    else prompt += uncounted;
  } else if (uncounted < 0) {
    prompt = Math.min(prompt, total);
    completion = total - prompt;
  }
  return buckets(value, prompt, completion);
}

function buckets(native: JsonObject, prompt: number, completion: number): Usage {
  const promptDetails = details(native.prompt_tokens_details);
  const completionDetails = details(native.completion_tokens_details);
  let input = prompt;
  const cacheRead = Math.min(cachedTokens(native, promptDetails), input);
  input -= cacheRead;
  const cacheWrite = Math.min(writtenTokens(native, promptDetails), input);
  input -= cacheWrite;
  const inputAudio = Math.min(count(promptDetails.audio_tokens), input);
  input -= inputAudio;
  const inputImage = Math.min(count(promptDetails.image_tokens), input);
  input -= inputImage;
  let output = completion;
  const reasoning = Math.min(count(completionDetails.reasoning_tokens ?? native.reasoning_tokens), output);
  output -= reasoning;
  const outputAudio = Math.min(count(completionDetails.audio_tokens), output);
  output -= outputAudio;
  const outputImage = Math.min(count(completionDetails.image_tokens), output);
  output -= outputImage;
  const usage: UsageDraft = {
    input,
    cacheRead,
    cacheWrite,
    cacheWriteLong: 0,
    inputAudio,
    inputImage,
    output,
    reasoning,
    outputAudio,
    outputImage,
    native,
  };
  if (cacheRead > 0 && promptDetails.cached_tokens_details !== undefined) addCached(usage, promptDetails);
  addServerTools(usage, native);
  const cost = providerCostOf(native);
  if (cost !== null) usage.providerCost = cost;
  return usage;
}

/** Which of the cached tokens were audio and images. */
function addCached(usage: UsageDraft, { cached_tokens_details: value }: JsonObject): void {
  const cached = details(value);
  const audio = Math.min(count(cached.audio_tokens), usage.cacheRead);
  const image = Math.min(count(cached.image_tokens), usage.cacheRead - audio);
  if (audio > 0) usage.cacheReadAudio = audio;
  if (image > 0) usage.cacheReadImage = image;
}

const NO_DETAILS: JsonObject = {};

function details(value: unknown): JsonObject {
  return isJsonObject(value) ? value : NO_DETAILS;
}

/** OpenAI's place first, then the older and other places that servers of this format have for the same count. */
function cachedTokens(usage: JsonObject, promptDetails: JsonObject): number {
  return count(
    promptDetails.cached_tokens ??
      usage.prompt_cache_hit_tokens ??
      usage.cached_tokens ??
      usage.num_cached_tokens ??
      usage.cache_read_input_tokens,
  );
}

function writtenTokens(usage: JsonObject, promptDetails: JsonObject): number {
  return count(
    promptDetails.cache_creation_tokens ?? promptDetails.cache_write_tokens ?? usage.cache_creation_input_tokens,
  );
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && value !== Number.POSITIVE_INFINITY;
}

function count(value: unknown): number {
  return isCount(value) ? value : 0;
}
