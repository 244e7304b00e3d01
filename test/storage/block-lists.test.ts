import { afterAll, expect, spyOn, test } from 'bun:test';
import type { PricedRecord } from '../../src/core/ledger/record-sink.ts';
import type { Database } from '../../src/storage/database/database.ts';
import { POSTGRES } from '../../src/storage/database/postgres.ts';
import { sql } from '../../src/storage/database/sql.ts';
import type { Filter } from '../../src/storage/filter.ts';
import type { ExportQuery, RequestsQuery } from '../../src/storage/ledger-queries.ts';
import { writePayloads } from '../../src/storage/payloads.ts';
import { findBlocks, insertBlock, readSome } from '../../src/storage/records/block-store.ts';
import { tableOf } from '../../src/storage/records/write-record.ts';
import { exportRequests } from '../../src/storage/requests/export-requests.ts';
import { completeValues, countFacets } from '../../src/storage/requests/facets.ts';
import { readRequest } from '../../src/storage/requests/one-request.ts';
import { listRequests } from '../../src/storage/requests/request-list.ts';
import { readTail } from '../../src/storage/requests/tail.ts';
import { makePricing, makeRandom, makeRecord, priced } from '../support/ledger-records.ts';
import { hasPostgres, startPostgres } from '../support/postgres.ts';
import { mergeSome, mergingBetween, openBlocks, writeBlocks, writeOverlapping } from './blocks.ts';
import { forEachDatabase } from './databases.ts';
import { makeMixed, within } from './reference.ts';

const FROM = Date.UTC(2026, 5, 1);
const TO = FROM + 6 * 3_600_000;
const RANGE = { from: FROM + 600_000.5, to: TO - 600_000.5 };

const FOREIGN = ['~ none of ours', 'another', ''].map((id, index) =>
  priced(makeRecord(FROM + 1_000_000 + index * 5_000_000, { id: id || 'ünïcode: 1' }), makePricing(10n ** 12n)),
);

interface Filled {
  readonly database: Database;
  /** Of the range. */
  readonly records: readonly PricedRecord[];
}

/** Follows a list to its end. */
async function all(database: Database, query: RequestsQuery, between?: () => Promise<unknown>): Promise<string[]> {
  const found: string[] = [];
  let cursor = query.cursor ?? null;
  do {
    const page: Awaited<ReturnType<typeof listRequests>> = await listRequests(database, { ...query, cursor });
    found.push(...page.items.map(({ id }) => id));
    cursor = page.next;
    await between?.();
  } while (cursor !== null);
  return found;
}

async function allExported(database: Database, query: ExportQuery, between?: () => Promise<unknown>) {
  const found: string[] = [];
  let after: string | null = null;
  do {
    const page: Awaited<ReturnType<typeof exportRequests>> = await exportRequests(database, { ...query, after });
    found.push(...page.items.map(({ summary }) => summary.id));
    after = page.next;
    await between?.();
  } while (after !== null);
  return found;
}

function inOrder(records: readonly PricedRecord[], value: (one: PricedRecord) => number = () => 0): string[] {
  const sorted = records.toSorted(
    (one, other) =>
      value(one) - value(other) || one.record.time - other.record.time || (one.record.id < other.record.id ? -1 : 1),
  );
  return sorted.map(({ record }) => record.id);
}

const costOf = ({ pricing }: PricedRecord): number => Number(pricing.cost ?? -1n);
const statusOf = ({ record }: PricedRecord): number => record.status;

const ORDERS = [
  ['time', () => 0],
  ['cost', costOf],
  ['status', statusOf],
] as const;

/** Every look at the clock finds that a second has passed. */
async function whileClockRuns<Result>(work: () => Promise<Result>): Promise<Result> {
  let now = 0;
  const clock = spyOn(performance, 'now').mockImplementation(() => (now += 1000));
  try {
    return await work();
  } finally {
    clock.mockRestore();
  }
}

