import { afterAll, expect, test } from 'bun:test';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pricedRecord } from '../../test/support/records.ts';
import { Batch } from '../ledger/batch.ts';
import { tableOf } from '../storage/records/write-record.ts';
import { Log } from './log.ts';
import { Metrics } from './metrics.ts';
import { RecordSinks } from './record-sinks.ts';

const folder = mkdtempSync(join(tmpdir(), 'sluice-sinks-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const batch = (id: string) => new Batch(tableOf([pricedRecord({ id })]));

const OFF = { requestLog: null, otlp: null };

test('another configuration begins and ends the request log, and cost is counted on', async () => {
  const metrics = new Metrics();
  const log = new Log({ level: 'error', format: 'text', write: () => {} });
  const path = join(folder, 'requests.log');
  const sinks = new RecordSinks(OFF, { metrics, log, providerNames: {} });
  sinks.take(batch('before'));
  expect(existsSync(path)).toBe(false);
  sinks.configure({ ...OFF, requestLog: { to: { path }, format: 'text' } });
  sinks.take(batch('logged'));
  sinks.configure(OFF);
  sinks.take(batch('after'));
  await sinks.close();
  expect(readFileSync(path, 'utf8')).toMatch(/^time=\S+ id=logged [^\n]*\n$/);
  const cost = metrics.collect().find(({ name }) => name === 'sluice_cost_usd_total');
  expect(cost?.samples[0]?.value).toBeCloseTo(3 * 0.000225, 12);
});
