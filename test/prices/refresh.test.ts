import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { gzipSync } from 'node:zlib';
import type { Catalog } from '../../src/catalog/catalog.ts';
import { PriceKeeper, type PriceKeeperOptions } from '../../src/catalog/price-keeper.ts';
import { catalogInForce } from '../../src/catalog/stored-catalog.ts';
import { type LedgerDatabase, openLedger } from '../../src/storage/ledger-database.ts';
import { tableOf } from '../../src/storage/records/write-record.ts';
import { Log } from '../../src/telemetry/log.ts';
import { fixture } from '../../src/upstream/conformance/raw-upstream.ts';
import { isPublicAddress } from '../../src/upstream/egress/addresses.ts';
import { HOST, ok, type PriceServer, published, startPriceServer } from './published.ts';

const DAY = 86_400_000;
const START = Date.parse('2099-03-01T23:00:00Z');

let server: PriceServer;
let ledger: LedgerDatabase;
let keepers: PriceKeeper[];
let log: string[];
let inForce: Catalog[];
let now: number;

beforeEach(async () => {
  server = await startPriceServer();
  ledger = openLedger({ database: ':memory:' });
  await ledger.prepare();
  [keepers, log, inForce, now] = [[], [], [], START];
});

afterEach(async () => {
  for (const keeper of keepers) keeper.stop();
  await ledger.close();
  server.close();
});

/** A keeper that looks all the time, and knows no day but the one of `now`. */
async function keep(options: Partial<PriceKeeperOptions> = {}): Promise<PriceKeeper> {
  const keeper = new PriceKeeper({
    database: ledger.database,
    refreshes: true,
    from: server.url,
    pauses: { look: 2, first: 0 },
    now: () => now,
    log: new Log({ level: 'info', format: 'text', write: (line) => log.push(line) }),
    changed: (catalog) => inForce.push(catalog),
    ...options,
    egress: {
      environment: {},
      resolver: async (name) => [name === HOST ? '127.0.0.1' : '10.0.0.1'],
      // The server of the test, and what is allowed anyway.
      rules: { allowHttp: false, isAllowed: (address) => address === '127.0.0.1' || isPublicAddress(address) },
      certificateAuthorities: fixture('authority.pem'),
      ...options.egress,
    },
  });
  keepers.push(keeper);
  await keeper.start();
  return keeper;
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await Bun.sleep(1);
}

/** By date, the prices of a million tokens of input. */
function pricesOf(model: string, catalog: Catalog | undefined): Record<string, string | undefined> {
  const versions = catalog?.find(['openai'], [model])?.model.versions ?? [];
  return Object.fromEntries(versions.map(({ from, table }) => [from ?? 'ever', table.standard?.prices.input]));
}

describe('the daily download', () => {
  test('is stored for all nodes, and holds from its day on', async () => {
    const extra = ',\n"below-zero": {"litellm_provider": "openai", "input_cost_per_token": -1e-06}';
    server.answer = ok(published({ input: '7e-06', extra }));
    const events: unknown[] = [];
    await keep({ refreshed: async (details) => void events.push(details) });
    await until(() => inForce.length > 0);
    expect(inForce[0]?.origin).toEqual({ kind: 'refreshed', date: '2099-03-01' });
    expect(pricesOf('gpt-4o', inForce[0])).toMatchObject({ ever: '2.5', '2099-03-01': '7' });
    expect(pricesOf('some-model-7', inForce[0])).toEqual({ ever: '1' });
    expect(pricesOf('below-zero', inForce[0])).toEqual({});
    // What the download does not have stays.
    expect(inForce[0]?.find(['anthropic'], ['claude-sonnet-4-5'])).not.toBeNull();
    expect((await catalogInForce(ledger.database)).file.sources[0]).toMatchObject({ url: server.url });
    await until(() => events.length > 0);
    expect(events).toEqual([{ from: server.url, date: '2099-03-01' }]);
    expect(log.join('\n')).toMatch(/INFO +the prices are refreshed from=https:/);
    expect(server.upstream.requests[0]?.head).toMatch(/^GET \/BerriAI\/litellm\/main\/\S+\.json HTTP\/1\.1\r\n/);
  });

  test('comes once a day, and one that says the same changes no price', async () => {
    server.answer = ok(published());
    await keep();
    await until(() => inForce.length === 1);
    await Bun.sleep(20);
    expect(server.upstream.requests).toHaveLength(1);
    now += DAY;
    await until(() => inForce.length === 2);
    expect(server.upstream.requests).toHaveLength(2);
    expect(inForce[1]?.origin.date).toBe('2099-03-02');
    expect(inForce[1]?.file.models).toEqual(inForce[0]?.file.models as never);
  });

  test('is left to one of several nodes', async () => {
    server.answer = ok(published());
    await keep();
    await until(() => inForce.length === 1);
    await keep();
    await until(() => inForce.length === 2);
    await Bun.sleep(20);
    expect(server.upstream.requests).toHaveLength(1);
  });

  test('begins and ends with the configuration', async () => {
    server.answer = ok(published());
    const keeper = await keep({ refreshes: false });
    await Bun.sleep(20);
    expect(server.upstream.requests).toEqual([]);
    keeper.configure(true);
    await until(() => inForce.length === 1);
    keeper.configure(false);
    now += 3 * DAY;
    await Bun.sleep(20);
    expect(server.upstream.requests).toHaveLength(1);
  });

  test('goes through gzip as servers send it', async () => {
    server.answer = ok(gzipSync(published({ input: '3e-06' })), 'Content-Encoding: gzip\r\n');
    await keep();
    await until(() => inForce.length === 1);
    expect(pricesOf('gpt-4o', inForce[0])).toMatchObject({ '2099-03-01': '3' });
  });
});

