import { expect, test } from 'bun:test';
import { makePricing, makeRecord, priced } from '../../../test/support/ledger-records.ts';
import { NO_USAGE } from '../../core/neutral/usage.ts';
import { tableOf } from '../records/write-record.ts';
import { SUM } from './cell-block.ts';
import { CellBuilder } from './cell-builder.ts';
import { decodeCells, encodeCells } from './cell-codec.ts';
import { LocalLabels } from './label-space.ts';

const labels = (route: number) => ({ route, outcome: 0, key: 0, user: 0, team: 0, tags: 0 });

function build(count: number): CellBuilder {
  const builder = new CellBuilder();
  const records = tableOf(
    Array.from({ length: count }, (_, index) => {
      const record = makeRecord(1_000 + index, {
        model: `m-${index % 5}`,
        usage: { ...NO_USAGE, input: index, output: index % 7 },
        caller: { address: null, userAgent: null, user: `u-${index % 300}`, team: null, key: null, tags: {} },
      });
      return priced(record, makePricing(BigInt(index) * 10n ** 9n));
    }),
  );
  builder.addRecords(records, new LocalLabels().of(records));
  return builder;
}

test('reads what it wrote, from any place in memory', () => {
  for (const count of [0, 1, 2, 300, 5_000]) {
    const block = build(count).build();
    const bytes = encodeCells(block);
    for (const offset of [0, 1, 3]) {
      const moved = new Uint8Array(bytes.length + offset);
      moved.set(bytes, offset);
      expect(decodeCells(moved.subarray(offset))).toEqual(decodeCells(bytes));
    }
    const again = new CellBuilder();
    again.addBlock(decodeCells(bytes), [true, true, true, true, true, true]);
    expect(encodeCells(again.build())).toEqual(bytes);
  }
});

test('adds up the same whether rows or blocks are added', () => {
  const parts = new CellBuilder();
  for (let part = 0; part < 4; part++) parts.addBlock(build(400).build(), [true, true, false, false, false, false]);
  const whole = new CellBuilder();
  for (let part = 0; part < 4; part++) whole.addBlock(build(400).build(), [true, true, true, true, true, true]);
  const both = new CellBuilder();
  both.addBlock(whole.build(), [true, true, false, false, false, false]);
  expect(encodeCells(both.build())).toEqual(encodeCells(parts.build()));
  expect(parts.size).toBe(5);
});

test('keeps money exact beyond what a number holds', () => {
  const builder = new CellBuilder();
  const cost = 9_223_372_036_854_775_807n;
  const records = tableOf(Array.from({ length: 1_000 }, () => priced(makeRecord(1_000), makePricing(cost))));
  const [ones, none] = [[0, 1], [0]];
  builder.addRecords(records, { route: ones, key: none, user: none, team: none, tags: none });
  builder.addCorrection(labels(1), { cost: -cost, priced: -1, unpriced: 1 });
  const { sums } = decodeCells(encodeCells(builder.build()));
  const dollars = BigInt(sums[SUM.dollars]?.[0] ?? 0);
  expect(dollars * 10n ** 12n + BigInt(sums[SUM.picodollars]?.[0] ?? 0)).toBe(cost * 999n);
  expect([sums[SUM.requests]?.[0], sums[SUM.priced]?.[0], sums[SUM.unpriced]?.[0]]).toEqual([1_000, 999, 1]);
});

test('refuses bytes that are no block', () => {
  expect(() => decodeCells(new Uint8Array(64))).toThrow('format');
  expect(() => decodeCells(encodeCells(build(300).build()).subarray(0, 200))).toThrow();
});
