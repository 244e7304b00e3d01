import { expect, test } from 'bun:test';
import { makeMixed } from '../../../test/storage/reference.ts';
import { makePricing, makeRecord, priced, UNPRICED } from '../../../test/support/ledger-records.ts';
import type { PricedRecord } from '../../core/ledger/record-sink.ts';
import { NO_USAGE } from '../../core/neutral/usage.ts';
import { RecordReader } from './read-record.ts';
import { decodeRecords, encodeRecords } from './record-codec.ts';
import type { RecordColumns } from './record-columns.ts';
import { RecordTable, selectRecords } from './record-table.ts';
import { tableOf } from './write-record.ts';

const TIME = Date.UTC(2026, 4, 5, 13, 20);

const HOSTILE = [
  '\ud800 half',
  'nul\0byte',
  '🐝 naïve',
  `"quoted" \\back\\slash`,
  '',
  '__proto__',
  '<b>&amp;',
  '\u202E',
];

const attempt = { ...makeRecord(TIME).attempts[0], provider: 'a' } as PricedRecord['record']['attempts'][number];

const ODD: PricedRecord[] = [
  priced(makeRecord(TIME, { id: 'none of ours', time: TIME + 0.25 }), makePricing(2n ** 62n)),
  priced(makeRecord(TIME, { id: '01ARZ3NDEKTSV4RRFFQ69G5FAV', attempts: [] }), UNPRICED),
  priced(makeRecord(TIME, { attempts: [attempt, { ...attempt, cause: 'retry' }] }), makePricing(-5n)),
  priced(
    makeRecord(TIME, {
      trace: { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), parentSpanId: null, sampled: false },
      usage: { ...NO_USAGE, input: 1, units: { web_search: 2 }, cacheReadAudio: 3 },
      usageSource: 'estimated',
      providerCost: '0.0001234567890123456789',
      serviceTier: 'flex',
      endpoint: null,
      provider: null,
      model: null,
      servedModel: null,
      finishReason: null,
    }),
  ),
];

function all(records: RecordColumns): PricedRecord[] {
  const reader = new RecordReader(records);
  return Array.from({ length: records.size }, (_, index) => reader.priced(index));
}

const stored = (records: RecordColumns): RecordColumns => decodeRecords(encodeRecords(records));

test('gives back all requests as they were', () => {
  const records = [...makeMixed(3000, TIME, TIME + 86_400_000), ...ODD];
  expect(all(tableOf(records))).toEqual(records);
  expect(all(stored(tableOf(records)))).toEqual(records);
  for (const one of records.slice(-5)) expect(all(stored(tableOf([one])))).toEqual([one]);
  expect(stored(new RecordTable()).size).toBe(0);
});

test('reads blocks from wherever they are in memory', () => {
  const records = makeMixed(10, TIME, TIME + 1000);
  const bytes = encodeRecords(tableOf(records));
  for (let shift = 0; shift < 9; shift++) {
    const moved = new Uint8Array(bytes.length + shift);
    moved.set(bytes, shift);
    expect(all(decodeRecords(moved.subarray(shift)))).toEqual(records);
  }
  expect(() => decodeRecords(new Uint8Array(64).fill(9))).toThrow('version');
});

test('puts requests of several tables together, or only some of them', () => {
  const records = [...makeMixed(500, TIME, TIME + 86_400_000), ...ODD];
  const [one, other] = [stored(tableOf(records.slice(0, 200))), tableOf(records.slice(200))];
  const merged = new RecordTable(1);
  merged.append(one);
  merged.append(other);
  expect(all(stored(merged))).toEqual(records);
  const odd = records.flatMap((_, index) => (index % 3 === 0 || index > 499 ? [index] : []));
  const expected = odd.map((index) => records[index] as PricedRecord);
  expect(all(selectRecords(stored(merged), odd))).toEqual(expected);
  expect(all(stored(selectRecords(merged, odd)))).toEqual(expected);
});

test('replaces what a database cannot hold, wherever it stands', () => {
  const record = (text: string): PricedRecord =>
    priced(
      makeRecord(TIME, {
        model: text,
        status: 400,
        error: { code: 'invalid_request', message: text },
        caller: { address: text, userAgent: text, user: text, team: text, key: text, tags: { [text]: text } },
        attempts: [{ ...attempt, model: text, error: { code: 'x', message: text } }],
        changes: text,
      }),
      { ...makePricing(1n), source: text },
    );
  const clean = (text: string): string => text.toWellFormed().replaceAll('\0', '\uFFFD');
  const back = all(stored(tableOf(HOSTILE.map(record))));
  for (const [index, text] of HOSTILE.entries()) {
    const { id } = back[index]?.record ?? { id: '' };
    const expected = record(clean(text));
    expect(back[index]).toEqual({ ...expected, record: { ...expected.record, id } });
  }
});
