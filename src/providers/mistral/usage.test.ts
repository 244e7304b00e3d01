import { expect, test } from 'bun:test';
import { completionTokens, promptTokens, type Usage } from '../../core/neutral/usage.ts';
import type { JsonObject } from '../../core/types.ts';
import { readUsage } from './usage.ts';

type Buckets = Partial<Omit<Usage, 'native'>>;

const PAYLOADS: ReadonlyArray<readonly [name: string, native: JsonObject, buckets: Buckets]> = [
  ['a plain answer', { prompt_tokens: 14, completion_tokens: 9, total_tokens: 23 }, { input: 14, output: 9 }],
  [
    'cached tokens, told three times',
    {
      prompt_tokens: 2014,
      completion_tokens: 3,
      total_tokens: 2017,
      num_cached_tokens: 1984,
      prompt_tokens_details: { cached_tokens: 1984 },
      prompt_token_details: { cached_tokens: 1984 },
    },
    { input: 30, cacheRead: 1984, output: 3 },
  ],
  [
    'cached tokens where they stood before',
    { prompt_tokens: 100, completion_tokens: 1, total_tokens: 101, prompt_token_details: { cached_tokens: 64 } },
    { input: 36, cacheRead: 64, output: 1 },
  ],
  [
    'seconds of a recording, which are no tokens',
    { prompt_tokens: 400, completion_tokens: 20, total_tokens: 420, prompt_audio_seconds: 31, num_cached_tokens: null },
    { input: 400, output: 20 },
  ],
  ['embeddings', { prompt_tokens: 15, completion_tokens: 0, total_tokens: 15 }, { input: 15 }],
];

test.each([...PAYLOADS])('%s', (_, native, buckets) => {
  const usage = readUsage(native);
  const { native: kept, ...counts } = usage ?? {};
  expect(Object.fromEntries(Object.entries(counts).filter(([, count]) => count !== 0))).toEqual(buckets);
  expect(kept).toBe(native);
  if (usage) expect(promptTokens(usage) + completionTokens(usage)).toBe(Number(native.total_tokens));
});

test('says nothing where the provider says nothing', () => {
  expect(readUsage(undefined)).toBeNull();
  expect(readUsage({ total_tokens: 3 })).toBeNull();
});
