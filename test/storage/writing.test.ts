import { expect, test } from 'bun:test';
import type { PricedRecord } from '../../src/core/ledger/record-sink.ts';
import type { RequestRecord } from '../../src/core/ledger/request-record.ts';
import { NO_USAGE } from '../../src/core/neutral/usage.ts';
import { sql } from '../../src/storage/database/sql.ts';
import type { LedgerDatabase } from '../../src/storage/ledger-database.ts';
import type { JournalPosition, Payload } from '../../src/storage/ledger-store.ts';
import { tableOf } from '../../src/storage/records/write-record.ts';
import { makePricing, makeRecord, priced, UNPRICED } from '../support/ledger-records.ts';
import { loseRequest } from '../support/lose-request.ts';
import { forEachDatabase } from './databases.ts';
import { makeMixed } from './reference.ts';

const DAY = 86_400_000;
const TIME = Date.UTC(2026, 4, 5, 13, 20);
const RANGE = { from: TIME - DAY, to: TIME + DAY };

const HOSTILE = [
  `'; DROP TABLE requests; --`,
  `"quoted" \\back\\slash`,
  '%_%',
  '🐝 naïve ＵＮＩＣＯＤＥ',
  '\ud800 half',
  'nul\0byte',
  '<b>x</b>&amp;',
  '\u202Eright to left',
  ' ',
  '$."a"',
];

async function write(
  ledger: LedgerDatabase,
  records: readonly PricedRecord[],
  more: { payloads?: Payload[]; positions?: JournalPosition[] } = {},
) {
  await ledger.write({ records: tableOf(records), payloads: more.payloads ?? [], positions: more.positions ?? [] });
}

async function counts(ledger: LedgerDatabase): Promise<{ rows: number; requests: number }> {
  const [row] = await ledger.database.values(sql`SELECT sum(records) FROM request_blocks`);
  const { total } = await ledger.queries.usage({ ...RANGE, bucket: 'none', groups: [] });
  return { rows: Number(row?.[0]), requests: total.requests };
}

