import { expect, test } from 'bun:test';
import { completionTokens, promptTokens, type Usage } from '../../core/neutral/usage.ts';
import type { JsonObject } from '../../core/types.ts';
import { readTokenCount, readUsage } from './usage.ts';

type Buckets = Partial<Omit<Usage, 'native'>>;
type Case = readonly [name: string, native: JsonObject, buckets: Buckets, total: number];

const PAYLOADS: readonly Case[] = [
  [
    'version 2: what the model read, not what is billed',
    { billed_units: { input_tokens: 37, output_tokens: 28 }, tokens: { input_tokens: 913, output_tokens: 83 } },
    { input: 913, output: 83, billed: { input: 37, output: 28 } },
    996,
  ],
  [
    'a cache that was read, which is part of the input',
    {
      billed_units: { input_tokens: 5, output_tokens: 418 },
      tokens: { input_tokens: 71, output_tokens: 418 },
      cached_tokens: 64,
    },
    { input: 7, cacheRead: 64, output: 418, billed: { input: 5, output: 418 } },
    489,
  ],
  [
    'version 1',
    {
      api_version: { version: '1' },
      billed_units: { input_tokens: 10, output_tokens: 3 },
      tokens: { input_tokens: 76, output_tokens: 3 },
    },
    { input: 76, output: 3, billed: { input: 10, output: 3 } },
    79,
  ],
  [
    'embeddings, which have billed units alone',
    { api_version: { version: '1' }, billed_units: { input_tokens: 2 } },
    { input: 2 },
    2,
  ],
  [
    'embeddings of images',
    { api_version: { version: '2' }, billed_units: { images: 1, input_tokens: 1, image_tokens: 4 } },
    { input: 1, inputImage: 4 },
    5,
  ],
];

test.each([...PAYLOADS])('%s', (_, native, buckets, total) => expectBuckets(readUsage(native), native, buckets, total));

test('the token count of older answers', () => {
  const native = { prompt_tokens: 83, response_tokens: 63, total_tokens: 146, billed_tokens: 128 };
  expectBuckets(readTokenCount(native), native, { input: 83, output: 63 }, 146);
});

test('says nothing where the provider says nothing', () => {
  expect(readUsage([])).toBeNull();
  expect(readUsage({ api_version: { version: '1' } })).toBeNull();
  expect(readUsage({ billed_units: { search_units: 1 } })).toBeNull();
  expect(readTokenCount(undefined)).toBeNull();
});

function expectBuckets(usage: Usage | null, native: JsonObject, buckets: Buckets, total: number): void {
  if (!usage) throw new Error('no usage');
  const { native: kept, ...counts } = usage;
  expect(Object.fromEntries(Object.entries(counts).filter(([, count]) => count !== 0))).toEqual(buckets);
  expect(kept).toBe(native);
  expect(promptTokens(usage) + completionTokens(usage)).toBe(total);
}
