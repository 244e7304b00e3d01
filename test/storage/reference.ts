import { formatDollars } from '../../src/core/ledger/money.ts';
import { outcomeOf } from '../../src/core/ledger/outcome.ts';
import type { PricedRecord } from '../../src/core/ledger/record-sink.ts';
import { NO_USAGE } from '../../src/core/neutral/usage.ts';
import { makePricing, makeRandom, makeRecord, UNPRICED } from '../support/ledger-records.ts';

/** Requests of all kinds: users, tags, errors, streams, costs that are not known. In no order of time. */
export function makeMixed(count: number, from: number, to: number, seed = 1): PricedRecord[] {
  const random = makeRandom(seed);
  const pick = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)] as T;
  return Array.from({ length: count }, (_, index) => {
    const time = from + Math.floor(random() * (to - from));
    const failure = random();
    const failed = failure < 0.1;
    const unpriced = !failed && random() < 0.1;
    const counted = !failed && random() < 0.9;
    const duration = Math.ceil(random() ** 3 * 30_000_000) / 1000;
    const stream = random() < 0.4;
    const record = makeRecord(time, {
      surface: pick(['openai', 'anthropic']),
      endpoint: failure < 0.02 ? null : pick(['chat', 'code', 'search']),
      provider: pick(['openai', 'anthropic']),
      model: pick(['m-1', 'm-2', 'm-3']),
      status: failed ? pick([400, 429, 500, 502, 499]) : 200,
      error: failed
        ? { code: pick(['invalid_request', 'internal', 'upstream_error']), message: `failed ${index}` }
        : null,
      clientClosed: failure < 0.01,
      stream,
      caller: {
        address: null,
        userAgent: null,
        user: pick([null, 'ada', 'bob', 'eve']),
        team: pick([null, 'red', 'blue']),
        key: pick([null, 'key-1']),
        tags: pick<Readonly<Record<string, string>>>([{}, { env: 'live' }, { env: 'test', app: 'x' }, { app: 'y' }]),
      },
      phases: {
        received: 0.1,
        admitted: 0.2,
        sent: 0.3,
        firstByte: null,
        firstToken: stream ? Math.ceil(duration * 300) / 1000 : null,
        lastByte: duration,
        own: Math.ceil(random() * 900) / 1000,
      },
      usage: counted
        ? {
            ...NO_USAGE,
            input: Math.floor(random() * 5000),
            output: Math.floor(random() * 900),
            cacheRead: pick([0, 0, 64]),
          }
        : null,
      usageSource: counted ? 'provider' : null,
    });
    const cost = BigInt(Math.floor(random() * 5e12)) * pick([1n, 1n, 1000n]);
    return { record, pricing: unpriced ? UNPRICED : makePricing(failed ? 0n : cost) };
  });
}

/** What usage has to say of these requests, without percentiles. */
export function sumOf(records: readonly PricedRecord[]) {
  const outcomes = records.map(({ record }) => outcomeOf(record));
  const count = (outcome: string): number => outcomes.filter((one) => one === outcome).length;
  const tokens = (name: 'input' | 'output' | 'cacheRead'): number =>
    records.reduce((sum, { record }) => sum + (record.usage?.[name] ?? 0), 0);
  const known = records.filter(({ pricing }) => pricing.cost !== null);
  return {
    requests: records.length,
    errors: {
      client: count('client'),
      gateway: count('gateway'),
      upstream: count('upstream'),
      cancelled: count('cancelled'),
    },
    input: tokens('input'),
    output: tokens('output'),
    cacheRead: tokens('cacheRead'),
    cost: formatDollars(known.reduce((sum, { pricing }) => sum + (pricing.cost ?? 0n), 0n)),
    priced: known.length,
  };
}

export function within(records: readonly PricedRecord[], from: number, to: number): PricedRecord[] {
  return records.filter(({ record }) => record.time >= from && record.time < to);
}