forEachDatabase((databases) => {
  test('gives back each record and its price as they were', async () => {
    const ledger = await databases.open();
    const records: [RequestRecord, ReturnType<typeof makePricing>][] = [
      [makeRecord(TIME), makePricing(123_456_789n)],
      [
        makeRecord(TIME, {
          endpoint: null,
          provider: null,
          model: null,
          servedModel: null,
          status: 404,
          error: { code: 'not_found', message: 'There is no endpoint "x".' },
          finishReason: null,
          usage: null,
          usageSource: null,
          attempts: [],
          phases: {
            received: 0,
            admitted: null,
            sent: null,
            firstByte: null,
            firstToken: null,
            lastByte: 0.4,
            own: 0.4,
          },
          requestBytes: 0,
          responseBytes: 0,
        }),
        UNPRICED,
      ],
      [
        makeRecord(TIME, {
          route: 'split',
          stream: true,
          clientClosed: true,
          status: 499,
          trace: { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), parentSpanId: 'c'.repeat(16), sampled: true },
          caller: {
            address: '2001:db8::1',
            userAgent: 'x',
            user: 'ada',
            team: 'red',
            key: 'ci',
            tags: { app: 'a', env: 'live' },
          },
          attempts: [
            {
              provider: 'openai',
              model: 'gpt-4o',
              server: 'api.openai.com:443',
              cause: 'first',
              status: null,
              error: { code: 'upstream_unreachable', message: 'refused' },
              startedAt: 0.3,
              connect: 12.5,
              firstByteAt: null,
              endedAt: 13,
              upstreamRequestId: null,
            },
            {
              provider: 'azure',
              model: null,
              cause: 'fallback',
              status: 200,
              error: null,
              startedAt: 13.2,
              connect: null,
              firstByteAt: 20,
              endedAt: 100,
              upstreamRequestId: 'req_2',
            },
          ],
          phases: {
            received: 0.1,
            admitted: 0.2,
            sent: 0.3,
            firstByte: 20,
            firstToken: 21.5,
            lastByte: 100.001,
            own: 0.002,
          },
          usage: { ...NO_USAGE, input: 1, reasoning: 2, outputAudio: 3, units: { web_search: 2 } },
          usageSource: 'estimated',
          providerCost: '0.0001234567890123456789',
          serviceTier: 'flex',
          changes: 'top_k dropped',
        }),
        { ...makePricing(2n ** 62n), source: 'catalogue "x"', reason: null },
      ],
    ];
    await write(
      ledger,
      records.map(([record, pricing]) => priced(record, pricing)),
    );
    for (const [record, pricing] of records) {
      const detail = await ledger.queries.request(record.id);
      expect(detail?.record).toEqual(record);
      const back = { ...pricing, cost: detail?.pricing.cost ?? null };
      expect([back.cost, detail?.pricing.source, detail?.pricing.reason]).toEqual([
        pricing.cost === null ? null : decimal(pricing.cost),
        pricing.source,
        pricing.reason,
      ]);
      expect(detail?.pricing.lines.map(({ cost }) => cost)).toEqual(pricing.lines.map(({ cost }) => decimal(cost)));
    }
    expect(await ledger.queries.request('none')).toBeNull();
  });

  test('keeps hostile texts as texts, and finds them again', async () => {
    const ledger = await databases.open();
    const records = HOSTILE.map((text, index) =>
      priced(
        makeRecord(TIME + index, {
          model: text,
          endpoint: text,
          status: 400,
          error: { code: 'invalid_request', message: text },
          caller: {
            address: null,
            userAgent: text,
            user: text,
            team: text,
            key: text,
            tags: { [text]: text, plain: text },
          },
          attempts: [{ ...makeRecord(TIME).attempts[0], provider: text, error: { code: 'x', message: text } } as never],
          changes: text,
        }),
      ),
    );
    await write(ledger, records, {
      payloads: records.map(({ record }) => ({
        requestId: record.id,
        request: record.model ?? '',
        response: record.model,
        redactions: {},
        truncated: false,
      })),
    });
    for (const [index, text] of HOSTILE.entries()) {
      const stored = text.toWellFormed().replaceAll('\0', '\uFFFD');
      const id = records[index]?.record.id ?? '';
      const detail = await ledger.queries.request(id);
      expect(detail?.record.caller.user).toBe(stored);
      expect(detail?.record.caller.tags).toEqual({ [stored]: stored, plain: stored });
      expect(detail?.record.changes).toBe(stored);
      expect(detail?.record.attempts[0]?.error?.message).toBe(stored);
      for (const field of ['user', 'model', 'error_message', 'changes', 'tag:plain', `tag:${text}`] as const) {
        const found = await ledger.queries.requests({ ...RANGE, filter: { kind: 'equals', field, values: [text] } });
        expect(found.items.map((item) => item.id)).toEqual([id]);
      }
      const usage = await ledger.queries.usage({
        ...RANGE,
        bucket: 'none',
        groups: ['user'],
        filter: { kind: 'equals', field: `tag:${text}`, values: [text] },
      });
      expect(usage.rows.map(({ group, requests }) => [group.user, requests])).toEqual([[stored, 1]]);
      const searched = await ledger.queries.requests({ ...RANGE, filter: { kind: 'text', text } });
      expect(searched.items.map((item) => item.id)).toContain(id);
      expect((await ledger.queries.payload(id))?.response).toBe(text);
    }
  });

  test('takes a batch twice, in parts and in another order, and counts each request once', async () => {
    const ledger = await databases.open();
    const records = makeMixed(300, TIME - 3_600_000, TIME);
    const positions = [{ journal: 'a', position: 300 }];
    await write(ledger, records, { positions });
    await write(ledger, records, { positions });
    await write(ledger, records.slice(100, 200).toReversed(), { positions });
    await write(ledger, [...records.slice(0, 5), ...records.slice(0, 5), ...makeMixed(20, TIME - 1000, TIME, 5)]);
    expect(await counts(ledger)).toEqual({ rows: 320, requests: 320 });
    await ledger.maintain(TIME + 3 * DAY);
    expect(await counts(ledger)).toEqual({ rows: 320, requests: 320 });
    expect(await ledger.positions()).toEqual(positions);
    expect((await ledger.verify(RANGE)).differences).toEqual([]);
  });

  test('writes nothing of a batch that fails in the middle', async () => {
    const ledger = await databases.open();
    const records = makeMixed(50, TIME - 1000, TIME);
    const crash: JournalPosition = {
      journal: 'a',
      get position(): number {
        throw new Error('the process ended here');
      },
    };
    await expect(write(ledger, records, { positions: [{ journal: 'b', position: 7 }, crash] })).rejects.toThrow(
      'ended',
    );
    expect(await counts(ledger)).toEqual({ rows: 0, requests: 0 });
    expect(await ledger.positions()).toEqual([]);
    await write(ledger, records, { positions: [{ journal: 'b', position: 7 }] });
    expect(await counts(ledger)).toEqual({ rows: 50, requests: 50 });
  });

  test('accepts counts that are no counts, because one bad answer must not stop the ledger', async () => {
    const ledger = await databases.open();
    const usage = { ...NO_USAGE, input: Number.NaN, output: -5, reasoning: 1e300, cacheRead: 1.5 };
    const record = makeRecord(TIME, { usage, responseBytes: Number.POSITIVE_INFINITY });
    await write(ledger, [priced(record, { ...makePricing(10n ** 30n), lines: [] })]);
    const detail = await ledger.queries.request(record.id);
    expect(detail?.summary.tokens).toMatchObject({
      input: 0,
      output: 0,
      reasoning: Number.MAX_SAFE_INTEGER,
      cacheRead: 2,
    });
    expect(detail?.summary.cost).toBeNull();
  });

  test('sums up what rows say through merging, late requests and corrected costs', async () => {
    const ledger = await databases.open();
    const records = makeMixed(600, TIME - 3 * DAY, TIME);
    const range = { from: TIME - 4 * DAY, to: TIME + DAY };
    for (let start = 0; start < 500; start += 10) {
      await write(ledger, records.slice(start, start + 10));
    }
    await ledger.maintain(TIME - DAY);
    await write(ledger, records.slice(500));
    const first = await ledger.verify(range);
    expect(first.differences).toEqual([]);
    const corrections = records.slice(0, 200).map(({ record }, index) => ({
      id: record.id,
      pricing: index % 3 === 0 ? UNPRICED : makePricing(BigInt(index) * 10n ** 9n),
    }));
    expect(await ledger.correctCosts(corrections, 'a correction')).toBeGreaterThan(150);
    await ledger.maintain(TIME + 2 * DAY);
    const second = await ledger.verify(range);
    expect(second.differences).toEqual([]);
    expect(second.requests).toBe(600);
    expect(second.compared).toBeGreaterThan(first.compared);
    const corrected = await ledger.queries.request(records[1]?.record.id ?? '');
    expect(corrected?.repricings).toHaveLength(1);
    expect(corrected?.pricing.cost).toBe('0.001');
  });

  test('finds a roll-up that was altered', async () => {
    const ledger = await databases.open();
    await write(ledger, makeMixed(100, TIME - 3_600_000, TIME));
    await ledger.maintain(TIME + 2 * DAY);
    await loseRequest(ledger, 'newest');
    const { differences } = await ledger.verify(RANGE);
    // The half hour and the day, by route and by caller.
    expect(differences).toHaveLength(4);
  });
});

function decimal(picodollars: bigint): string {
  const digits = picodollars.toString().padStart(13, '0');
  const fraction = digits.slice(-12).replace(/0+$/, '');
  return `${digits.slice(0, -12)}${fraction && `.${fraction}`}`;
}
