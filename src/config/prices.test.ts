import { describe, expect, test } from 'bun:test';
import { compilePrices } from './prices.ts';
import type { Finding } from './problem.ts';

function compile(...entries: unknown[]) {
  const findings: Finding[] = [];
  return { prices: compilePrices(entries, findings), findings };
}

function problems(entry: unknown): string[] {
  return compile(entry).findings.map(({ path, message, hint }) => `${path.join('.')}: ${message} (${hint})`);
}

test('prices are read by the million, and by the piece', () => {
  const { prices, findings } = compile({
    model: 'gpt-4o*',
    provider: 'openai',
    valid_from: new Date('2026-09-01'),
    currency: 'USD',
    input: 2.5,
    output: '10.000000000001',
    cache_write_1h: 0,
    web_search: 0.01,
    tiers: [{ above: 200_000, input: 5 }],
    batch: { input: '1.25', output: 5, tiers: [{ above: 200_000, input: 2.5 }] },
  });
  expect(findings).toEqual([]);
  expect(prices).toEqual([
    {
      endpoint: null,
      provider: 'openai',
      model: 'gpt-4o*',
      validFrom: Date.parse('2026-09-01'),
      prices: {
        kind: 'table',
        table: {
          standard: {
            prices: { input: '2.5', output: '10.000000000001', cacheWriteLong: '0', web_search: '10000' },
            above: { 200000: { input: '5' } },
          },
          batch: { prices: { input: '1.25', output: '5' }, above: { 200000: { input: '2.5' } } },
        },
      },
    },
  ]);
});

test('a discount, and what costs nothing', () => {
  expect(compile({ provider: 'openai', multiplier: 0.9 }, { endpoint: 'own', free: true }).prices).toMatchObject([
    { provider: 'openai', prices: { kind: 'multiplier', factor: '0.9' } },
    { endpoint: 'own', prices: { kind: 'free' } },
  ]);
});

test('without prices there are none', () => expect(compilePrices(undefined, [])).toEqual([]));

describe('what is wrong is said with its place', () => {
  test.each([
    [{ input: 1 }, 'prices.0: These prices are for nothing'],
    [{ model: 'x' }, 'prices.0: There is no price here'],
    [{ model: 'x', free: true, input: 1 }, 'prices.0: Prices, multiplier and free exclude one another'],
    [{ model: 'x', batch: { input: 1 } }, 'prices.0: The usual prices are missing'],
    [{ model: 'x', input: -1 }, 'prices.0.input: Input should be an exact decimal of at least 0'],
    [{ model: 'x', input: 'cheap' }, 'prices.0.input: Input should be an exact decimal of at least 0'],
    [{ model: 'x', input: Number.NaN }, 'prices.0.input'],
    [{ model: 'x', input: 1.2345678901234567 }, 'prices.0.input'],
    [{ model: 'x', input: '0.0000000000001' }, 'prices.0.input'],
    [{ model: 'x', input: 1, valid_from: 'soon' }, 'prices.0.valid_from: Input should be a date'],
    [{ model: 'x', input: 1, currency: 'EUR' }, 'prices.0.currency'],
    [{ model: 'x', input: 1, tiers: [{ above: 0, input: 2 }] }, 'prices.0.tiers.0.above'],
  ])('%j', (entry, start) => {
    expect(problems(entry)).toHaveLength(1);
    expect(problems(entry)[0]).toStartWith(start);
    expect(compile(entry).prices).toBeNull();
  });
});
