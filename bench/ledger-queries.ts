import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { openDatabase } from '../src/storage/database/open-database.ts';
import { LedgerDatabase } from '../src/storage/ledger-database.ts';
import type { UsageQuery } from '../src/storage/ledger-queries.ts';
import { tableOf } from '../src/storage/records/write-record.ts';
import { DAY } from '../src/storage/rollups/periods.ts';
import { ledgerBatches } from './ledger-data.ts';

/**
 * Fills a ledger with requests of 30 days and asks it for usage.
 *
 * ```sh
 * bun bench/ledger-queries.ts [--records 1000000] [--database postgres://…] [--rounds 5]
 * ```
 */
const { values } = parseArgs({
  options: {
    records: { type: 'string', default: '1000000' },
    rounds: { type: 'string', default: '5' },
    database: { type: 'string' },
  },
});

const BATCH = 2_000;
const TARGET = 200;
const folder = mkdtempSync(join(tmpdir(), 'sluice-ledger-'));
const to = Date.now();
const from = to - 30 * DAY;

const range = { from, to };
const QUERIES: Record<string, UsageQuery> = {
  'no groups': { ...range, bucket: 'none', groups: [] },
  'by day': { ...range, bucket: 'day', groups: [] },
  'by day in Kolkata': { ...range, bucket: 'day', groups: [], timeZone: 'Asia/Kolkata' },
  'by hour': { ...range, bucket: 'hour', groups: [] },
  'by endpoint': { ...range, bucket: 'none', groups: ['endpoint'] },
  'by provider': { ...range, bucket: 'none', groups: ['provider'] },
  'by model and day': { ...range, bucket: 'day', groups: ['model'] },
  'by model and hour': { ...range, bucket: 'hour', groups: ['model'] },
  'by surface and outcome': { ...range, bucket: 'none', groups: ['surface', 'outcome'] },
  'by key': { ...range, bucket: 'none', groups: ['key'] },
  'by user': { ...range, bucket: 'none', groups: ['user'] },
  'by user and day': { ...range, bucket: 'day', groups: ['user'], limit: 10 },
  'by team and day': { ...range, bucket: 'day', groups: ['team'] },
  'by tag': { ...range, bucket: 'none', groups: ['tag:project'] },
  'by tag, in Kolkata by day': { ...range, bucket: 'day', groups: ['tag:project'], timeZone: 'Asia/Kolkata' },
  'by user and model': { ...range, bucket: 'none', groups: ['user', 'model'], limit: 100 },
  'by key, user, model and tag': {
    ...range,
    bucket: 'none',
    groups: ['key', 'user', 'model', 'tag:project'],
    limit: 100,
  },
  'by hour and key': { ...range, bucket: 'hour', groups: ['key'], limit: 10 },
  'one user, by model': {
    ...range,
    bucket: 'none',
    groups: ['model'],
    filter: { kind: 'equals', field: 'user', values: ['user-7@example.test'] },
  },
  'one team and tag, by user': {
    ...range,
    bucket: 'none',
    groups: ['user'],
    filter: {
      kind: 'all',
      filters: [
        { kind: 'equals', field: 'team', values: ['team-3'] },
        { kind: 'equals', field: 'tag:env', values: ['live'] },
      ],
    },
  },
};

async function fill(ledger: LedgerDatabase): Promise<void> {
  let at = 0;
  const started = performance.now();
  for (const records of ledgerBatches({ records: Number(values.records), ...range }, BATCH)) {
    await ledger.write({
      records: tableOf(records),
      payloads: [],
      positions: [{ journal: 'bench', position: ++at, from: at - 1 }],
    });
  }
  await ledger.maintain(to);
  const seconds = (performance.now() - started) / 1000;
  console.log(`${values.records} records written in ${seconds.toFixed(1)} s, making them included`);
}

async function measure(
  ledger: LedgerDatabase,
  query: UsageQuery,
): Promise<{ median: number; worst: number; rows: number }> {
  const times: number[] = [];
  let rows = 0;
  for (let round = 0; round < Number(values.rounds); round++) {
    const started = performance.now();
    rows = (await ledger.queries.usage(query)).rows.length;
    times.push(performance.now() - started);
  }
  const sorted = times.toSorted((one, other) => one - other);
  return { median: sorted[sorted.length >> 1] ?? 0, worst: sorted.at(-1) ?? 0, rows };
}

const ledger = new LedgerDatabase(openDatabase({ database: values.database ?? join(folder, 'ledger.db') }));
try {
  await fill(ledger);
  console.log(JSON.stringify((await ledger.queries.stats()).tables, null, 1));
  console.log('\n| Usage of 30 days | Rows | Median, ms | Worst, ms | |\n| --- | --- | --- | --- | --- |');
  for (const [name, query] of Object.entries(QUERIES)) {
    const { median, worst, rows } = await measure(ledger, query);
    console.log(
      `| ${name} | ${rows} | ${median.toFixed(0)} | ${worst.toFixed(0)} | ${worst > TARGET ? '**miss**' : ''} |`,
    );
  }
} finally {
  await ledger.close();
  rmSync(folder, { recursive: true, force: true });
}