forEachDatabase((databases) => {
  const opened: Database[] = [];
  afterAll(async () => {
    for (const database of opened) await database.close();
  });
  const open = async (): Promise<Database> => {
    const database = await openBlocks(await databases.place());
    opened.push(database);
    return database;
  };
  const fill = async (count = 700): Promise<Filled> => {
    const database = await open();
    const records = [...makeMixed(count, FROM, TO), ...FOREIGN];
    await writeOverlapping(database, records);
    return { database, records: within(records, RANGE.from, RANGE.to) };
  };
  let filled: Promise<Filled> | null = null;
  const shared = (): Promise<Filled> => {
    filled ??= fill();
    return filled;
  };

  test('lists in every order, page by page and back again', async () => {
    const { database, records } = await shared();
    for (const [field, value] of ORDERS) {
      for (const descending of [true, false]) {
        const query: RequestsQuery = { ...RANGE, sort: { field, descending }, limit: 37 };
        const expected = descending ? inOrder(records, value).reverse() : inOrder(records, value);
        expect(await all(database, query)).toEqual(expected);
        const [second, third] = [37, 74].map((start) => expected.slice(start, start + 37));
        const first = await listRequests(database, query);
        expect(first.previous).toBeNull();
        const middle = await listRequests(database, { ...query, cursor: first.next });
        const last = await listRequests(database, { ...query, cursor: middle.next });
        expect([middle, last].map(({ items }) => items.map(({ id }) => id))).toEqual([second, third] as string[][]);
        const back = await listRequests(database, { ...query, cursor: last.previous });
        expect(back.items).toEqual(middle.items);
        expect((await listRequests(database, { ...query, cursor: back.previous })).items).toEqual(first.items);
        expect((await listRequests(database, { ...query, cursor: back.next })).items).toEqual(last.items);
      }
    }
  });

  test('loses and doubles nothing while blocks are merged, between pages and within', async () => {
    const random = makeRandom(5);
    for (const [field, value] of ORDERS) {
      for (const descending of [true, false]) {
        const { database, records } = await fill(400);
        const merging = mergingBetween(database, random);
        const query: RequestsQuery = { ...RANGE, sort: { field, descending }, limit: 120 };
        const expected = descending ? inOrder(records, value).reverse() : inOrder(records, value);
        expect(await all(merging, query, () => mergeSome(database, random))).toEqual(expected);
      }
    }
    const { database, records } = await fill(400);
    const merging = mergingBetween(database, random);
    const between = () => mergeSome(database, random);
    expect(await allExported(merging, { ...RANGE, limit: 60 }, between)).toEqual(inOrder(records));
  });

  test('exports oldest first, and begins behind any id', async () => {
    const { database, records } = await shared();
    const expected = inOrder(records);
    expect(await allExported(database, { ...RANGE, limit: 64 })).toEqual(expected);
    for (const at of [0, 5, expected.length - 2, ...FOREIGN.map(({ record }) => expected.indexOf(record.id))]) {
      const page = await exportRequests(database, { ...RANGE, after: expected[at] ?? '', limit: 3 });
      expect(page.items.map(({ record }) => record.id)).toEqual(expected.slice(at + 1, at + 4));
    }
    const filter: Filter = { kind: 'equals', field: 'user', values: ['ada'] };
    const ofAda = records.filter(({ record }) => record.caller.user === 'ada');
    expect(await allExported(database, { ...RANGE, filter, limit: 10 })).toEqual(inOrder(ofAda));
    await expect(exportRequests(database, { ...RANGE, after: 'nobody' })).rejects.toThrow('no request');
  });

  test('finds each request by its id', async () => {
    const { database, records } = await shared();
    for (const one of [...records.slice(0, 40), ...FOREIGN]) {
      const detail = await readRequest(database, one.record.id);
      expect(detail?.record).toEqual(one.record);
      expect(detail?.summary.payload).toBe(false);
    }
    expect(await readRequest(database, 'none')).toBeNull();
    expect(await readRequest(database, `${records[0]?.record.id.slice(0, 20)}ZZZZZZ`)).toBeNull();
  });

  test('counts and completes values of the newest requests', async () => {
    const { database, records } = await shared();
    const merging = mergingBetween(database, makeRandom(9));
    const { facets, scanned, exact } = await countFacets(merging, { ...RANGE, fields: ['user', 'stream', 'cost'] });
    expect([scanned, exact]).toEqual([records.length, true]);
    const count = (user: string | null) => records.filter(({ record }) => record.caller.user === user).length;
    expect(facets[0]?.values.toSorted((one, other) => (String(one.value) < String(other.value) ? -1 : 1))).toEqual(
      ['ada', 'bob', 'eve', null].map((value) => ({ value, count: count(value) })),
    );
    expect(facets[1]?.values.map(({ value }) => value).toSorted()).toEqual([false, true]);
    expect(facets[2]?.values[0]?.value).toBe('0');
    expect(await completeValues(database, { ...RANGE, field: 'user', prefix: 'A' })).toEqual([
      { value: 'ada', count: count('ada') },
    ]);
    const names = await completeValues(database, { ...RANGE, field: 'tag', prefix: '' });
    expect(names.map(({ value }) => value).toSorted()).toEqual(['app', 'env']);
    expect(await completeValues(database, { ...RANGE, field: 'id', prefix: 'ÜN' })).toEqual([]);
    expect(await completeValues(database, { ...RANGE, field: 'id', prefix: 'ANO' })).toHaveLength(1);
  });

  test('takes no block for another that has its number now', async () => {
    const database = await open();
    await writeBlocks(database, makeMixed(40, FROM, TO), 10);
    const blocks = await findBlocks(database, sql`TRUE ORDER BY seq`);
    await database.run(sql`DELETE FROM request_blocks WHERE seq = ${blocks.at(-1)?.seq ?? 0}`);
    await writeBlocks(database, makeMixed(10, FROM, TO, 2), 10);
    expect((await readSome(database, blocks, 0, 1e6)).size).toBe(3);
    expect((await readSome(database, blocks, 1, 1)).size).toBe(1);
  });

  test('stops a search at its time limit and goes on from there, whatever the order', async () => {
    const { database, records } = await shared();
    for (const [field, value] of ORDERS) {
      for (const descending of [true, false]) {
        const query: RequestsQuery = { ...RANGE, sort: { field, descending }, limit: 50 };
        const found = await whileClockRuns(() => all(database, query));
        const expected = descending ? inOrder(records, value).reverse() : inOrder(records, value);
        if (field === 'time') expect(found).toEqual(expected);
        else expect(found.toSorted()).toEqual(expected.toSorted());
      }
    }
    const filter: Filter = { kind: 'equals', field: 'user', values: ['nobody'] };
    const first = await whileClockRuns(() => listRequests(database, { ...RANGE, filter }));
    expect(first).toMatchObject({ items: [], partial: true, next: expect.any(String) });
    expect(await whileClockRuns(() => all(database, { ...RANGE, filter }))).toEqual([]);
    expect(
      await whileClockRuns(() => all(database, { ...RANGE, filter, sort: { field: 'cost', descending: true } })),
    ).toEqual([]);
    expect(await whileClockRuns(() => allExported(database, { ...RANGE, limit: 400 }))).toEqual(inOrder(records));
  });

  test('looks for words in kept texts too, of foreign requests as well', async () => {
    const { database, records } = await fill(300);
    const kept = records.filter((_, index) => index % 2 === 0 || index > records.length - 4);
    await database.transaction((transaction) =>
      writePayloads(
        transaction,
        kept.map(({ record }, index) => ({
          requestId: record.id,
          request: `Question ${index} about the Refund Policy`,
          response: null,
          redactions: {},
          truncated: false,
        })),
      ),
    );
    const text = (words: string): Filter => ({ kind: 'text', text: words });
    const expected = inOrder(kept).reverse();
    expect(await all(database, { ...RANGE, filter: text('REFUND policy'), limit: 40 })).toEqual(expected);
    const sort = { field: 'cost', descending: true } as const;
    expect(await all(database, { ...RANGE, filter: text('refund'), sort, limit: 40 })).toEqual(
      inOrder(kept, costOf).reverse(),
    );
    const both: Filter = { kind: 'all', filters: [text('refund'), text('failed')] };
    const failed = kept.filter(({ record }) => record.error?.message.includes('failed'));
    expect(await all(database, { ...RANGE, filter: both })).toEqual(inOrder(failed).reverse());
    expect(await whileClockRuns(() => all(database, { ...RANGE, filter: both, limit: 2 }))).toEqual(
      inOrder(failed).reverse(),
    );
    expect(await all(database, { ...RANGE, filter: text('no such words') })).toEqual([]);
    const without: Filter = { kind: 'equals', field: 'payload', values: [false] };
    expect(await all(database, { ...RANGE, filter: without })).toHaveLength(records.length - kept.length);
    const { facets } = await countFacets(database, { ...RANGE, fields: ['payload'] });
    expect(facets[0]?.values.find(({ value }) => value === true)?.count).toBe(kept.length);
    const page = await listRequests(database, { ...RANGE, filter: text('refund'), limit: 1 });
    expect([page.searchedPayloads, page.items[0]?.payload]).toEqual([true, true]);
  });

  test('follows what is written while blocks are merged, each request once', async () => {
    const database = await open();
    const random = makeRandom(11);
    await writeOverlapping(database, makeMixed(60, FROM, TO));
    let { position } = await readTail(database, { position: null });
    const begin = position;
    const expected: string[] = [];
    const found: string[] = [];
    for (let round = 0; round < 25; round++) {
      const records = makeMixed(30, FROM, TO, round + 10);
      await writeBlocks(database, records, 1 + Math.floor(random() * 20));
      expected.push(...records.map(({ record }) => record.id));
      if (random() < 0.6) await mergeSome(database, random);
      if (random() < 0.3) continue;
      for (let more = true, pages = Math.ceil(random() * 6); more && pages > 0; pages--) {
        const page = await readTail(database, { position, limit: 13 });
        found.push(...page.items.map(({ id }) => id));
        ({ position, more } = page);
        if (random() < 0.3) await mergeSome(database, random);
      }
    }
    const rest = await follow(database, position, 50);
    expect([...found, ...rest]).toHaveLength(expected.length);
    expect([...found, ...rest].toSorted()).toEqual(expected.toSorted());
    // Whoever was away for long gets the same, in the order of arrival.
    expect((await follow(database, begin, 100)).toSorted()).toEqual(expected.toSorted());
    await database.run(sql`DELETE FROM request_blocks`);
    await writeBlocks(database, makeMixed(5, FROM, TO, 99), 5);
    if (database.dialect.name === 'sqlite') expect(await follow(database, position, 50)).toHaveLength(5);
    await expect(readTail(database, { position: "0' OR 1=1" })).rejects.toThrow('position');
  });
});