describe('a download that fails', () => {
  const text = published();
  const zipped = gzipSync(text);
  const wrongSum = Buffer.from(zipped);
  wrongSum.writeUInt32LE((zipped.readUInt32LE(zipped.length - 8) ^ 1) >>> 0, zipped.length - 8);
  const redirect = (location: string) => `HTTP/1.1 302 Found\r\nLocation: ${location}\r\nContent-Length: 0\r\n\r\n`;
  const bytes =
    (answer: string): PriceServer['answer'] =>
    ({ socket }) =>
      socket.write(answer);
  const cut =
    (answer: string): PriceServer['answer'] =>
    ({ socket }) =>
      socket.end(answer);

  const FAILURES: ReadonlyArray<readonly [name: string, answer: PriceServer['answer'], reason: RegExp]> = [
    ['the server fails', bytes('HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n'), /answered with status 500/],
    ['the server has nothing new to say', bytes('HTTP/1.1 304 Not Modified\r\n\r\n'), /answered with status 304/],
    ['the file is empty', ok(''), /it holds no JSON/],
    ['a page comes in its place', ok('<!DOCTYPE html><title>Sign in</title>'), /it holds no JSON/],
    ['the file ends in the middle', ok(text.slice(0, text.length / 2)), /it holds no JSON/],
    [
      'the connection ends in the middle',
      cut(`HTTP/1.1 200 OK\r\nContent-Length: ${text.length}\r\n\r\n${text.slice(0, 5000)}`),
      /cannot be reached or broke off/,
    ],
    [
      'a chunk is missing at the end',
      cut(`HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n`),
      /cannot be reached or broke off/,
    ],
    ['the archive ends in the middle', ok(zipped.subarray(0, 900), 'Content-Encoding: gzip\r\n'), /broke off/],
    ['the archive’s check sum is wrong', ok(wrongSum, 'Content-Encoding: gzip\r\n'), /broke off/],
    [
      'it has lost most models',
      ok('{"gpt-4o":{"litellm_provider":"openai","input_cost_per_token":1e-06}}'),
      /of 1 models/,
    ],
    ['it redirects to a private address', bytes(redirect('https://10.0.0.1/prices.json')), /its address is not public/],
    [
      'it redirects to a name with a private address',
      bytes(redirect('https://inner.example/x')),
      /leads to an address that is not public/,
    ],
    ['it redirects to clear text', bytes(redirect(`http://${HOST}/x`)), /only https is allowed/],
    ['it redirects for ever', bytes(redirect('?again')), /redirects more than 3 times/],
    ['it says nothing', () => {}, /it took longer than 0\.1 seconds/],
    ['it stops speaking', bytes('HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n{'), /it took longer than 0\.1 seconds/],
    ['it is huge', ok(gzipSync(Buffer.alloc(40 * 2 ** 20, ' ')), 'Content-Encoding: gzip\r\n'), /larger than 32 MiB/],
  ];

  test.each(FAILURES)('leaves the prices as they are, and says why: %s', async (_, answer, reason) => {
    server.answer = answer;
    const isSlow = /took longer/.test(reason.source);
    await keep(isSlow ? { egress: { environment: {}, timeout: 100 } } : {});
    await until(() => log.length > 0);
    expect(log).toHaveLength(1);
    expect(log[0]).toMatch(/WARNING +the published prices cannot be had; those there are stay in force from="?https:/);
    expect(log[0]).toMatch(reason);
    expect(inForce).toEqual([]);
    expect((await catalogInForce(ledger.database)).origin.kind).toBe('bundled');
    // It is not asked again and again, and comes by itself an hour later.
    const asked = server.upstream.requests.length;
    await Bun.sleep(10);
    expect(server.upstream.requests).toHaveLength(asked);
    server.answer = ok(published());
    now += DAY / 24;
    await until(() => inForce.length === 1);
  });
  test('keeps nothing waiting while it lasts, and is given up when the gateway stops', async () => {
    const keeper = await keep();
    await until(() => server.upstream.requests.length === 1);
    await ledger.write({ records: tableOf([]), payloads: [], positions: [{ journal: 'j', position: 1 }] });
    // The database was away for a while, so the ledger begins anew.
    await keeper.start();
    expect(await ledger.positions()).toHaveLength(1);
    keeper.stop();
    await until(() => server.upstream.connections.every(({ gone }) => gone));
    await Bun.sleep(10);
    expect([log, inForce]).toEqual([[], []]);
  });
});
