import { describe, expect, test } from 'bun:test';
import { bundledCatalog, Catalog } from '../../src/catalog/catalog.ts';
import { costDrift } from '../../src/catalog/drift.ts';
import { Pricer } from '../../src/catalog/pricer.ts';
import { repriceRange } from '../../src/catalog/reprice.ts';
import { catalogInForce, storeCatalog } from '../../src/catalog/stored-catalog.ts';
import type { PriceOverride } from '../../src/config/price-types.ts';
import { formatDollars } from '../../src/core/ledger/money.ts';
import type { RequestRecord } from '../../src/core/ledger/request-record.ts';
import { NO_USAGE } from '../../src/core/neutral/usage.ts';
import { type LedgerDatabase, openLedger } from '../../src/storage/ledger-database.ts';
import { tableOf } from '../../src/storage/records/write-record.ts';

const DAY = 86_400_000;
const MONDAY = Date.parse('2026-06-15T12:00:00Z');
const RANGE = { from: MONDAY - 30 * DAY, to: MONDAY + 30 * DAY };
const catalog = await bundledCatalog();

/** 26 characters in the order of time. */
function idOf(number: number, time: number): string {
  const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
  let head = '';
  for (let rest = time, count = 0; count < 10; count += 1, rest = Math.floor(rest / 32))
    head = alphabet[rest % 32] + head;
  return head + String(number).padStart(16, '0');
}

function record(number: number, changes: Partial<RequestRecord> = {}): RequestRecord {
  const time = MONDAY + number * 3_600_000;
  return {
    id: idOf(number, time),
    time,
    node: 'node',
    surface: 'openai',
    operation: 'chat',
    endpoint: 'chat',
    route: null,
    provider: 'openai',
    model: 'gpt-4o',
    servedModel: null,
    status: 200,
    error: null,
    finishReason: 'stop',
    stream: false,
    clientClosed: false,
    caller: { address: null, userAgent: null, user: 'ada', team: 'search', key: null, tags: { app: 'web' } },
    trace: null,
    phases: { received: 0, admitted: 0, sent: 0, firstByte: 1, firstToken: null, lastByte: 2, own: 1 },
    attempts: [],
    usage: { ...NO_USAGE, input: 1000, output: 100 },
    usageSource: 'provider',
    providerCost: null,
    serviceTier: null,
    changes: null,
    requestBytes: 1,
    responseBytes: 1,
    ...changes,
  };
}

async function filled(pricer: Pricer, records: readonly RequestRecord[]): Promise<LedgerDatabase> {
  const ledger = openLedger({ database: ':memory:' });
  const priced = records.map((one) => ({ record: one, pricing: pricer.price(one) }));
  await ledger.write({ records: tableOf(priced), payloads: [], positions: [] });
  return ledger;
}

const cheaper: PriceOverride = {
  endpoint: null,
  provider: 'openai',
  model: 'gpt-4o',
  validFrom: MONDAY + 5 * 3_600_000,
  prices: { kind: 'table', table: { standard: { prices: { input: '1', output: '1' } } } },
};

