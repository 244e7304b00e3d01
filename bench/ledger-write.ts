import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type LedgerDatabase, openLedger } from '../src/storage/ledger-database.ts';
import { tableOf } from '../src/storage/records/write-record.ts';
import { ledgerBatches } from './ledger-data.ts';

/**
 * How fast records get into a database, and what CPU of this process each takes once everything is warm.
 *
 * ```sh
 * bun bench/ledger-write.ts [--records 200000] [--database postgres://…]
 * ```
 */
const { values } = parseArgs({
  options: { records: { type: 'string', default: '200000' }, database: { type: 'string' } },
});

const TARGET = 5_000;
const BATCH = 4_000;
/** As many a second as the target: a batch then is of one moment, as it would be. */
const SPAN = (Number(values.records) / TARGET) * 1000;

interface Written {
  readonly perSecond: number;
  readonly cpuMicroseconds: number;
}

async function write(ledger: LedgerDatabase, anonymous: boolean, to: number): Promise<Written> {
  const data = { records: Number(values.records), from: to - SPAN, to, anonymous };
  // As the ledger has them: it reads the journal into columns.
  const batches = Array.from(ledgerBatches(data, BATCH), tableOf);
  const warm = Math.floor(batches.length / 2);
  let seconds = 0;
  let cpu = 0;
  for (const [index, records] of batches.entries()) {
    const before = process.cpuUsage();
    const started = performance.now();
    const position = { journal: `bench ${anonymous}`, position: index + 1, from: index };
    await ledger.write({ records, payloads: [], positions: [position] });
    if (index < warm) continue;
    seconds += (performance.now() - started) / 1000;
    const used = process.cpuUsage(before);
    cpu += used.user + used.system;
  }
  const measured = (batches.length - warm) * BATCH;
  return { perSecond: measured / seconds, cpuMicroseconds: cpu / measured };
}

const folder = mkdtempSync(join(tmpdir(), 'sluice-ledger-'));
const ledger = openLedger({ database: values.database ?? join(folder, 'ledger.db') });
try {
  console.log('| Records | A second | CPU of a record | |\n| --- | --- | --- | --- |');
  for (const [name, anonymous] of [
    ['without caller', true],
    ['with user, key, team and tags', false],
  ] as const) {
    const { perSecond, cpuMicroseconds } = await write(ledger, anonymous, Date.now() - (anonymous ? SPAN : 0));
    const verdict = perSecond < TARGET ? '**miss**' : 'pass';
    console.log(`| ${name} | ${perSecond.toFixed(0)} | ${cpuMicroseconds.toFixed(1)} µs | ${verdict} |`);
  }
} finally {
  await ledger.close();
  rmSync(folder, { recursive: true, force: true });
}
