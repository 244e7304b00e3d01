import { timeText } from '../src/core/ledger/request-id.ts';
import type { RequestRecord } from '../src/core/ledger/request-record.ts';
import { NO_USAGE } from '../src/core/neutral/usage.ts';
import type { PricedRecord } from '../src/storage/ledger-store.ts';
import { makePricing, makeRandom, makeRecord } from '../test/support/ledger-records.ts';

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
  const record = makeRecord(time, {
    id: timeText(time) + String(index).padStart(16, '0'),
    endpoint: `endpoint-${model}`,
    provider: model % 2 === 0 ? 'openai' : 'anthropic',
    model: `model-${model}`,
    servedModel: `model-${model}-2026-01-01`,
    surface: random() < 0.8 ? 'openai' : 'mlflow',
    status: failed ? 502 : 200,
    error: failed ? { code: 'upstream_error', message: 'The upstream answered with an error.' } : null,
    stream,
    caller,
    phases: {
      received: 0.1,
      admitted: 0.2,
      sent: 0.3,
      firstByte: Math.round(duration * 300) / 1000,
      firstToken: stream ? Math.round(duration * 310) / 1000 : null,
      lastByte: duration,
      own: Math.round(100 + random() * 400) / 1000,
    },
    usage: failed ? null : { ...NO_USAGE, input, output, cacheRead: random() < 0.2 ? input * 2 : 0 },
    usageSource: failed ? null : 'provider',
  });
  const pricing = failed
    ? { ...makePricing(0n), lines: [] }
    : makePricing(BigInt(input) * 2_500_000n + BigInt(output) * 10_000_000n);
  return { record, pricing };
}
