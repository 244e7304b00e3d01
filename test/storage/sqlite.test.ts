import { Database } from 'bun:sqlite';
import { afterAll, beforeAll, expect, test } from 'bun:test';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LedgerUnavailable } from '../../src/storage/database/database.ts';
import { openLedger } from '../../src/storage/ledger-database.ts';
import { tableOf } from '../../src/storage/records/write-record.ts';
import { makeRecord, priced } from '../support/ledger-records.ts';
import { makeMixed } from './reference.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-sqlite-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const one = () => ({ records: tableOf([priced(makeRecord(Date.now()))]), payloads: [], positions: [] });

test.skipIf(process.platform === 'win32')('nobody else may read the files', async () => {
  const path = join(folder, 'private.db');
  const ledger = openLedger({ database: path });
  await ledger.write(one());
  for (const name of [path, `${path}-wal`]) expect((await stat(name)).mode & 0o777).toBe(0o600);
  await ledger.close();
});

test('a file that cannot be made is told, and is no crash', async () => {
  expect(() => openLedger({ database: join(folder, 'no', 'such', 'folder', 'x.db') })).toThrow(LedgerUnavailable);
});

test('a file that is no database is told, and stays as it is', async () => {
  const path = join(folder, 'notes.txt');
  const text = 'these are notes, and no database at all '.repeat(50);
  await Bun.write(path, text);
  await expect((async () => openLedger({ database: path }).positions())()).rejects.toThrow(LedgerUnavailable);
  expect(await Bun.file(path).text()).toBe(text);
});

test('a database that somebody else holds takes the batch later', async () => {
  const path = join(folder, 'held.db');
  const ledger = openLedger({ database: path });
  await ledger.write(one());
  const other = new Database(path);
  other.run('BEGIN EXCLUSIVE');
  const writing = ledger.write(one()).then(
    () => 'written',
    (error: unknown) => error,
  );
  other.run('ROLLBACK');
  other.close();
  const result = await writing;
  if (result !== 'written') await ledger.write(one());
  const range = { from: Date.now() - 60_000, to: Date.now() + 60_000 };
  expect((await ledger.queries.requests(range)).items.length).toBeGreaterThanOrEqual(2);
  await ledger.close();
});

test('space of deleted requests is given back', async () => {
  const path = join(folder, 'shrinking.db');
  const ledger = openLedger({ database: path });
  const now = Date.now();
  const records = makeMixed(20_000, now - 86_400_000, now - 86_000_000);
  await ledger.write({ records: tableOf(records), payloads: [], positions: [] });
  const before = await ledger.database.size();
  ledger.keep({
    retention: {
      requests: 3_600_000,
      requestsSize: null,
      payloads: null,
      payloadsSize: null,
      hourly: null,
      daily: null,
    },
    report: (error) => {
      throw error;
    },
  });
  while (((await ledger.queries.stats()).tables[0]?.rows ?? 0) > 0) await Bun.sleep(20);
  expect((await ledger.database.size()) ?? 0).toBeLessThan((before ?? 0) / 4);
  await ledger.close();
});