/** A transaction on PostgreSQL that is under way while others come and go. */
test.skipIf(!hasPostgres)('holds back what is not settled, and nothing that is', async () => {
  const server = await startPostgres();
  const place = await server.createDatabase();
  const [one, other] = [await openBlocks(place), await openBlocks(place)];
  try {
    const [early, slow, late] = [1, 2, 3].map((seed) => makeMixed(10, FROM, TO, seed)) as [
      PricedRecord[],
      PricedRecord[],
      PricedRecord[],
    ];
    const { position } = await readTail(one, { position: null });
    await writeBlocks(one, early, 10);
    const begun = Promise.withResolvers<void>();
    const mayEnd = Promise.withResolvers<void>();
    const ended = other.transaction(async (transaction) => {
      await insertBlock(transaction, POSTGRES.arrival.next, tableOf(slow));
      begun.resolve();
      await mayEnd.promise;
    });
    await begun.promise;
    await writeBlocks(one, late, 10);
    // One block of what is settled and what is not.
    await mergeSome(one, () => 0.1);
    const first = await readTail(one, { position });
    expect(first.items.map(({ id }) => id).toSorted()).toEqual(inOrder(early).toSorted());
    mayEnd.resolve();
    await ended;
    expect((await follow(one, first.position, 7)).toSorted()).toEqual(inOrder([...slow, ...late]).toSorted());
  } finally {
    await Promise.all([one.close(), other.close()]);
    await server.close();
  }
});

async function follow(database: Database, from: string, limit: number): Promise<string[]> {
  const found: string[] = [];
  for (let position = from, more = true; more; ) {
    const page = await readTail(database, { position, limit });
    found.push(...page.items.map(({ id }) => id));
    ({ position, more } = page);
  }
  return found;
}
