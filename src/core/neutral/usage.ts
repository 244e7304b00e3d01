import type { JsonObject } from '../types.ts';

/**
 * Tokens in buckets that do not overlap: their sum is the provider's total. Zero where the provider says nothing of a
 * bucket.
 */
export interface Usage {
  /** Prompt tokens that were neither cached nor audio or images. */
  readonly input: number;
  readonly cacheRead: number;
  /** Written to a cache that lives for the provider's usual time (Anthropic: 5 minutes). */
  readonly cacheWrite: number;
  /** Written to a cache that lives for an hour. */
  readonly cacheWriteLong: number;
  readonly inputAudio: number;
  readonly inputImage: number;
  /** Answer tokens that are neither reasoning nor audio nor images. */
  readonly output: number;
  readonly reasoning: number;
  readonly outputAudio: number;
  readonly outputImage: number;
  /** The provider's usage object as it came, for answers that show more than the buckets. */
  readonly native?: JsonObject;
}

export const NO_USAGE: Usage = {
  input: 0,
  cacheRead: 0,
  cacheWrite: 0,
  cacheWriteLong: 0,
  inputAudio: 0,
  inputImage: 0,
  output: 0,
  reasoning: 0,
  outputAudio: 0,
  outputImage: 0,
};

/** What OpenAI calls `prompt_tokens`. */
export function promptTokens(usage: Usage): number {
  return usage.input + usage.cacheRead + usage.cacheWrite + usage.cacheWriteLong + usage.inputAudio + usage.inputImage;
}

/** What OpenAI calls `completion_tokens`: reasoning is part of it. */
export function completionTokens(usage: Usage): number {
  return usage.output + usage.reasoning + usage.outputAudio + usage.outputImage;
}
