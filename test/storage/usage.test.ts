import { expect, test } from 'bun:test';
import type { PricedRecord } from '../../src/core/ledger/record-sink.ts';
import type { Filter } from '../../src/storage/filter.ts';
import type { LedgerDatabase } from '../../src/storage/ledger-database.ts';
import type { UsageDimension, UsageFigures, UsageQuery } from '../../src/storage/ledger-queries.ts';
import { tableOf } from '../../src/storage/records/write-record.ts';
import { makePricing, makeRecord, priced } from '../support/ledger-records.ts';
import { forEachDatabase } from './databases.ts';
import { makeMixed, sumOf, within } from './reference.ts';

const DAY = 86_400_000;
const HOUR = 3_600_000;
const FROM = Date.UTC(2026, 2, 27);
const TO = FROM + 4 * DAY;

function shown({ requests, errors, tokens, cost, priced: known }: UsageFigures) {
  const { input, output, cacheRead } = tokens;
  return { requests, errors, input, output, cacheRead, cost, priced: known };
}

async function fill(ledger: LedgerDatabase): Promise<Filled> {
  const records = makeMixed(1_500, FROM, TO);
  for (let start = 0; start < records.length; start += 100) {
    await ledger.write({ records: tableOf(records.slice(start, start + 100)), payloads: [], positions: [] });
  }
  // Some of it is in sums of days, some in those of half hours, and the last is not merged yet.
  await ledger.maintain(FROM + 2 * DAY + 3 * HOUR);
  const late = makeMixed(150, FROM, TO, 2);
  await ledger.write({ records: tableOf(late), payloads: [], positions: [] });
  return { ledger, records: [...records, ...late] };
}

interface Filled {
  readonly ledger: LedgerDatabase;
  readonly records: readonly PricedRecord[];
}

const READERS: Record<string, (one: PricedRecord) => string | null> = {
  surface: ({ record }) => record.surface,
  endpoint: ({ record }) => record.endpoint,
  provider: ({ record }) => record.provider,
  model: ({ record }) => record.model,
  user: ({ record }) => record.caller.user,
  team: ({ record }) => record.caller.team,
  key: ({ record }) => record.caller.key,
  'tag:env': ({ record }) => record.caller.tags.env ?? null,
};

