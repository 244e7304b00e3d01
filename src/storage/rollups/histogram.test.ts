import { expect, test } from 'bun:test';
import { BUCKETS, bucketOf, bucketValues, quantiles } from './histogram.ts';

test('shows every value within five per cent', () => {
  const values = bucketValues(1);
  for (let value = 2; value < 3e10; value *= 1.013) {
    expect(Math.abs((values[bucketOf(value)] ?? 0) / value - 1)).toBeLessThan(0.05);
  }
});

test('puts what is no size, and what is beyond all sizes, into the outer buckets', () => {
  expect([-1, 0, 1, Number.NaN].map(bucketOf)).toEqual([0, 0, 0, 0]);
  expect([1e30, Number.POSITIVE_INFINITY].map(bucketOf)).toEqual([BUCKETS - 1, BUCKETS - 1]);
});

test('finds the buckets of shares, each value counting as often as it occurred', () => {
  const counts = new Uint32Array(BUCKETS * 2);
  counts[BUCKETS + 10] = 50;
  counts[BUCKETS + 20] = 49;
  counts[BUCKETS + 30] = 1;
  expect(quantiles(counts, BUCKETS, [0.5, 0.51, 0.99, 1])).toEqual({ count: 100, buckets: [10, 20, 20, 30] });
});
