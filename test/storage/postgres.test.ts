import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { LedgerUnavailable } from '../../src/storage/database/database.ts';
import { sql } from '../../src/storage/database/sql.ts';
import { openLedger } from '../../src/storage/ledger-database.ts';
import { tableOf } from '../../src/storage/records/write-record.ts';
import { hasPostgres, startPostgres, type TestPostgres } from '../support/postgres.ts';
import { makeMixed, sumOf } from './reference.ts';

const DAY = 86_400_000;
const TO = Date.UTC(2026, 8, 9, 12);
const FROM = TO - DAY / 8;

describe.skipIf(!hasPostgres)('several nodes on one PostgreSQL', () => {
  let server: TestPostgres;
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server.close());

  test('write at once, and rows and roll-ups are what they wrote', async () => {
    const url = await server.createDatabase();
    const nodes = Array.from({ length: 4 }, () => openLedger({ database: url }));
    const all = nodes.map((_, node) => makeMixed(2_000, FROM, TO, node + 1));
    await Promise.all(
      nodes.map(async (node, index) => {
        const records = all[index] ?? [];
        for (let start = 0; start < records.length; start += 50) {
          const batch = {
            records: tableOf(records.slice(start, start + 50)),
            payloads: [],
            positions: [{ journal: `node-${index}`, position: start + 50 }],
          };
          await node.write(batch);
          // Now and then an answer of the database is lost, and the batch is written again, by another node too.
          if (start % 500 === 0) await node.write(batch);
          if (start % 700 === 0) await nodes[(index + 1) % 4]?.write(batch);
        }
      }),
    );
    await Promise.all(nodes.map((node) => node.maintain(TO + DAY)));
    const [node] = nodes;
    const rows = await node?.database.values(sql`SELECT sum(records) FROM request_blocks`);
    expect(Number(rows?.[0]?.[0])).toBe(8_000);
    const usage = await node?.queries.usage({ from: FROM, to: TO, bucket: 'none', groups: [] });
    const expected = sumOf(all.flat());
    expect([usage?.total.requests, usage?.total.cost, usage?.total.tokens.input]).toEqual([
      8_000,
      expected.cost,
      expected.input,
    ]);
    expect((await node?.verify({ from: FROM, to: TO }))?.differences).toEqual([]);
    expect(await node?.positions()).toHaveLength(4);
    await Promise.all(nodes.map((one) => one.close()));
  }, 60_000);

  test('miss nothing of each other in the live tail', async () => {
    const url = await server.createDatabase();
    const nodes = Array.from({ length: 3 }, () => openLedger({ database: url }));
    const [reader] = nodes;
    let { position = '' } = (await reader?.queries.after({ position: null })) ?? {};
    let writing = true;
    const written = Promise.all(
      nodes.map(async (node, index) => {
        for (let round = 0; round < 25; round++) {
          await node.write({
            records: tableOf(makeMixed(20, FROM, TO, index * 100 + round)),
            payloads: [],
            positions: [],
          });
        }
      }),
    ).then(() => {
      writing = false;
    });
    const seen: string[] = [];
    // Rows are shown once no transaction that began before theirs is under way.
    let last = performance.now();
    while (writing || (seen.length < 1_500 && performance.now() - last < 10_000)) {
      const page = await reader?.queries.after({ position, limit: 100 });
      if (page?.items.length) last = performance.now();
      seen.push(...(page?.items.map(({ id }) => id) ?? []));
      position = page?.position ?? position;
    }
    await written;
    expect(seen).toHaveLength(1_500);
    expect(new Set(seen).size).toBe(1_500);
    await Promise.all(nodes.map((one) => one.close()));
  }, 60_000);

  test('go on after the server was killed and came back', async () => {
    const url = await server.createDatabase();
    const ledger = openLedger({ database: url });
    const records = makeMixed(300, FROM, TO);
    const batch = (part: number) => ({
      records: tableOf(records.slice(part * 100, part * 100 + 100)),
      payloads: [],
      positions: [{ journal: 'j', position: part }],
    });
    await ledger.write(batch(0));
    await server.stop();
    await expect(ledger.write(batch(1))).rejects.toThrow(LedgerUnavailable);
    await expect(ledger.queries.usage({ from: FROM, to: TO, bucket: 'none', groups: [] })).rejects.toThrow(
      LedgerUnavailable,
    );
    await server.start();
    await ledger.write(batch(1));
    await ledger.write(batch(2));
    expect((await ledger.queries.usage({ from: FROM, to: TO, bucket: 'none', groups: [] })).total.requests).toBe(300);
    expect(await ledger.positions()).toEqual([{ journal: 'j', position: 2 }]);
    await ledger.close();
  });

  test('say why they cannot connect, and nothing of the password', async () => {
    const ledger = openLedger({ database: 'postgres://some-user:s3cret-word@127.0.0.1:1/x' });
    const tried = [ledger.positions(), ledger.prepare(), ledger.queries.after({ position: null })];
    for (const attempt of tried) {
      const error = await attempt.catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(LedgerUnavailable);
      expect(String(error)).toMatch(
        /PostgreSQL at 127\.0\.0\.1:1: Failed to connect.* \(ERR_POSTGRES_CONNECTION_REFUSED\)/,
      );
      expect(Bun.inspect(error)).not.toMatch(/s3cret-word|some-user/);
    }
    await ledger.close();
    expect(() => openLedger({ database: 'postgres://sluice:s3cret-word@host:notaport/x' })).toThrow(/URL/);
  });

  test('name the server where the database does not exist, or its name does not resolve', async () => {
    const url = await server.createDatabase();
    const { host } = new URL(url.replace('postgres:', 'http:'));
    const places = [
      [url.replace(/[^/]+$/, 'nowhere'), `PostgreSQL at ${host}: database "nowhere" does not exist (3D000)`],
      ['postgres://u:s3cret-word@no-such-host.invalid/x', 'PostgreSQL at no-such-host.invalid:5432: Failed to connect'],
    ] as const;
    for (const [database, message] of places) {
      const ledger = openLedger({ database });
      const transaction = ledger.database.transaction((connection) => connection.values(sql`SELECT 1`));
      for (const attempt of [ledger.positions(), transaction]) {
        expect(await attempt.then(String, String)).toContain(message);
      }
      await ledger.close();
    }
  });
});
