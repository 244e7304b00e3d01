import { afterEach, expect, test } from 'bun:test';
import type { RecordBatch } from '../core/ledger/record-sink.ts';
import { LedgerUnavailable } from '../storage/database/database.ts';
import { JournalControl } from '../storage/journal/control.ts';
import { JournalWriter } from '../storage/journal/journal-writer.ts';
import type { LedgerBatch, LedgerWriter } from '../storage/ledger-store.ts';
import { IdWriter } from '../storage/records/record-id.ts';
import { Log } from '../telemetry/log.ts';
import { Collector } from './collector.ts';
import { Journals } from './journals.ts';
import { Ledger } from './ledger.ts';

const ENTRY = {
  time: 1,
  surface: 'openai',
  operation: 'chat',
  status: 200,
  phases: [0, 1, 2, 3, -1, 5, 6, 4, 0],
  bytes: [1, 2],
};

/** A database that remembers, and fails as told. */
class FakeDatabase implements LedgerWriter {
  readonly ids: string[] = [];
  readonly batches: number[] = [];
  position = 0;
  fails: ((batch: LedgerBatch) => Error | null) | null = null;

  async write(batch: LedgerBatch): Promise<void> {
    const failure = this.fails?.(batch) ?? null;
    if (failure !== null) throw failure;
    this.batches.push(batch.records.size);
    this.ids.push(...idsOf(batch));
    for (const { position } of batch.positions) this.position = position;
  }

  positions = async () => [];
}

function idsOf({ records }: LedgerBatch): string[] {
  const ids = new IdWriter(records);
  return Array.from({ length: records.size }, (_, index) => ids.id(index));
}

const running: Ledger[] = [];
afterEach(async () => {
  for (const ledger of running.splice(0)) await ledger.stop(100);
});

function ledgerOn(database: LedgerWriter) {
  const control = JournalControl.create(1);
  const journals = new Journals('node');
  const told: string[] = [];
  const lines: string[] = [];
  const troubles: Array<string | null> = [];
  const dropped: number[] = [];
  const unpriced = { cost: null, lines: [], source: null, reason: 'unknown_model' };
  const collector = new Collector(
    { price: () => unpriced } as never,
    { clean: (record: never) => record, event: (event: never) => event } as never,
    () => {},
  );
  const ledger = new Ledger({
    control,
    journals,
    sinks: [
      {
        take: (batch: RecordBatch) => void told.push(...batch.priced().map(({ record }) => record.id)),
        close: async () => {},
      },
    ],
    metrics: { written: () => {}, failed: () => {}, dropped: (records) => void dropped.push(records) },
    log: new Log({ level: 'debug', format: 'text', write: (line) => void lines.push(line) }),
    collector: () => collector,
    connect: async () => database,
    leftovers: () => [],
    troubled: (reason) => void troubles.push(reason),
  });
  const writer = new JournalWriter({
    folder: null,
    worker: 0,
    control,
    limit: 1e9,
    announce: (segment) => journals.add(0, segment),
    wake: () => ledger.wake(),
    degraded: () => {},
  });
  const add = (from: number, to: number): string[] => {
    const ids = Array.from({ length: to - from }, (_, index) => String(from + index).padStart(26, '0'));
    for (const id of ids) writer.append(JSON.stringify({ ...ENTRY, id }));
    return ids;
  };
  ledger.start();
  running.push(ledger);
  return { ledger, writer, add, told, lines, troubles, control, dropped };
}

test('records are written in batches, in their order, and told to the sinks', async () => {
  const database = new FakeDatabase();
  const { ledger, add, told, control } = ledgerOn(database);
  const ids = add(0, 10_000);
  await ledger.flush();
  expect(database.ids).toEqual(ids);
  expect(told).toEqual(ids);
  expect(Math.max(...database.batches)).toBe(4096);
  expect(control.waiting).toBe(0);
});

test('a database that is away gets everything once when it is back, and the sinks hear of it once', async () => {
  const database = new FakeDatabase();
  const { ledger, add, told, troubles, lines } = ledgerOn(database);
  database.fails = () => new LedgerUnavailable('it is away');
  const ids = add(0, 100);
  await ledger.flush();
  await Bun.sleep(300);
  expect(database.ids).toEqual([]);
  expect(troubles).toEqual(['it is away']);
  ids.push(...add(100, 20_000));
  while (told.length < 20_000) await Bun.sleep(10);
  expect(told).toEqual(ids);
  expect(database.ids).toEqual([]);
  database.fails = null;
  ids.push(...add(20_000, 20_200));
  while (database.ids.length < 20_200) await Bun.sleep(10);
  expect(database.ids).toEqual(ids);
  expect(told).toEqual(ids);
  expect(troubles).toEqual(['it is away', null]);
  expect(lines.filter((line) => line.includes('takes no records')).length).toBe(1);
});

test('a record that the database never takes does not keep back the others', async () => {
  const database = new FakeDatabase();
  const { ledger, add, lines, dropped } = ledgerOn(database);
  const poison = '7'.padStart(26, '0');
  database.fails = (batch) => (idsOf(batch).includes(poison) ? new Error('poison') : null);
  const ids = add(0, 20);
  while (database.ids.length < 19) await Bun.sleep(10);
  expect(database.ids).toEqual(ids.filter((id) => id !== poison));
  expect(dropped).toEqual([1]);
  expect(lines.some((line) => line.includes(poison))).toBeTrue();
  database.fails = null;
  add(20, 21);
  await ledger.flush();
  expect(database.ids.length).toBe(20);
});

test('a text that is no record is left out', async () => {
  const database = new FakeDatabase();
  const { ledger, writer, add } = ledgerOn(database);
  writer.append('{"id":');
  const ids = add(0, 1);
  writer.append('[]');
  await ledger.flush();
  expect(database.ids).toEqual(ids);
});

test('an end takes over what is left, and says whether it could', async () => {
  const database = new FakeDatabase();
  const one = ledgerOn(database);
  one.add(0, 3000);
  expect(await one.ledger.stop(1000)).toBeTrue();
  expect(database.ids.length).toBe(3000);
  const other = ledgerOn(database);
  database.fails = () => new LedgerUnavailable('away');
  other.add(3000, 3010);
  expect(await other.ledger.stop(100)).toBeFalse();
});
