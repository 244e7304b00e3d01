import { expect, test } from 'bun:test';
import { outcomeOf } from '../../src/core/ledger/outcome.ts';
import type { PricedRecord } from '../../src/core/ledger/record-sink.ts';
import type { Filter } from '../../src/storage/filter.ts';
import type { LedgerDatabase } from '../../src/storage/ledger-database.ts';
import type { RequestSummary, RequestsQuery, SortField } from '../../src/storage/ledger-queries.ts';
import { tableOf } from '../../src/storage/records/write-record.ts';
import { makeRecord, priced } from '../support/ledger-records.ts';
import { forEachDatabase } from './databases.ts';
import { makeMixed, within } from './reference.ts';

const FROM = Date.UTC(2026, 5, 1);
const TO = FROM + 6 * 3_600_000;
const RANGE = { from: FROM + 600_000, to: TO - 600_000 };

interface Filled {
  readonly ledger: LedgerDatabase;
  readonly records: readonly PricedRecord[];
}

async function fill(ledger: LedgerDatabase): Promise<Filled> {
  const records = makeMixed(700, FROM, TO);
  await ledger.write({ records: tableOf(records), payloads: [], positions: [] });
  return { ledger, records: within(records, RANGE.from, RANGE.to) };
}

/** Follows a cursor to its end. */
async function all(
  ledger: LedgerDatabase,
  query: RequestsQuery,
  way: 'next' | 'previous' = 'next',
): Promise<RequestSummary[]> {
  const found: RequestSummary[] = [];
  let cursor = query.cursor ?? null;
  while (true) {
    const page = await ledger.queries.requests({ ...query, cursor });
    if (way === 'next') found.push(...page.items);
    else found.unshift(...page.items);
    cursor = page[way];
    if (cursor === null) return found;
  }
}

const compare = (
  field: Extract<Filter, { kind: 'compare' }>['field'],
  operator: '<' | '<=' | '>' | '>=',
  value: number | string,
): Filter => ({ kind: 'compare', field, operator, value });

const FILTERS: Record<string, [Filter, (one: PricedRecord) => boolean]> = {
  status: [compare('status', '>=', 500), ({ record }) => record.status >= 500],
  outcome: [
    { kind: 'equals', field: 'outcome', values: ['upstream', 'client'] },
    ({ record }) => ['upstream', 'client'].includes(outcomeOf(record)),
  ],
  duration: [compare('duration', '>', 2000.5), ({ record }) => record.phases.lastByte > 2000.5],
  'first token': [compare('first_token', '<=', 300), ({ record }) => (record.phases.firstToken ?? 1e9) <= 300],
  cost: [compare('cost', '>', '2.5'), ({ pricing }) => (pricing.cost ?? 0n) > 2_500_000_000_000n],
  tokens: [
    compare('prompt_tokens', '<', 100),
    ({ record: { usage } }) => usage !== null && usage.input + usage.cacheRead < 100,
  ],
  stream: [{ kind: 'equals', field: 'stream', values: [true] }, ({ record }) => record.stream],
  'no user': [{ kind: 'not', filter: { kind: 'present', field: 'user' } }, ({ record }) => record.caller.user === null],
  'not a user': [
    { kind: 'not', filter: { kind: 'equals', field: 'user', values: ['ada'] } },
    ({ record }) => record.caller.user !== 'ada',
  ],
  tag: [{ kind: 'equals', field: 'tag:app', values: ['x', 'y'] }, ({ record }) => record.caller.tags.app !== undefined],
  prefix: [
    { kind: 'prefix', field: 'error_message', prefix: 'failed 1' },
    ({ record }) => record.error?.message.startsWith('failed 1') ?? false,
  ],
  text: [{ kind: 'text', text: 'FAILED 2' }, ({ record }) => record.error?.message.includes('failed 2') ?? false],
  node: [{ kind: 'equals', field: 'node', values: ['node-1'] }, () => true],
  unpriced: [{ kind: 'equals', field: 'unpriced', values: [true] }, ({ pricing }) => pricing.cost === null],
  both: [
    {
      kind: 'all',
      filters: [
        { kind: 'equals', field: 'endpoint', values: ['chat'] },
        { kind: 'any', filters: [compare('status', '>', 1000), { kind: 'equals', field: 'team', values: ['red'] }] },
      ],
    },
    ({ record }) => record.endpoint === 'chat' && record.caller.team === 'red',
  ],
};