describe('past requests are priced again', () => {
  const records = Array.from({ length: 10 }, (_, number) => record(number));
  const total = async (ledger: LedgerDatabase) =>
    (await ledger.queries.usage({ ...RANGE, bucket: 'none', groups: [] })).total;

  test('by the prices of their time, and sums follow', async () => {
    const ledger = await filled(new Pricer(catalog), records);
    expect(await total(ledger)).toMatchObject({ cost: '0.035', priced: 10, unpriced: 0 });
    const pricer = new Pricer(catalog, [cheaper]);
    const tried = await repriceRange(ledger.queries, pricer, RANGE, null);
    expect(await total(ledger)).toMatchObject({ cost: '0.035' });
    const done = await repriceRange(ledger.queries, pricer, RANGE, (changes) =>
      ledger.correctCosts(changes, 'a contract'),
    );
    expect(done).toEqual(tried);
    expect({ ...done, before: formatDollars(done.before), after: formatDollars(done.after) }).toEqual({
      requests: 10,
      changed: 5,
      before: '0.0175',
      after: '0.0055',
      priced: 0,
      unpriced: 0,
    });
    expect(await total(ledger)).toMatchObject({ cost: '0.023', priced: 10, unpriced: 0, requests: 10 });
    const byUser = await ledger.queries.usage({ ...RANGE, bucket: 'none', groups: ['user', 'tag:app'] });
    expect(byUser.rows).toMatchObject([{ cost: '0.023', group: { user: 'ada', 'tag:app': 'web' } }]);
    await ledger.close();
  });

  test('what they cost before is kept', async () => {
    const ledger = await filled(new Pricer(catalog), records);
    const pricer = new Pricer(catalog, [cheaper]);
    await repriceRange(ledger.queries, pricer, RANGE, (changes) => ledger.correctCosts(changes, 'a contract'));
    const corrected = await ledger.queries.request(records[7]?.id ?? '');
    expect(corrected?.pricing).toMatchObject({ cost: '0.0011', source: 'configuration', reason: null });
    expect(corrected?.pricing.lines).toHaveLength(2);
    expect(corrected?.record).toEqual(records[7] as never);
    expect(corrected?.repricings).toMatchObject([
      {
        costBefore: '0.0035',
        sourceBefore: `bundled catalog of ${catalog.origin.date}`,
        costAfter: '0.0011',
        sourceAfter: 'configuration',
        why: 'a contract',
      },
    ]);
    expect((await ledger.queries.request(records[2]?.id ?? ''))?.repricings).toEqual([]);
    await ledger.close();
  });

  test('a second time changes nothing', async () => {
    const ledger = await filled(new Pricer(catalog), records);
    const pricer = new Pricer(catalog, [cheaper]);
    const correct = (changes: Parameters<LedgerDatabase['correctCosts']>[0]) => ledger.correctCosts(changes, 'again');
    await repriceRange(ledger.queries, pricer, RANGE, correct);
    expect(await repriceRange(ledger.queries, pricer, RANGE, correct)).toMatchObject({ changed: 0 });
    const all = [...records].map(({ id }) => ({ id, pricing: pricer.price(record(9)) }));
    expect(await ledger.correctCosts(all.slice(5), 'again')).toBe(0);
    expect(await total(ledger)).toMatchObject({ cost: '0.023' });
    await ledger.close();
  });

  test('from unknown to known, and back', async () => {
    const unknown = [record(1, { model: 'own' }), record(2, { model: 'own', usage: null, usageSource: null })];
    const ledger = await filled(new Pricer(catalog), unknown);
    expect(await total(ledger)).toMatchObject({ cost: '0', priced: 0, unpriced: 2 });
    const own: PriceOverride = { ...cheaper, model: 'own', validFrom: null };
    const correct = (changes: Parameters<LedgerDatabase['correctCosts']>[0]) => ledger.correctCosts(changes, 'noted');
    expect(await repriceRange(ledger.queries, new Pricer(catalog, [own]), RANGE, correct)).toMatchObject({ priced: 1 });
    expect(await total(ledger)).toMatchObject({ cost: '0.0011', priced: 1, unpriced: 1 });
    expect(await repriceRange(ledger.queries, new Pricer(catalog), RANGE, correct)).toMatchObject({ unpriced: 1 });
    expect(await total(ledger)).toMatchObject({ cost: '0', priced: 0, unpriced: 2 });
    await ledger.close();
  });
});

test('what providers reported is compared with our prices', async () => {
  const records = [
    record(1, { providerCost: '0.0035' }),
    record(2, { providerCost: '0.004' }),
    record(3, { model: 'own', providerCost: '1.5' }),
    record(4),
  ];
  const ledger = await filled(new Pricer(catalog), records);
  const drifts = await costDrift(ledger.queries, RANGE);
  expect(
    drifts.map((drift) => ({ ...drift, ours: formatDollars(drift.ours), reported: formatDollars(drift.reported) })),
  ).toEqual([
    { provider: 'openai', model: 'gpt-4o', requests: 2, ours: '0.007', reported: '0.0075', unpriced: 0 },
    { provider: 'openai', model: 'own', requests: 0, ours: '0', reported: '0', unpriced: 1 },
  ]);
  await ledger.close();
});

test('a newer catalog in the database is in force, an older one is not', async () => {
  const ledger = openLedger({ database: ':memory:' });
  await ledger.prepare();
  expect((await catalogInForce(ledger.database)).origin.kind).toBe('bundled');
  await storeCatalog(ledger.database, { ...catalog.file, date: '2020-01-01' });
  expect((await catalogInForce(ledger.database)).origin.kind).toBe('bundled');
  await storeCatalog(ledger.database, { ...catalog.file, date: '2099-01-01' });
  const refreshed = await catalogInForce(ledger.database);
  expect(refreshed.origin).toEqual({ kind: 'refreshed', date: '2099-01-01' });
  expect(refreshed).toBeInstanceOf(Catalog);
  await ledger.close();
});
