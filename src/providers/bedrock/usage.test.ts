import { expect, test } from 'bun:test';
import { completionTokens, promptTokens, type Usage } from '../../core/neutral/usage.ts';
import type { JsonObject } from '../../core/types.ts';
import { converseUsage, plainUsage } from './usage.ts';

/** As Bedrock has answered; the buckets of each, zeros left out, and the provider's total. */
const PAYLOADS: ReadonlyArray<readonly [name: string, usage: JsonObject, buckets: JsonObject, total: number]> = [
  [
    'a plain answer',
    { inputTokens: 30, outputTokens: 628, serverToolUsage: {}, totalTokens: 658 },
    { input: 30, output: 628 },
    658,
  ],
  [
    'the cache was written, five minutes',
    {
      cacheDetails: [{ inputTokens: 1536, ttl: '5m' }],
      cacheReadInputTokenCount: 0,
      cacheReadInputTokens: 0,
      cacheWriteInputTokenCount: 1536,
      cacheWriteInputTokens: 1536,
      inputTokens: 10,
      outputTokens: 140,
      serverToolUsage: {},
      totalTokens: 1686,
    },
    { input: 10, cacheWrite: 1536, output: 140 },
    1686,
  ],
  [
    'the cache was written, an hour and five minutes, and read',
    {
      cacheDetails: [
        { inputTokens: 1200, ttl: '1h' },
        { inputTokens: 300, ttl: '5m' },
      ],
      cacheReadInputTokens: 2048,
      cacheWriteInputTokens: 1500,
      inputTokens: 4,
      outputTokens: 12,
      totalTokens: 3564,
    },
    { input: 4, cacheRead: 2048, cacheWrite: 300, cacheWriteLong: 1200, output: 12 },
    3564,
  ],
  [
    'the cache was written, by a model that does not say for how long',
    { inputTokens: 4, outputTokens: 12, totalTokens: 1553, cacheReadInputTokens: 0, cacheWriteInputTokens: 1537 },
    { input: 4, cacheWrite: 1537, output: 12 },
    1553,
  ],
  [
    'the cache was read',
    { inputTokens: 4, outputTokens: 12, totalTokens: 1553, cacheReadInputTokens: 1537, cacheWriteInputTokens: 0 },
    { input: 4, cacheRead: 1537, output: 12 },
    1553,
  ],
  ['a guardrail stepped in', { inputTokens: 0, outputTokens: 0, totalTokens: 0 }, {}, 0],
];

for (const [name, payload, buckets, total] of PAYLOADS) {
  test(`usage of Converse: ${name}`, () => {
    const usage = converseUsage(payload);
    if (!usage) throw new Error('no usage');
    expect(bucketsOf(usage)).toEqual(buckets);
    expect(promptTokens(usage) + completionTokens(usage)).toBe(total);
    expect(payload.totalTokens).toBe(total);
    expect(usage.native).toBe(payload);
  });
}

test('details that say more than was written change nothing of the sum', () => {
  const usage = converseUsage({
    inputTokens: 1,
    outputTokens: 1,
    cacheWriteInputTokens: 5,
    cacheDetails: [{ ttl: '1h', inputTokens: 9 }],
  });
  expect(usage && bucketsOf(usage)).toEqual({ input: 1, cacheWriteLong: 5, output: 1 });
});

test('counts that are no counts are zero', () => {
  const usage = converseUsage({ inputTokens: null, outputTokens: '9', cacheReadInputTokens: -3, cacheDetails: [null] });
  expect(usage && bucketsOf(usage)).toEqual({});
});

test('no usage is null, not zero', () => {
  expect(converseUsage(undefined)).toBeNull();
  expect(plainUsage(undefined, null)).toBeNull();
  expect(plainUsage(3, undefined)?.input).toBe(3);
});

function bucketsOf(usage: Usage): JsonObject {
  return Object.fromEntries(Object.entries(usage).filter(([, count]) => typeof count === 'number' && count !== 0));
}
