import { OUTCOMES, type Outcome, outcomeOf } from '../../core/ledger/outcome.ts';
import type { Pricing } from '../../core/ledger/pricing.ts';
import type { RequestRecord } from '../../core/ledger/request-record.ts';
import { type SqlValue, storableText } from '../database/sql.ts';
import type { PricedRecord } from '../ledger-store.ts';
import { writeDetail } from './detail.ts';
import { ledgerTime } from './id-time.ts';
import { FLAG, type TOKEN_BUCKETS } from './request-columns.ts';

const OUTCOME_NUMBERS = Object.fromEntries(OUTCOMES.map((outcome, index) => [outcome, index])) as Record<
  Outcome,
  number
>;

/**
 * The values of one row, in the order of `REQUEST_COLUMNS`. Texts that come from clients and providers are cleaned; the others
 * are names of our own.
 */
export function writeRow(priced: PricedRecord): SqlValue[] {
  const { record, pricing } = priced;
  const { caller, phases, usage } = record;
  const outcome = outcomeOf(record);
  const time = ledgerTime(record);
  const served = record.servedModel === record.model ? null : record.servedModel;
  const counts = usage ?? NOT_COUNTED;
  return [
    storableText(record.id),
    time,
    record.surface,
    clean(record.endpoint),
    record.provider,
    clean(record.model),
    clean(caller.key),
    clean(caller.user),
    clean(caller.team),
    writeTags(caller.tags),
    OUTCOME_NUMBERS[outcome],
    flagsOf(record, pricing, outcome),
    microseconds(phases.lastByte),
    phases.firstToken === null ? null : microseconds(phases.firstToken),
    microseconds(phases.own),
    whole(counts.input),
    whole(counts.cacheRead),
    whole(counts.cacheWrite),
    whole(counts.cacheWriteLong),
    whole(counts.inputAudio),
    whole(counts.inputImage),
    whole(counts.output),
    whole(counts.reasoning),
    whole(counts.outputAudio),
    whole(counts.outputImage),
    storableCost(pricing.cost),
    record.status,
    record.operation,
    clean(served),
    record.error === null ? null : record.error.code,
    record.error === null ? null : storableText(record.error.message),
    clean(record.finishReason),
    record.caller.address,
    clean(caller.userAgent),
    record.trace === null ? null : record.trace.traceId,
    record.attempts.length,
    whole(record.requestBytes),
    whole(record.responseBytes),
    record.providerCost,
    writeDetail(priced, time),
  ];
}

const NOT_COUNTED: Record<(typeof TOKEN_BUCKETS)[number], null> = {
  input: null,
  cacheRead: null,
  cacheWrite: null,
  cacheWriteLong: null,
  inputAudio: null,
  inputImage: null,
  output: null,
  reasoning: null,
  outputAudio: null,
  outputImage: null,
};

function clean(text: string | null): string | null {
  return text === null ? null : storableText(text);
}

/** Names in one order: the same tags are the same text. */
export function writeTags(tags: Readonly<Record<string, string>>): string | null {
  const names = Object.keys(tags);
  if (names.length === 0) return null;
  names.sort();
  return JSON.stringify(Object.fromEntries(names.map((name) => [storableText(name), storableText(tags[name] ?? '')])));
}

const MOST_COST = 2n ** 63n - 1n;

/** A number where that is exact: it is bound in half the time. What no column can hold is as good as unknown. */
export function storableCost(cost: bigint | null): SqlValue {
  if (cost === null || cost > MOST_COST || cost < -MOST_COST) return null;
  const number = Number(cost);
  return Number.isSafeInteger(number) ? number : cost;
}

/** Counts come from providers: one that is no count must not keep the whole batch out of the database. */
function whole(value: number): number;
function whole(value: number | null): number | null;
function whole(value: number | null): number | null {
  if (value === null || (value >= 0 && Number.isSafeInteger(value))) return value;
  return Math.min(Math.max(Math.round(value) || 0, 0), MOST);
}

const MOST = Number.MAX_SAFE_INTEGER;

function microseconds(milliseconds: number): number {
  return whole(Math.round(milliseconds * 1000));
}

function flagsOf(record: RequestRecord, pricing: Pricing, outcome: Outcome): number {
  return (
    (record.stream ? FLAG.stream : 0) |
    (record.clientClosed ? FLAG.clientClosed : 0) |
    (record.usageSource === 'provider' ? FLAG.providerUsage : 0) |
    (record.usageSource === 'estimated' ? FLAG.estimatedUsage : 0) |
    (isUnpriced(record, pricing, outcome) ? FLAG.unpriced : 0) |
    (record.model !== null && record.servedModel === record.model ? FLAG.servedAsAsked : 0)
  );
}

/** An error that used nothing is not missing a price. */
export function isUnpriced(record: Pick<RequestRecord, 'usage'>, pricing: Pricing, outcome: Outcome): boolean {
  return pricing.cost === null && (outcome === 'success' || record.usage !== null);
}
