import { describe, expect, test } from 'bun:test';
import { completionTokens, promptTokens, TOKEN_BUCKETS } from '../neutral/usage.ts';
import type { JsonObject } from '../types.ts';
import { readUsage } from './usage.ts';

type Buckets = Partial<Record<keyof ReturnType<typeof readUsage>, number>>;

const text = (tokenCount: number) => ({ modality: 'TEXT', tokenCount });
const image = (tokenCount: number) => ({ modality: 'IMAGE', tokenCount });
const audio = (tokenCount: number) => ({ modality: 'AUDIO', tokenCount });

/** Shaped on the examples of https://ai.google.dev/gemini-api/docs and of the reference of Vertex AI. */
const PAYLOADS: ReadonlyArray<readonly [name: string, metadata: JsonObject, buckets: Buckets]> = [
  [
    'text alone',
    { promptTokenCount: 8, candidatesTokenCount: 9, totalTokenCount: 17, promptTokensDetails: [text(8)] },
    { input: 8, output: 9 },
  ],
  [
    'thoughts beside the candidates',
    { promptTokenCount: 10, candidatesTokenCount: 20, totalTokenCount: 150, thoughtsTokenCount: 120 },
    { input: 10, output: 20, reasoning: 120 },
  ],
  [
    'thoughts within the candidates, as the total tells',
    { promptTokenCount: 10, candidatesTokenCount: 140, totalTokenCount: 150, thoughtsTokenCount: 120 },
    { input: 10, output: 20, reasoning: 120 },
  ],
  [
    'thoughts alone, at the length limit',
    { promptTokenCount: 5, totalTokenCount: 24, thoughtsTokenCount: 19 },
    { input: 5, reasoning: 19 },
  ],
  [
    'a cached prompt with an image in the cache',
    {
      promptTokenCount: 2152,
      candidatesTokenCount: 5,
      totalTokenCount: 2157,
      cachedContentTokenCount: 2027,
      promptTokensDetails: [text(1894), image(258)],
      cacheTokensDetails: [text(1769), image(258)],
    },
    { input: 125, cacheRead: 2027, cacheReadImage: 258, output: 5 },
  ],
  [
    'a cache whose kinds are not told',
    {
      promptTokenCount: 300,
      candidatesTokenCount: 5,
      totalTokenCount: 305,
      cachedContentTokenCount: 100,
      promptTokensDetails: [text(42), image(258)],
    },
    { inputImage: 200, cacheRead: 100, output: 5 },
  ],
  [
    'a recording and an image',
    {
      promptTokenCount: 300,
      candidatesTokenCount: 5,
      totalTokenCount: 305,
      promptTokensDetails: [text(10), image(258), audio(32)],
    },
    { input: 10, inputImage: 258, inputAudio: 32, output: 5 },
  ],
  [
    'a document and a video, priced like text',
    {
      promptTokenCount: 790,
      candidatesTokenCount: 3,
      totalTokenCount: 793,
      promptTokensDetails: [text(6), { modality: 'DOCUMENT', tokenCount: 516 }, { modality: 'VIDEO', tokenCount: 268 }],
    },
    { input: 790, output: 3 },
  ],
  [
    'what a tool of the provider brought into the prompt',
    {
      promptTokenCount: 9,
      candidatesTokenCount: 7,
      totalTokenCount: 116,
      toolUsePromptTokenCount: 70,
      toolUsePromptTokensDetails: [text(70)],
      thoughtsTokenCount: 30,
    },
    { input: 79, output: 7, reasoning: 30 },
  ],
  [
    'the same already within the prompt, as the total tells',
    {
      promptTokenCount: 79,
      candidatesTokenCount: 7,
      totalTokenCount: 116,
      toolUsePromptTokenCount: 70,
      thoughtsTokenCount: 30,
    },
    { input: 79, output: 7, reasoning: 30 },
  ],
  [
    'an image that was made',
    {
      promptTokenCount: 12,
      candidatesTokenCount: 1293,
      totalTokenCount: 1305,
      candidatesTokensDetails: [image(1290)],
    },
    { input: 12, output: 3, outputImage: 1290 },
  ],
  [
    'speech that was made',
    { promptTokenCount: 6, candidatesTokenCount: 56, totalTokenCount: 62, candidatesTokensDetails: [audio(56)] },
    { input: 6, outputAudio: 56 },
  ],
  ['a prompt that was blocked', { promptTokenCount: 4, totalTokenCount: 4 }, { input: 4 }],
  ['a total that holds more than the fields', { promptTokenCount: 4, totalTokenCount: 10 }, { input: 4, output: 6 }],
  ['embeddings, without a total', { promptTokenCount: 4, promptTokensDetails: [text(4)] }, { input: 4 }],
];

describe('usage', () => {
  test.each(PAYLOADS)('of %s comes in disjoint buckets', (_, metadata, buckets) => {
    const { native, ...usage } = readUsage(metadata);
    expect(Object.fromEntries(Object.entries(usage).filter(([, count]) => count !== 0))).toEqual(buckets);
    expect(native).toBe(metadata);
    const total = metadata.totalTokenCount ?? metadata.promptTokenCount;
    expect<unknown>(promptTokens(usage) + completionTokens(usage)).toBe(total);
  });

  test('is never negative, and sums up to the total, whatever the counts are', () => {
    let seed = 7;
    const random = (limit: number) => {
      seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
      return seed % limit;
    };
    for (let round = 0; round < 2_000; round++) {
      const [prompt, candidates, thoughts, tools] = [random(50), random(50), random(30), random(30)];
      // What may be counted twice, at most.
      const least = prompt + candidates + thoughts + tools - Math.min(thoughts, candidates) - Math.min(tools, prompt);
      const total = least + random(100);
      const usage = readUsage({
        promptTokenCount: prompt,
        candidatesTokenCount: candidates,
        thoughtsTokenCount: thoughts,
        toolUsePromptTokenCount: tools,
        totalTokenCount: total,
        cachedContentTokenCount: random(80),
        promptTokensDetails: [text(random(20)), image(random(60)), audio(random(60))],
        cacheTokensDetails: random(2) ? [image(random(60))] : undefined,
        candidatesTokensDetails: [image(random(60)), audio(random(60))],
      });
      expect(Math.min(...TOKEN_BUCKETS.map((bucket) => usage[bucket]))).toBeGreaterThanOrEqual(0);
      const { cacheReadAudio = 0, cacheReadImage = 0 } = usage;
      expect(cacheReadAudio + cacheReadImage).toBeLessThanOrEqual(usage.cacheRead);
      expect(promptTokens(usage) + completionTokens(usage)).toBe(total);
    }
  });

  test('of a malformed kind counts as nothing', () => {
    const usage = readUsage({ promptTokenCount: '4', candidatesTokenCount: null, promptTokensDetails: 'all' });
    expect(promptTokens(usage) + completionTokens(usage)).toBe(0);
  });
});
