import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openLedger } from '../../src/storage/ledger-database.ts';
import { tableOf } from '../../src/storage/records/write-record.ts';
import { FROM_SOURCE } from '../support/gateway-process.ts';
import { makePricing, makeRecord, priced, UNPRICED } from '../support/ledger-records.ts';

const folder = mkdtempSync(join(tmpdir(), 'sluice-terminal-'));
const configPath = join(folder, 'config.yaml');
const NOW = Date.now();
let first = '';

beforeAll(async () => {
  // The keys of providers are not there: what was used can be looked at nevertheless.
  writeFileSync(
    configPath,
    'ledger: { database: own.db }\nendpoints: [{ model: { config: { openai_api_key: $NOT_SET } } }]\n',
  );
  const ledger = openLedger({ database: join(folder, 'own.db') });
  const caller = { address: null, userAgent: null, team: null, key: null, tags: {} };
  const records = [
    priced(makeRecord(NOW - 5000, { caller: { ...caller, user: 'ada' } }), makePricing(1_234_567_890_000n)),
    priced(makeRecord(NOW - 4000, { caller: { ...caller, user: 'eve\u001b[2J\u202e' } }), makePricing(7_500_000n)),
    priced(
      makeRecord(NOW - 3000, { status: 502, error: { code: 'upstream_error', message: 'refund policy' } }),
      UNPRICED,
    ),
  ];
  first = records[0]?.record.id ?? '';
  await ledger.write({ records: tableOf(records), payloads: [], positions: [], events: [] });
  await ledger.close();
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function sluice(...words: string[]) {
  const child = Bun.spawn([...FROM_SOURCE, ...words], {
    cwd: folder,
    env: { ...process.env, MLFLOW_GATEWAY_CONFIG: configPath, TZ: 'UTC' },
    stdout: 'pipe',
    stderr: 'pipe',
  });
  const [out, error] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()]);
  return { out, error, code: await child.exited };
}

describe('sluice usage', () => {
  test('adds up to a table with a total', async () => {
    const { out, code, error } = await sluice('usage', '--by', 'user');
    expect([code, error]).toEqual([0, '']);
    const lines = out.split('\n');
    expect(lines[0]).toMatch(/^user +requests +errors +in tok +cached +out tok +cost +p50/);
    expect(out).toMatch(/ada +1 .* \$1\.23 /);
    expect(out).toMatch(/total +3 +33\.3 %/);
    expect(out).toMatch(/– +1 +100\.0 % .* unpriced /);
    expect(out).toContain('1 request has no price');
    expect(new Set(lines.slice(0, 5).map((line) => line.indexOf('requests') >= 0 || line.length > 0)).size).toBe(1);
  });

  test('lets no name steer the terminal', async () => {
    const { out } = await sluice('usage', '--by', 'user');
    expect(out).toContain('eve·[2J·');
    expect(out).not.toContain('\u001b');
  });

  test('has JSON as the API, and CSV', async () => {
    const json = JSON.parse((await sluice('usage', '--json', '--by', 'model', 'user:ada')).out) as {
      total: { cost: string };
    };
    expect(json.total.cost).toBe('1.23456789');
    const { out } = await sluice('usage', '--csv', '--by', 'day,user');
    expect(out).toStartWith('time,user,other,requests,');
    expect(out.trimEnd().split('\r\n')).toHaveLength(4);
  });

  test.each([
    [['usage', '--by', 'nothing'], 'Usage cannot be split by'],
    [['usage', '--since', 'xx'], "Invalid value for '--since'"],
    [['usage', 'cost:>abc'], 'cost:>abc\n        ^^^'],
    [['usage', '--limit', '0'], "Invalid value for '--limit'"],
    [['usage', '--json', '--csv'], 'exclude each other'],
    [['usage', '--database-url', 'none.db'], 'There is no ledger at'],
    [['usage', '--database-url', ':memory:'], 'management API'],
    [['usage', '--database-url', 'mysql://host/name'], 'postgres://user:password@host/name'],
    [['usage', '--database-url', '.'], 'is a folder'],
    [['requests', 'show'], "Missing argument 'ID'"],
    [['requests', '--sort', 'beauty'], 'cannot be sorted'],
  ])('%p is explained', async (words, message) => {
    const { code, error, out } = await sluice(...words);
    expect([code, out]).toEqual([2, '']);
    expect(error).toContain(message);
    expect(error).toContain('--help');
  });
});

describe('sluice requests', () => {
  test('lists the newest first, with a shape for how each ended', async () => {
    const { out } = await sluice('requests');
    const [, newest, , oldest] = out.split('\n');
    expect(newest).toContain('■ 502');
    expect(newest).toContain('unpriced');
    expect(oldest).toContain(first);
  });

  test('finds text with spaces as the shell gives it', async () => {
    expect((await sluice('requests', 'refund policy', 'status:5xx')).out.trimEnd().split('\n')).toHaveLength(2);
    expect((await sluice('requests', 'nowhere to be found')).out).toBe('No requests.\n');
  });

  test('shows one with its phases, attempts and exact cost', async () => {
    const { out, code } = await sluice('requests', 'show', first.toLowerCase());
    expect(code).toBe(0);
    expect(out).toContain('attempt 1');
    expect(out).toMatch(/total +\$1\.23456789/);
    expect(JSON.parse((await sluice('requests', 'show', '--json', first)).out)).toMatchObject({ id: first });
    expect(await sluice('requests', 'show', '01JDQ8Z5R7M2X4C6V8B0N1K3H5')).toMatchObject({ code: 1 });
  });

  test('follows what is written, beside a gateway that writes it', async () => {
    const child = Bun.spawn([...FROM_SOURCE, 'requests', '--follow', '--json', 'endpoint:live'], {
      cwd: folder,
      env: { ...process.env, MLFLOW_GATEWAY_CONFIG: configPath },
      stdout: 'pipe',
      stderr: 'inherit',
    });
    const ledger = openLedger({ database: join(folder, 'own.db') });
    const record = makeRecord(Date.now(), { endpoint: 'live' });
    await ledger.write({ records: tableOf([priced(record)]), payloads: [], positions: [], events: [] });
    const { value } = await child.stdout.getReader().read();
    expect(JSON.parse(new TextDecoder().decode(value))).toMatchObject({ id: record.id, endpoint: 'live' });
    child.kill();
    await child.exited;
    await ledger.close();
  });

  test.each(['usage', 'requests'])('sluice %s --help says what there is', async (command) => {
    const { out, code } = await sluice(command, '--help');
    expect(code).toBe(0);
    expect(out).toStartWith(`Usage: sluice ${command}`);
    for (const flag of ['--since', '--json', '--config-path', '--database-url', '--tz']) expect(out).toContain(flag);
  });
});
