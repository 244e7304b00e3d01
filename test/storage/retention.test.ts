import { expect, test } from 'bun:test';
import type { RetentionSettings } from '../../src/config/retention.ts';
import { sql } from '../../src/storage/database/sql.ts';
import type { LedgerDatabase } from '../../src/storage/ledger-database.ts';
import type { UsageQuery } from '../../src/storage/ledger-queries.ts';
import { tableOf } from '../../src/storage/records/write-record.ts';
import { enforceRetention } from '../../src/storage/retention.ts';
import { makeRecord, priced } from '../support/ledger-records.ts';
import { forEachDatabase } from './databases.ts';
import { makeMixed, sumOf, within } from './reference.ts';

const DAY = 86_400_000;
const HOUR = 3_600_000;
const NOW = Date.UTC(2026, 7, 20, 15, 10);
const FOREVER: RetentionSettings = {
  requests: null,
  requestsSize: null,
  payloads: null,
  payloadsSize: null,
  hourly: null,
  daily: null,
};

async function enforce(ledger: LedgerDatabase, settings: Partial<RetentionSettings>): Promise<void> {
  await enforceRetention(ledger.database, { ...FOREVER, ...settings }, NOW, async () => {});
}

async function count(ledger: LedgerDatabase, table: 'requests' | 'payloads' | 'repricings'): Promise<number> {
  const statement = {
    requests: sql`SELECT sum(records) FROM request_blocks`,
    payloads: sql`SELECT count(*) FROM payloads`,
    repricings: sql`SELECT count(*) FROM repricings`,
  };
  return Number((await ledger.database.values(statement[table]))[0]?.[0]);
}

forEachDatabase((databases) => {
  test('deletes old requests and still knows what they added up to', async () => {
    const ledger = await databases.open();
    const records = makeMixed(2_500, NOW - 20 * DAY, NOW);
    for (let start = 0; start < records.length; start += 250) {
      await ledger.write({ records: tableOf(records.slice(start, start + 250)), payloads: [], positions: [] });
    }
    await ledger.correctCosts(
      [{ id: records[0]?.record.id ?? '', pricing: { cost: 1n, lines: [], source: null, reason: null } }],
      'x',
    );
    await ledger.maintain(NOW);
    const query: UsageQuery = { from: NOW - 20 * DAY, to: NOW, bucket: 'none', groups: ['user', 'tag:env'] };
    const before = await ledger.queries.usage(query);
    await enforce(ledger, { requests: 5 * DAY });
    const cut = NOW - 5 * DAY - 10 * 60_000;
    expect(await count(ledger, 'requests')).toBe(within(records, cut, NOW).length);
    const after = await ledger.queries.usage(query);
    expect(after.total).toEqual(before.total);
    expect(after.rows).toEqual(before.rows);
    // A range that begins between two half hours is counted from the earlier one, and says so.
    const from = NOW - 10 * DAY + 60_000;
    const cutOff = await ledger.queries.usage({ ...query, from });
    expect(cutOff.from).toBe(NOW - 10 * DAY - 10 * 60_000);
    expect(cutOff.total.requests).toBe(within(records, cutOff.from, NOW).length);
    expect((await ledger.verify({ from: 0, to: NOW })).differences).toEqual([]);
    // A request that took long to arrive is not lost, though its time is over.
    await ledger.write({ records: tableOf([priced(makeRecord(NOW - 15 * DAY))]), payloads: [], positions: [] });
    expect((await ledger.queries.usage(query)).total.requests).toBe(before.total.requests + 1);
  }, 30_000);

  test('keeps days when their half hours go, and forgets days at last', async () => {
    const ledger = await databases.open();
    const records = makeMixed(600, NOW - 12 * DAY, NOW);
    await ledger.write({ records: tableOf(records), payloads: [], positions: [] });
    await ledger.maintain(NOW);
    const query: UsageQuery = { from: NOW - 12 * DAY, to: NOW, bucket: 'day', groups: [] };
    const before = await ledger.queries.usage(query);
    await enforce(ledger, { requests: 2 * DAY, hourly: 4 * DAY });
    const after = await ledger.queries.usage(query);
    expect(after.from).toBe(Date.UTC(2026, 7, 8));
    expect(after.rows.slice(1)).toEqual(before.rows.slice(1));
    expect(after.total).toEqual(before.total);
    const hours = await ledger.queries.usage({ ...query, from: NOW - 3 * DAY, bucket: 'hour' });
    expect(hours.total.requests).toBe(within(records, hours.from, NOW).length);
    await enforce(ledger, { requests: 2 * DAY, hourly: 4 * DAY, daily: 6 * DAY });
    const rest = await ledger.queries.usage(query);
    expect(rest.total.requests).toBe(within(records, Date.UTC(2026, 7, 14), NOW).length);
  });

  test('deletes the oldest requests when there are too many', async () => {
    const ledger = await databases.open();
    const records = Array.from({ length: 4_000 }, (_, index) =>
      priced(makeRecord(NOW - 4_000 * 60_000 + index * 60_000)),
    );
    await ledger.write({ records: tableOf(records), payloads: [], positions: [] });
    await enforce(ledger, { requestsSize: 10_000_000 });
    expect(await count(ledger, 'requests')).toBe(4_000);
    const [size] = await ledger.database.values(sql`SELECT sum(bytes) FROM request_blocks`);
    const quarter = Math.floor(Number(size?.[0]) / 4);
    await enforce(ledger, { requestsSize: quarter });
    const left = await count(ledger, 'requests');
    expect(left).toBeGreaterThan(500);
    expect(left).toBeLessThan(1_400);
    await enforce(ledger, { requestsSize: quarter + 10_000 });
    expect(await count(ledger, 'requests')).toBe(left);
    // However small the limit, the last half hour stays.
    await enforce(ledger, { requestsSize: 1 });
    expect(await count(ledger, 'requests')).toBeGreaterThan(20);
    const { total } = await ledger.queries.usage({ from: 0, to: NOW + HOUR, bucket: 'none', groups: [] });
    expect(total.cost).toBe(sumOf(records).cost);
  });

  test('deletes texts by their own age and size', async () => {
    const ledger = await databases.open();
    const records = Array.from({ length: 2_300 }, (_, index) => priced(makeRecord(NOW - (2_300 - index) * 60_000)));
    const payloads = records.map(({ record }, index) => ({
      requestId: record.id,
      request: `${index}`.repeat(50),
      response: null,
      redactions: {},
      truncated: false,
    }));
    await ledger.write({ records: tableOf(records), payloads, positions: [] });
    await enforce(ledger, { payloads: 2_000 * 60_000 });
    expect(await count(ledger, 'payloads')).toBe(2_000);
    const [size] = await ledger.database.values(sql`SELECT sum(length(texts)) FROM payloads`);
    await enforce(ledger, { payloadsSize: Math.floor(Number(size?.[0]) / 4) });
    const left = await count(ledger, 'payloads');
    expect(left).toBeGreaterThan(400);
    expect(left).toBeLessThan(520);
    expect(await ledger.queries.payload(records.at(-1)?.record.id ?? '')).not.toBeNull();
    expect(await ledger.queries.payload(records[1_000]?.record.id ?? '')).toBeNull();
    expect(await count(ledger, 'requests')).toBe(2_300);
  });
});
