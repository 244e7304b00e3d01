import { describe, expect, test } from 'bun:test';
import { Random } from '../../dialects/testing/random.ts';
import { costOf, formatDecimal, formatDollars, parseDecimal, parseDollars, roundToDollars, sumOf } from './money.ts';

describe('a decimal', () => {
  test.each([
    ['0', 0n],
    ['2.5', 2_500_000_000_000n],
    ['.5', 500_000_000_000n],
    ['3.', 3_000_000_000_000n],
    ['1.30e-07', 130_000n],
    ['1E3', 1_000_000_000_000_000n],
    ['-0.000000000001', -1n],
    ['+1', 1_000_000_000_000n],
    ['1e-13', null],
    ['0.0000000000001', null],
    ['0.0000000000010', 1n],
    ['', null],
    ['.', null],
    ['1e', null],
    ['1,5', null],
    ['0x10', null],
    ['Infinity', null],
    ['1e99999', null],
  ])('%p is %p picodollars', (text, amount) => expect(parseDollars(text)).toBe(amount));

  test('is written without needless zeros, and read back', () => {
    const random = new Random(7);
    for (let count = 0; count < 2000; count += 1) {
      const amount = BigInt(random.below(2 ** 31)) * BigInt(random.below(2 ** 31)) * (random.below(2) === 0 ? -1n : 1n);
      const places = random.below(15);
      const text = formatDecimal(amount, places);
      expect(parseDecimal(text, places)).toBe(amount);
      expect(text).not.toMatch(/\.\d*0$|\.$|^-0$/);
    }
    expect(formatDollars(0n)).toBe('0');
    expect(formatDollars(-1n)).toBe('-0.000000000001');
    expect(formatDollars(10n ** 21n)).toBe('1000000000');
  });

  test('finer than picodollars is rounded', () => {
    expect(roundToDollars('0.0000000000014')).toBe(1n);
    expect(roundToDollars('0.0000000000015')).toBe(2n);
    expect(roundToDollars('-0.0000000000015')).toBe(-2n);
    expect(roundToDollars('x')).toBeNull();
  });
});

describe('a cost', () => {
  test('is exact where floating-point numbers are not', () => {
    expect(formatDollars(costOf(3, parseDollars('0.1') ?? 0n))).toBe('0.0000003');
    expect(formatDollars(costOf(188_086, parseDollars('3.75') ?? 0n))).toBe('0.7053225');
    expect(formatDollars(costOf(Number.MAX_SAFE_INTEGER, parseDollars('75') ?? 0n))).toBe('675539944105.574325');
    expect(formatDollars(costOf(8.47, parseDollars('100') ?? 0n))).toBe('0.000847');
  });

  test('of parts is that of the whole', () => {
    const random = new Random(11);
    for (let count = 0; count < 1000; count += 1) {
      const price = BigInt(random.below(100_000)) * 1_000_000n;
      const [one, other] = [random.below(1_000_000), random.below(1_000_000)];
      expect(costOf(one, price) + costOf(other, price)).toBe(costOf(one + other, price));
      expect(costOf(one + 1, price)).toBeGreaterThanOrEqual(costOf(one, price));
    }
  });

  test('that holds an unknown is unknown', () => {
    expect(sumOf([1n, 2n])).toBe(3n);
    expect(sumOf([1n, null])).toBeNull();
    expect(sumOf([])).toBe(0n);
  });
});
