import { expect, test } from 'bun:test';
import { encodeUsage, readUsage } from './usage.ts';

const NATIVE = {
  input_tokens: 75,
  input_tokens_details: { cached_tokens: 25, cache_write_tokens: 0 },
  output_tokens: 1186,
  output_tokens_details: { reasoning_tokens: 1024 },
  total_tokens: 1261,
};

test('usage is read into buckets and written as it was', () => {
  const usage = readUsage(NATIVE);
  expect(usage).toMatchObject({ input: 50, cacheRead: 25, output: 162, reasoning: 1024, native: NATIVE });
  expect(encodeUsage(usage)).toEqual(NATIVE);
});

test('what does not say anything of usage is none, and clients get numbers all the same', () => {
  expect([readUsage(null), readUsage({}), readUsage({ input_tokens: 'x' })]).toEqual([null, null, null]);
  expect(encodeUsage(null)).toMatchObject({
    input_tokens: 0,
    input_tokens_details: { cached_tokens: 0 },
    total_tokens: 0,
  });
});

test('what was written to a cache is part of the input', () => {
  const usage = readUsage({ input_tokens: 1, output_tokens: 1 });
  expect(usage && encodeUsage({ ...usage, cacheWrite: 4, cacheWriteLong: 2, outputImage: 3 })).toEqual({
    input_tokens: 7,
    input_tokens_details: { cached_tokens: 0, cache_write_tokens: 6 },
    output_tokens: 4,
    output_tokens_details: { reasoning_tokens: 0, image_tokens: 3 },
    total_tokens: 11,
  });
});