forEachDatabase((databases) => {
  let filled: Promise<Filled> | null = null;
  const shared = (): Promise<Filled> => {
    filled ??= databases.open().then(fill);
    return filled;
  };

  test('counts exactly what lies within a range, whatever it is counted from', async () => {
    const { ledger, records } = await shared();
    const ranges: [number, number][] = [
      [FROM, TO],
      [FROM + 1, TO - 1],
      [FROM + 5 * HOUR + 12_345, FROM + 3 * DAY + 17 * HOUR + 1],
      [FROM + HOUR + 1, FROM + HOUR + 2 * 60_000],
      [FROM + DAY, FROM + 2 * DAY],
      [FROM - 30 * DAY, FROM],
    ];
    for (const [from, to] of ranges) {
      const answer = await ledger.queries.usage({ from, to, bucket: 'none', groups: [] });
      expect(shown(answer.total)).toEqual(sumOf(within(records, from, to)));
      expect([answer.from, answer.to]).toEqual([from, to]);
    }
  });

  test('groups by each dimension, and the groups add up to the total', async () => {
    const { ledger, records } = await shared();
    const range = { from: FROM + 777_777, to: TO - 999_999 };
    const inRange = within(records, range.from, range.to);
    for (const [dimension, value] of Object.entries(READERS)) {
      const answer = await ledger.queries.usage({ ...range, bucket: 'none', groups: [dimension as UsageDimension] });
      const expected = Map.groupBy(inRange, value);
      expect(answer.rows).toHaveLength(expected.size);
      for (const row of answer.rows) {
        expect(shown(row)).toEqual(sumOf(expected.get(row.group[dimension] ?? null) ?? []));
      }
    }
  });

  test('groups by several dimensions and time at once', async () => {
    const { ledger, records } = await shared();
    const answer = await ledger.queries.usage({
      from: FROM,
      to: TO,
      bucket: 'day',
      groups: ['user', 'model', 'tag:env'],
    });
    const key = (one: PricedRecord): string =>
      JSON.stringify([
        Math.floor(one.record.time / DAY) * DAY,
        one.record.caller.user,
        one.record.model,
        one.record.caller.tags.env ?? null,
      ]);
    const expected = Map.groupBy(records, key);
    expect(answer.rows).toHaveLength(expected.size);
    for (const { time, group, ...figures } of answer.rows) {
      const name = JSON.stringify([time, group.user, group.model, group['tag:env']]);
      expect(shown(figures)).toEqual(sumOf(expected.get(name) ?? []));
    }
  });

  test('filters by what roll-ups know and by what only rows know', async () => {
    const { ledger, records } = await shared();
    const equals = (field: 'user' | 'model' | 'tag:env', ...values: string[]): Filter => ({
      kind: 'equals',
      field,
      values,
    });
    const filters: [Filter, (one: PricedRecord) => boolean][] = [
      [equals('user', 'ada'), ({ record }) => record.caller.user === 'ada'],
      [{ kind: 'not', filter: equals('user', 'ada') }, ({ record }) => record.caller.user !== 'ada'],
      [
        { kind: 'any', filters: [equals('model', 'm-1'), equals('tag:env', 'live', 'test')] },
        ({ record }) => record.model === 'm-1' || record.caller.tags.env !== undefined,
      ],
      [{ kind: 'prefix', field: 'endpoint', prefix: 'c' }, ({ record }) => record.endpoint?.startsWith('c') ?? false],
      [{ kind: 'present', field: 'tag:app' }, ({ record }) => record.caller.tags.app !== undefined],
      [
        { kind: 'compare', field: 'duration', operator: '>', value: 5000 },
        ({ record }) => record.phases.lastByte > 5000,
      ],
      [{ kind: 'equals', field: 'status', values: [502, 429] }, ({ record }) => [502, 429].includes(record.status)],
    ];
    const range = { from: FROM + 4_321, to: TO - 1_234_567 };
    for (const [filter, test] of filters) {
      const answer = await ledger.queries.usage({ ...range, bucket: 'none', groups: ['model'], filter });
      expect(shown(answer.total)).toEqual(sumOf(within(records, range.from, range.to).filter(test)));
    }
  });

  test('begins hours, days and months where the time zone does', async () => {
    const { ledger, records } = await shared();
    // The clocks of Berlin are put forward on the 29th; days of Kolkata begin at half past.
    for (const timeZone of ['UTC', 'Europe/Berlin', 'Asia/Kolkata', 'Asia/Kathmandu', 'America/St_Johns']) {
      for (const bucket of ['hour', 'day', 'month'] as const) {
        const answer = await ledger.queries.usage({ from: FROM, to: TO, bucket, groups: [], timeZone });
        const name = labelOf(timeZone, bucket);
        const expected = Map.groupBy(records, ({ record }) => name(record.time));
        expect(answer.rows.map(({ time }) => name(time ?? 0)).toSorted()).toEqual([...expected.keys()].toSorted());
        for (const row of answer.rows) expect(shown(row)).toEqual(sumOf(expected.get(name(row.time ?? 0)) ?? []));
      }
    }
  });

  test('counts minutes from rows', async () => {
    const { ledger, records } = await shared();
    const range = { from: FROM + 10 * HOUR + 1, to: FROM + 14 * HOUR };
    const answer = await ledger.queries.usage({ ...range, bucket: 'minute', groups: [] });
    const expected = Map.groupBy(within(records, range.from, range.to), ({ record }) =>
      Math.floor(record.time / 60_000),
    );
    expect(answer.rows.map(({ time, requests }) => [(time ?? 0) / 60_000, requests])).toEqual(
      [...expected]
        .map(([minute, ofMinute]) => [minute, ofMinute.length])
        .toSorted(([one = 0], [other = 0]) => Number(one) - Number(other)) as number[][],
    );
  });

  test('shows the first groups in order, and all others as one', async () => {
    const ledger = await databases.open();
    const at = FROM + HOUR;
    const records = Array.from({ length: 20 }, (_, index) =>
      Array.from({ length: index + 1 }, (_, second) =>
        priced(makeRecord(at + second, { model: `model-${index}` }), makePricing(BigInt(1000 - index))),
      ),
    ).flat();
    await ledger.write({ records: tableOf(records), payloads: [], positions: [] });
    const query: UsageQuery = { from: FROM, to: TO, bucket: 'none', groups: ['model'], limit: 3 };
    const { rows, total } = await ledger.queries.usage(query);
    expect(rows.map(({ group, requests, other }) => [group.model, requests, other])).toEqual([
      ['model-19', 20, false],
      ['model-18', 19, false],
      ['model-17', 18, false],
      [undefined, 153, true],
    ]);
    expect(total.requests).toBe(210);
    const byErrors = await ledger.queries.usage({ ...query, order: 'errors' });
    expect(byErrors.total.requests).toBe(210);
  });

  test('adds up costs of billions to the last digit', async () => {
    const ledger = await databases.open();
    const cost = 9_000_000_123_456_789_012n;
    const records = Array.from({ length: 300 }, (_, index) =>
      priced(makeRecord(FROM + index * 60_000), makePricing(cost)),
    );
    await ledger.write({ records: tableOf(records), payloads: [], positions: [] });
    const query: UsageQuery = { from: FROM + 60_000, to: TO, bucket: 'none', groups: ['model'] };
    const expected = '2691000036.913579914588';
    expect((await ledger.queries.usage(query)).total.cost).toBe(expected);
    await ledger.maintain(TO);
    expect((await ledger.queries.usage(query)).rows[0]?.cost).toBe(expected);
  });

  test('finds percentiles within five per cent', async () => {
    const ledger = await databases.open();
    const durations = Array.from({ length: 2_000 }, (_, index) => Math.round(1.004 ** index * 1000) / 1000);
    const records = durations.map((lastByte, index) => {
      const record = makeRecord(FROM + index * 1000);
      return priced({ ...record, phases: { ...record.phases, lastByte, own: lastByte / 4 } });
    });
    await ledger.write({ records: tableOf(records), payloads: [], positions: [] });
    await ledger.maintain(TO);
    const { total } = await ledger.queries.usage({ from: FROM, to: TO, bucket: 'none', groups: [] });
    for (const [name, share] of [
      ['p50', 0.5],
      ['p90', 0.9],
      ['p95', 0.95],
      ['p99', 0.99],
    ] as const) {
      const exact = durations[Math.ceil(share * durations.length) - 1] ?? 0;
      expect(Math.abs((total.duration?.[name] ?? 0) / exact - 1)).toBeLessThan(0.05);
      expect(Math.abs((total.overhead?.[name] ?? 0) / (exact / 4) - 1)).toBeLessThan(0.05);
    }
    expect(total.duration?.count).toBe(2_000);
    expect(total.firstToken).toBeNull();
  });

  test('refuses what it cannot answer, in words', async () => {
    const ledger = await databases.open();
    const query: UsageQuery = { from: FROM, to: TO, bucket: 'none', groups: [] };
    await expect(ledger.queries.usage({ ...query, bucket: 'day', timeZone: 'Mars/Olympus' })).rejects.toThrow(
      "'Mars/Olympus'",
    );
    await expect(ledger.queries.usage({ ...query, to: FROM })).rejects.toThrow('range');
    await expect(ledger.queries.usage({ ...query, bucket: 'minute' })).rejects.toThrow('buckets');
  });

  test('tells a thousand values of a tag apart, and still finds the others by name', async () => {
    const ledger = await databases.open();
    const records = Array.from({ length: 1_300 }, (_, index) => {
      const record = makeRecord(FROM + index * 1000);
      return priced({ ...record, caller: { ...record.caller, tags: { run: `run-${index}` } } });
    });
    for (let start = 0; start < records.length; start += 100) {
      await ledger.write({ records: tableOf(records.slice(start, start + 100)), payloads: [], positions: [] });
    }
    const range = { from: FROM, to: TO, bucket: 'none' } as const;
    const { rows, total } = await ledger.queries.usage({ ...range, groups: ['tag:run'], limit: 5 });
    expect(total.requests).toBe(1_300);
    expect(rows[0]?.group['tag:run']).toBe('(other)');
    const filter: Filter = { kind: 'equals', field: 'tag:run', values: ['run-1299', 'run-3'] };
    expect((await ledger.queries.usage({ ...range, groups: [], filter })).total.requests).toBe(2);
  });
});

function labelOf(timeZone: string, bucket: 'hour' | 'day' | 'month'): (time: number) => string {
  const format = new Intl.DateTimeFormat('en-CA', {
    timeZone,
    year: 'numeric',
    month: '2-digit',
    ...(bucket !== 'month' && { day: '2-digit' }),
    ...(bucket === 'hour' && { hour: '2-digit', hourCycle: 'h23', timeZoneName: 'longOffset' }),
  });
  return (time) => format.format(time);
}