forEachDatabase((databases) => {
  let filled: Promise<Filled> | null = null;
  const shared = (): Promise<Filled> => {
    filled ??= databases.open().then(fill);
    return filled;
  };

  for (const [name, [filter, matches]] of Object.entries(FILTERS)) {
    test(`filters by ${name}`, async () => {
      const { ledger, records } = await shared();
      const expected = records.filter(matches).map(({ record }) => record.id);
      const found = await all(ledger, { ...RANGE, filter, limit: 100 });
      expect(found.map(({ id }) => id)).toEqual(expected.toSorted().reverse());
      const { rows, exact } = await ledger.queries.estimate({ ...RANGE, filter });
      expect([rows, exact]).toEqual([expected.length, true]);
    });
  }

  test('shows each request once, in order, page by page and back again', async () => {
    const { ledger, records } = await shared();
    for (const field of ['time', 'duration', 'cost', 'first_token', 'prompt_tokens', 'status'] as SortField[]) {
      for (const descending of [true, false]) {
        const query: RequestsQuery = { ...RANGE, sort: { field, descending }, limit: 37 };
        const forwards = await all(ledger, query);
        expect(new Set(forwards.map(({ id }) => id)).size).toBe(records.length);
        expect(forwards).toHaveLength(records.length);
        const values = forwards.map((item) => sortValue(item, field));
        expect(values).toEqual(values.toSorted((one, other) => (descending ? other - one : one - other)));
        const last = await lastCursor(ledger, query);
        const backwards = await all(ledger, { ...query, cursor: last }, 'previous');
        expect(backwards.map(({ id }) => id)).toEqual(forwards.slice(0, backwards.length).map(({ id }) => id));
        expect(backwards.length).toBeGreaterThan(records.length - 38);
      }
    }
  });

  test('refuses cursors that it did not give out', async () => {
    const { ledger } = await shared();
    for (const cursor of [
      'x',
      '!!',
      Buffer.from('[0,"1 OR 1=1","a"]').toString('base64url'),
      Buffer.from('{}').toString('base64url'),
    ]) {
      await expect(ledger.queries.requests({ ...RANGE, cursor })).rejects.toThrow('cursor');
    }
  });

  test('counts values of several fields at once', async () => {
    const { ledger, records } = await shared();
    const { facets, scanned, exact } = await ledger.queries.facets({
      ...RANGE,
      fields: ['status', 'user', 'tag:env', 'stream'],
      limit: 3,
    });
    expect([scanned, exact]).toEqual([records.length, true]);
    const [status, user] = facets;
    expect(status?.values[0]).toEqual({
      value: 200,
      count: records.filter(({ record }) => record.status === 200).length,
    });
    expect(user?.values).toHaveLength(3);
    expect(facets[3]?.values.map(({ value }) => value).toSorted()).toEqual([false, true]);
  });

  test('completes values and names of tags, the most seen first', async () => {
    const { ledger } = await shared();
    const complete = async (field: 'user' | 'tag' | 'tag:env' | 'status', prefix: string) =>
      (await ledger.queries.complete({ ...RANGE, field, prefix })).map(({ value }) => value).toSorted();
    expect(await complete('user', 'A')).toEqual(['ada']);
    expect(await complete('user', '')).toEqual(['ada', 'bob', 'eve']);
    expect(await complete('tag', 'a')).toEqual(['app']);
    expect(await complete('tag:env', '')).toEqual(['live', 'test']);
    expect(await complete('user', '%')).toEqual([]);
    expect(await complete('status', '2')).toEqual([]);
  });

  test('finds words of kept texts, and says whether there were any to look in', async () => {
    const ledger = await databases.open();
    const records = Array.from({ length: 450 }, (_, index) => priced(makeRecord(FROM + index * 1000)));
    await ledger.write({
      records: tableOf(records),
      payloads: records.slice(0, 440).map(({ record }, index) => ({
        requestId: record.id,
        request: `{"messages":[{"content":"Question ${index} about the Refund Policy"}]}`,
        response: index % 2 === 0 ? `answer ${index}` : null,
        redactions: { EMAIL: 1 },
        truncated: false,
      })),
      positions: [],
    });
    const range = { from: FROM, to: TO };
    const search = async (text: string, limit = 50) =>
      ledger.queries.requests({ ...range, filter: { kind: 'text', text }, limit });
    expect((await search('question 7 about')).items.map(({ id }) => id)).toEqual([records[7]?.record.id ?? '']);
    expect((await search('answer 43')).items).toHaveLength(5);
    expect((await search('no such words')).items).toEqual([]);
    expect((await search('refund policy')).searchedPayloads).toBe(true);
    expect(await all(ledger, { ...range, filter: { kind: 'text', text: 'refund policy' }, limit: 60 })).toHaveLength(
      440,
    );
    expect(
      (await ledger.queries.requests({ ...range, filter: { kind: 'equals', field: 'payload', values: [false] } }))
        .items,
    ).toHaveLength(10);
    const later = { from: FROM + 445_000, to: TO };
    expect((await ledger.queries.requests({ ...later, filter: { kind: 'text', text: 'x' } })).searchedPayloads).toBe(
      false,
    );
    expect(await ledger.queries.payload(records[2]?.record.id ?? '')).toMatchObject({
      response: 'answer 2',
      redactions: { EMAIL: 1 },
    });
  });

  test('follows what is written, each request once and only what the filter lets through', async () => {
    const ledger = await databases.open();
    await ledger.write({ records: tableOf(makeMixed(20, FROM, TO)), payloads: [], positions: [] });
    const filter: Filter = { kind: 'equals', field: 'endpoint', values: ['chat'] };
    let { position, items } = await ledger.queries.after({ position: null, filter });
    expect(items).toEqual([]);
    const expected: string[] = [];
    const found: string[] = [];
    for (let round = 0; round < 6; round++) {
      // Requests that began long ago end now: their ids are old.
      const records = makeMixed(30, FROM, TO, round + 10);
      await ledger.write({ records: tableOf(records), payloads: [], positions: [] });
      expected.push(...records.filter(({ record }) => record.endpoint === 'chat').map(({ record }) => record.id));
      let more = true;
      while (more) {
        const page = await ledger.queries.after({ position, filter, limit: 7 });
        found.push(...page.items.map(({ id }) => id));
        ({ position, more } = page);
      }
    }
    expect(found.toSorted()).toEqual(expected.toSorted());
    await expect(ledger.queries.after({ position: "0' OR 1=1" })).rejects.toThrow('position');
  });

  test('exports everything of a range, oldest first', async () => {
    const { ledger, records } = await shared();
    const found: string[] = [];
    let after: string | null = null;
    do {
      const page: Awaited<ReturnType<typeof ledger.queries.export>> = await ledger.queries.export({
        ...RANGE,
        after,
        limit: 64,
      });
      found.push(...page.items.map(({ record }) => record.id));
      after = page.next;
    } while (after !== null);
    expect(found).toEqual(records.map(({ record }) => record.id).toSorted());
  });

  test('says what there is', async () => {
    const { ledger } = await shared();
    const { tables, bytes, schemaVersion } = await ledger.queries.stats();
    expect(tables.find(({ name }) => name === 'requests')?.rows).toBe(700);
    expect(bytes).toBeGreaterThan(100_000);
    expect(schemaVersion).toBeGreaterThan(0);
  });
});

async function lastCursor(ledger: LedgerDatabase, query: RequestsQuery): Promise<string | null> {
  let cursor: string | null = null;
  while (true) {
    const page: Awaited<ReturnType<typeof ledger.queries.requests>> = await ledger.queries.requests({
      ...query,
      cursor,
    });
    if (page.next === null) return page.previous;
    cursor = page.next;
  }
}

function sortValue(item: RequestSummary, field: SortField): number {
  if (field === 'cost') return item.cost === null ? -1 : Number(item.cost);
  if (field === 'first_token') return item.firstToken ?? -1;
  if (field === 'prompt_tokens') return item.tokens?.prompt ?? -1;
  return item[field as 'time' | 'duration' | 'status'];
}
