import type { Pricing } from '../src/core/ledger/pricing.ts';
import type { PricedRecord } from '../src/core/ledger/record-sink.ts';
import { timeText } from '../src/core/ledger/request-id.ts';
import type { RequestRecord } from '../src/core/ledger/request-record.ts';
import { NO_USAGE } from '../src/core/neutral/usage.ts';
import { makeRandom, makeRecord } from '../test/support/ledger-records.ts';

/** What a gateway of a company with a thousand people sees: see `docs/ledger.md`. */
const MODELS = 20;
const USERS = 1_000;
const KEYS = 50;
const TEAMS = 12;
const TAG_VALUES = 10;

export interface LedgerData {
  readonly records: number;
  readonly from: number;
  readonly to: number;
  /** Without users, keys and tags. */
  readonly anonymous?: boolean;
}

/** The same records for the same range, in the order of time, `size` at a time. */
export function* ledgerBatches(
  { records, from, to, anonymous = false }: LedgerData,
  size: number,
): Generator<PricedRecord[]> {
  const random = makeRandom(7);
  const step = (to - from) / records;
  for (let start = 0; start < records; start += size) {
    const count = Math.min(size, records - start);
    yield Array.from({ length: count }, (_, index) =>
      one(from + (start + index) * step, start + index, random, anonymous),
    );
  }
}

function one(at: number, index: number, random: () => number, anonymous: boolean): PricedRecord {
  const time = Math.floor(at);
  const model = Math.floor(random() * MODELS);
  const user = Math.floor(random() * USERS);
  const input = 50 + Math.floor(random() ** 3 * 8_000);
  const output = 10 + Math.floor(random() ** 2 * 1_200);
  const duration = Math.round((200 + random() ** 2 * 20_000) * 1000) / 1000;
  const stream = random() < 0.5;
  const failed = random() < 0.02;
  const key = Math.floor(random() * KEYS);
  const caller: RequestRecord['caller'] = {
    address: '10.1.2.3',
    userAgent: 'OpenAI/Python 2.1.0',
    user: anonymous ? null : `user-${user}@example.test`,
    team: anonymous ? null : `team-${key % TEAMS}`,
    key: anonymous ? null : `key-${key}`,
    tags: anonymous
      ? {}
      : { project: `project-${Math.floor(random() * TAG_VALUES)}`, env: user % 3 === 0 ? 'test' : 'live' },
  };
  const firstByte = Math.round(duration * 300) / 1000;
  const plain = makeRecord(time);
  const provider = model % 2 === 0 ? 'openai' : 'anthropic';
  const error = failed ? { code: 'upstream_error', message: 'The upstream answered with an error.' } : null;
  const record = makeRecord(time, {
    attempts: plain.attempts.map((attempt) => ({
      ...attempt,
      provider,
      model: `model-${model}`,
      status: failed ? 502 : 200,
      error,
      firstByteAt: firstByte,
      endedAt: duration,
      upstreamRequestId: `req_${Math.floor(random() * 2 ** 32).toString(16)}`,
    })),
    id: timeText(time) + String(index).padStart(16, '0'),
    endpoint: `endpoint-${model}`,
    provider,
    model: `model-${model}`,
    servedModel: `model-${model}-2026-01-01`,
    surface: random() < 0.8 ? 'openai' : 'mlflow',
    status: failed ? 502 : 200,
    error,
    stream,
    caller,
    phases: {
      received: 0.1,
      admitted: 0.2,
      sent: 0.3,
      firstByte,
      firstToken: stream ? Math.round(duration * 310) / 1000 : null,
      lastByte: duration,
      own: Math.round(100 + random() * 400) / 1000,
    },
    usage: failed ? null : { ...NO_USAGE, input, output, cacheRead: random() < 0.2 ? input * 2 : 0 },
    usageSource: failed ? null : 'provider',
  });
  return { record, pricing: pricingOf(record.usage) };
}

/** As of a catalog: what is shown of a bill then follows from the counts. */
const PRICES = [
  ['input', '2.5', 2_500_000n],
  ['output', '10', 10_000_000n],
  ['cacheRead', '1.25', 1_250_000n],
] as const;

function pricingOf(usage: RequestRecord['usage']): Pricing {
  const lines = PRICES.flatMap(([kind, pricePerMillion, each]) => {
    const quantity = usage?.[kind] ?? 0;
    return quantity === 0 ? [] : [{ kind, quantity, pricePerMillion, cost: BigInt(quantity) * each }];
  });
  return { cost: lines.reduce((sum, { cost }) => sum + cost, 0n), lines, source: 'catalog of the bench', reason: null };
}
