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
  /** How many of `cacheRead` were audio, and images. Absent: the provider does not tell, or none. */
  readonly cacheReadAudio?: number;
  readonly cacheReadImage?: number;
  /** What is billed by another measure than tokens. Absent: nothing. */
  readonly units?: UsageUnits;
  /** What the provider bills, where it says that this is less than what the model read and wrote (Cohere). */
  readonly billed?: { readonly input: number; readonly output: number };
  /** What the provider says that it charges, in US dollars as a decimal. */
  readonly providerCost?: string;
  /** What changes all of its prices, in the provider's words: `us` for where it ran, `fast` for how. */
  readonly modifiers?: readonly string[];
  /** The provider's word for the price class that served it, where it stands beside the counts. */
  readonly serviceTier?: string;
  /** The provider's usage object as it came, for answers that show more than the buckets. */
  readonly native?: JsonObject;
}

/** What is billed by another measure than tokens. */
export type UsageUnit =
  /** Searches of the web that the provider ran. */
  | 'web_search'
  /** Sources that a search of the provider used, where it bills those. */
  | 'search_source'
  | 'file_search'
  /** Images made. */
  | 'image'
  /** Seconds of audio that were transcribed. */
  | 'audio_second'
  /** Characters of text that were spoken. */
  | 'character'
  /** Pages of documents that were read. */
  | 'page'
  /** Searches of a ranking. */
  | 'search_unit';

export type UsageUnits = Readonly<Partial<Record<UsageUnit, number>>>;
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

/** The buckets that hold tokens, and add up to the total. */
export const TOKEN_BUCKETS = [
  'input',
  'cacheRead',
  'cacheWrite',
  'cacheWriteLong',
  'inputAudio',
  'inputImage',
  'output',
  'reasoning',
  'outputAudio',
  'outputImage',
] as const satisfies ReadonlyArray<keyof Usage>;

/** What OpenAI calls `prompt_tokens`. */
export function promptTokens(usage: Usage): number {
  return usage.input + usage.cacheRead + usage.cacheWrite + usage.cacheWriteLong + usage.inputAudio + usage.inputImage;
}

/** What OpenAI calls `completion_tokens`: reasoning is part of it. */
export function completionTokens(usage: Usage): number {
  return usage.output + usage.reasoning + usage.outputAudio + usage.outputImage;
}

/** What two calls used together. The provider's own objects stay out of it. */
export function addUsage(one: Usage, other: Usage): Usage {
  const cacheReadAudio = (one.cacheReadAudio ?? 0) + (other.cacheReadAudio ?? 0);
  const cacheReadImage = (one.cacheReadImage ?? 0) + (other.cacheReadImage ?? 0);
  const units = addUnits(one.units, other.units);
  const modifiers = other.modifiers ?? one.modifiers;
  const tier = other.serviceTier ?? one.serviceTier;
  return {
    input: one.input + other.input,
    cacheRead: one.cacheRead + other.cacheRead,
    cacheWrite: one.cacheWrite + other.cacheWrite,
    cacheWriteLong: one.cacheWriteLong + other.cacheWriteLong,
    inputAudio: one.inputAudio + other.inputAudio,
    inputImage: one.inputImage + other.inputImage,
    output: one.output + other.output,
    reasoning: one.reasoning + other.reasoning,
    outputAudio: one.outputAudio + other.outputAudio,
    outputImage: one.outputImage + other.outputImage,
    ...(cacheReadAudio > 0 && { cacheReadAudio }),
    ...(cacheReadImage > 0 && { cacheReadImage }),
    ...(units && { units }),
    ...((one.billed || other.billed) && { billed: addBilled(one, other) }),
    ...(tier !== undefined && { serviceTier: tier }),
    ...(modifiers && { modifiers }),
  };
}

function addUnits(one: UsageUnits | undefined, other: UsageUnits | undefined): UsageUnits | undefined {
  if (!one || !other) return one ?? other;
  const sum: Partial<Record<UsageUnit, number>> = { ...one };
  for (const unit in other) {
    const key = unit as UsageUnit;
    sum[key] = (sum[key] ?? 0) + (other[key] ?? 0);
  }
  return sum;
}

function addBilled(one: Usage, other: Usage): NonNullable<Usage['billed']> {
  const billed = (usage: Usage) => usage.billed ?? { input: promptTokens(usage), output: completionTokens(usage) };
  return {
    input: billed(one).input + billed(other).input,
    output: billed(one).output + billed(other).output,
  };
}
