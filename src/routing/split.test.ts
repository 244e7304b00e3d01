import { expect, test } from 'bun:test';
import { splitTraffic } from './split.ts';

const destinations = [
  { value: 'a', percentage: 80 },
  { value: 'never', percentage: 0 },
  { value: 'b', percentage: 20 },
];

test('the share of each destination follows its percentage', () => {
  const pick = splitTraffic(destinations);
  const counts: Record<string, number> = {};
  for (let index = 0; index < 1000; index += 1) {
    const value = pick(() => index / 1000);
    counts[value] = (counts[value] ?? 0) + 1;
  }
  expect(counts).toEqual({ a: 800, b: 200 });
});

test('one destination needs no draw', () => {
  const pick = splitTraffic([{ value: 'only', percentage: 100 }]);
  expect(pick(() => Number.NaN)).toBe('only');
});
