import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { SEGMENT_BYTES } from '../../src/storage/journal/journal-writer.ts';
import { HEAD_BYTES, Segment } from '../../src/storage/journal/segment.ts';
import { openLedger } from '../../src/storage/ledger-database.ts';
import { tableOf } from '../../src/storage/records/write-record.ts';
import { FROM_SOURCE } from '../support/gateway-process.ts';
import { makeRecord, priced } from '../support/ledger-records.ts';
import { loseRequest } from '../support/lose-request.ts';

const folder = mkdtempSync(join(tmpdir(), 'sluice-ledger-command-'));
const configPath = join(folder, 'config.yaml');
const database = join(folder, 'own.db');
const NOW = Date.now();

beforeAll(async () => {
  writeFileSync(configPath, 'ledger: { database: own.db }\nendpoints: []\n');
  const ledger = openLedger({ database });
  const records = [0, 1, 2].map((index) => priced(makeRecord(NOW - 86_400_000 + index)));
  await ledger.write({ records: tableOf(records), payloads: [], positions: [{ journal: 'other/0', position: 0 }] });
  await ledger.close();
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function sluice(...words: string[]) {
  const child = Bun.spawn([...FROM_SOURCE, 'ledger', ...words], {
    cwd: folder,
    env: { ...process.env, MLFLOW_GATEWAY_CONFIG: configPath, TZ: 'UTC' },
    stdout: 'pipe',
    stderr: 'pipe',
  });
  const [out, error] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()]);
  return { out, error, code: await child.exited };
}

describe('sluice ledger status', () => {
  test('says what there is', async () => {
    const { out, code, error } = await sluice('status');
    expect([code, error]).toEqual([0, '']);
    expect(out).toStartWith('Database: SQLite, ');
    expect(out).toContain('Waiting in the journal: 0\n');
    expect(out).toMatch(/\nrequests +3 .*\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\n/);
  });

  test('counts what waits in the journal of a gateway, behind what the database has', async () => {
    const journal = join(folder, 'sluice-journal', 'node-1');
    mkdirSync(journal, { recursive: true });
    const segment = new Segment(new Uint8Array(SEGMENT_BYTES), null);
    segment.begin(0, 1);
    const second = segment.write('first', HEAD_BYTES, 1);
    segment.write('third', segment.write('second', second, 1), 1);
    writeFileSync(join(journal, '0-1.segment'), segment.bytes);
    expect(JSON.parse((await sluice('status', '--json')).out)).toMatchObject({ database: 'sqlite', waiting: 3 });
    const ledger = openLedger({ database });
    const position = 2 ** 24 + second;
    await ledger.write({ records: tableOf([]), payloads: [], positions: [{ journal: 'node-1/0', position }] });
    await ledger.close();
    expect(JSON.parse((await sluice('status', '--json', '--database-url', database)).out)).toMatchObject({
      waiting: 2,
    });
  });
});

describe('sluice ledger verify', () => {
  test('ends with 0 where roll-ups are what the rows add up to', async () => {
    const { out, code, error } = await sluice('verify');
    expect([code, error]).toEqual([0, '']);
    expect(out).toStartWith('Roll-ups are what the rows add up to: 3 requests, ');
    const ofDay = await sluice('verify', '--json', '--from', '2030-01-01', '--to', '2030-01-02');
    expect(JSON.parse(ofDay.out)).toMatchObject({ equal: true, requests: 0, differences: [] });
  });

  test.each([
    [['verify', '--from', 'yesteryear'], "Invalid value for '--from'"],
    [['verify', '--from', '2030-01-02', '--to', '2030-01-01'], "Invalid value for '--from'"],
    [['mend'], "No such command 'ledger mend'"],
    [['status', 'now'], 'Got unexpected extra argument'],
    [['status', '--database-url', 'none.db'], 'There is no ledger at'],
  ])('%p is explained', async (words, message) => {
    const { code, error, out } = await sluice(...words);
    expect([code, out]).toEqual([2, '']);
    expect(error).toContain(message);
  });

  test('ends with 1 and says what differs where a row is missing', async () => {
    const ledger = openLedger({ database });
    await loseRequest(ledger, 'oldest');
    await ledger.close();
    const { out, code, error } = await sluice('verify');
    expect([code, out]).toEqual([1, '']);
    expect(error).toContain('roll-ups are not what their rows add up to: 2 requests');
    expect(error).toContain('openai chat openai gpt-4o success: requests is 3, and by the rows 2');
    const json = JSON.parse((await sluice('verify', '--json')).out) as { differences: { figure: string }[] };
    expect(json).toMatchObject({ equal: false });
    expect(json.differences).toContainEqual(expect.objectContaining({ figure: 'requests', rows: 2, rollups: 3 }));
  });
});

test('sluice ledger --help says what there is', async () => {
  const { out, code } = await sluice('--help');
  expect(code).toBe(0);
  for (const word of ['status', 'verify', '--from', '--to', '--json', '--config-path']) expect(out).toContain(word);
});
