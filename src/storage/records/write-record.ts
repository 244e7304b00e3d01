import { OUTCOMES, type Outcome, outcomeOf } from '../../core/ledger/outcome.ts';
import type { Pricing } from '../../core/ledger/pricing.ts';
import type { PricedRecord } from '../../core/ledger/record-sink.ts';
import type { RequestRecord, UsageRecord } from '../../core/ledger/request-record.ts';
import { TOKEN_BUCKETS } from '../../core/neutral/usage.ts';
import { storableText } from '../database/sql.ts';
import { billShapeOf, writeBillShape } from './bills.ts';
import { type Extras, FLAG, type RecordShape } from './record-columns.ts';
import { readId } from './record-id.ts';
import { RecordTable } from './record-table.ts';

const OUTCOME_NUMBERS = Object.fromEntries(OUTCOMES.map((outcome, index) => [outcome, index])) as Record<
  Outcome,
  number
>;

/** A table of these. */
export function tableOf(records: readonly PricedRecord[]): RecordTable {
  const table = new RecordTable(Math.max(1, records.length));
  for (const priced of records) addRecord(table, priced);
  return table;
}

/** One more request, whatever it has. */
export function addRecord(table: RecordTable, { record, pricing }: PricedRecord): void {
  const index = table.add();
  const { numbers } = table;
  const { phases } = record;
  const outcome = outcomeOf(record);
  const extras: OpenExtras = {};
  writeId(table, index, record, extras);
  numbers.status.set(index, record.status);
  numbers.outcome.set(index, OUTCOME_NUMBERS[outcome]);
  numbers.attempts.set(index, record.attempts.length);
  numbers.received.set(index, microseconds(phases.received));
  numbers.admitted.set(index, orNone(phases.admitted));
  numbers.sent.set(index, orNone(phases.sent));
  numbers.firstByte.set(index, orNone(phases.firstByte));
  numbers.firstToken.set(index, orNone(phases.firstToken));
  numbers.duration.set(index, microseconds(phases.lastByte));
  numbers.overhead.set(index, microseconds(phases.own));
  numbers.requestBytes.set(index, whole(record.requestBytes));
  numbers.responseBytes.set(index, whole(record.responseBytes));
  for (const bucket of TOKEN_BUCKETS) numbers[bucket].set(index, whole(record.usage?.[bucket] ?? 0));
  writeTexts(table, index, record);
  const isOne = writeAttempts(table, index, record, extras);
  numbers.flags.set(index, flagsOf(record) | (isOne ? FLAG.oneAttempt : 0));
  writePrice(table, index, pricing, isUnpriced(record, pricing, outcome), extras);
  if (record.trace !== null) extras.trace = [record.trace.parentSpanId, record.trace.spanId, record.trace.sampled];
  const further = furtherUsage(record.usage);
  if (further !== null) extras.usage = further;
  if (Object.keys(extras).length > 0) table.setExtras(index, extras);
}

export type OpenExtras = { -readonly [Name in keyof Extras]: Extras[Name] };

function writeId(table: RecordTable, index: number, { id, time }: RequestRecord, extras: OpenExtras): void {
  const parts = readId(id);
  const ledgerTime = parts?.time ?? Math.floor(time);
  table.numbers.time.set(index, ledgerTime);
  if (time !== ledgerTime) extras.time = time;
  if (parts === null) extras.id = storableText(id);
  else {
    table.numbers.sequence.set(index, parts.sequence);
    table.texts.maker.set(index, table.texts.maker.place(parts.maker));
  }
}

function writeTexts(table: RecordTable, index: number, record: RequestRecord): void {
  const { texts } = table;
  const { caller, error } = record;
  const write = (name: keyof typeof texts, text: string | null) => texts[name].set(index, texts[name].place(text));
  write('node', record.node);
  write('shape', writeShape(shapeOf(record)));
  write('address', caller.address);
  write('userAgent', caller.userAgent);
  write('user', caller.user);
  write('team', caller.team);
  write('key', caller.key);
  write('tags', writeTags(caller.tags));
  write('errorCode', error === null ? null : error.code);
  write('errorMessage', error === null ? null : error.message);
  write('traceId', record.trace === null ? null : record.trace.traceId);
  write('serviceTier', record.serviceTier);
  write('changes', record.changes);
  write('providerCost', record.providerCost);
}

function shapeOf(record: RequestRecord): RecordShape {
  const { surface, operation, endpoint, route, provider, model, servedModel, finishReason, attempts } = record;
  const server = attempts.length === 1 ? (attempts[0]?.server ?? null) : null;
  return { surface, operation, endpoint, route, provider, model, served: servedModel, finish: finishReason, server };
}

export function writeShape(shape: RecordShape): string {
  const { surface, operation, endpoint, route, provider, model, served, finish, server } = shape;
  return JSON.stringify([surface, operation, endpoint, route, provider, model, served, finish, server], (_, value) =>
    typeof value === 'string' ? storableText(value) : value,
  );
}

/** True where the one attempt says no more than its request. */
function writeAttempts(table: RecordTable, index: number, record: RequestRecord, extras: OpenExtras): boolean {
  const [attempt] = record.attempts;
  if (attempt === undefined) return false;
  const { attempts, provider, model, status, phases } = record;
  const isOne =
    attempts.length === 1 &&
    attempt.cause === 'first' &&
    attempt.error === null &&
    attempt.status === status &&
    attempt.provider === provider &&
    attempt.model === model &&
    attempt.startedAt === phases.sent &&
    attempt.firstByteAt === phases.firstByte;
  if (!isOne) {
    extras.attempts = attempts;
    return false;
  }
  table.numbers.upstreamEnded.set(index, orNone(attempt.endedAt));
  table.numbers.connect.set(index, orNone(attempt.connect));
  table.texts.upstreamId.set(index, table.texts.upstreamId.place(attempt.upstreamRequestId));
  return true;
}

function flagsOf(record: RequestRecord): number {
  return (
    (record.stream ? FLAG.stream : 0) |
    (record.clientClosed ? FLAG.clientClosed : 0) |
    (record.usageSource === 'provider' ? FLAG.providerUsage : 0) |
    (record.usageSource === 'estimated' ? FLAG.estimatedUsage : 0) |
    (record.usage === null ? 0 : FLAG.counted)
  );
}

/** Another price of a request, or its first. Of its extras those stay that are of something else. */
export function writePrice(
  table: RecordTable,
  index: number,
  pricing: Pricing,
  isMissing: boolean,
  extras: OpenExtras,
): void {
  const { numbers, texts } = table;
  const { lines, source, reason } = pricing;
  delete extras.lines;
  delete extras.cost;
  const shape = billShapeOf(pricing, (bucket) => numbers[bucket].values[index] ?? 0);
  texts.bill.set(index, texts.bill.place(writeBillShape(shape ?? { lines: [], source, reason })));
  if (shape === null) {
    extras.lines = lines.map((line) => [line.kind, line.quantity, line.pricePerMillion, line.cost.toString()]);
  }
  const cost = storableCost(pricing.cost);
  const exact = cost === null ? 0 : Number(cost);
  const isWide = !Number.isSafeInteger(exact);
  if (isWide) extras.cost = String(cost);
  numbers.cost.set(index, exact);
  const flags = (numbers.flags.values[index] ?? 0) & ~(FLAG.priced | FLAG.unpriced);
  numbers.flags.set(index, flags | (cost === null ? 0 : FLAG.priced) | (isMissing ? FLAG.unpriced : 0));
}

const MOST_COST = 2n ** 63n - 1n;

/** What no column of a database can hold is as good as unknown. */
export function storableCost(cost: bigint | null): bigint | null {
  return cost === null || cost > MOST_COST || cost < -MOST_COST ? null : cost;
}

/** An error that used nothing is not missing a price. */
export function isUnpriced(record: Pick<RequestRecord, 'usage'>, pricing: Pricing, outcome: Outcome): boolean {
  return pricing.cost === null && (outcome === 'success' || record.usage !== null);
}

const BUCKETS: ReadonlySet<string> = new Set(TOKEN_BUCKETS);

function furtherUsage(usage: UsageRecord | null): Partial<UsageRecord> | null {
  if (usage === null) return null;
  let further: Record<string, unknown> | null = null;
  for (const name in usage) {
    const value = usage[name as keyof UsageRecord];
    if (BUCKETS.has(name) || value === undefined) continue;
    further ??= {};
    further[name] = value;
  }
  return further;
}

/** Names in one order: the same tags are the same text. */
export function writeTags(tags: Readonly<Record<string, string>>): string | null {
  const names = Object.keys(tags);
  if (names.length === 0) return null;
  names.sort();
  return JSON.stringify(Object.fromEntries(names.map((name) => [storableText(name), storableText(tags[name] ?? '')])));
}

function orNone(milliseconds: number | null): number {
  return milliseconds === null ? 0 : Math.min(microseconds(milliseconds), Number.MAX_SAFE_INTEGER - 1) + 1;
}

function microseconds(milliseconds: number): number {
  return whole(Math.round(milliseconds * 1000));
}

/** Counts come from providers: one that is no count must not keep the whole batch out of the database. */
function whole(value: number): number {
  if (value >= 0 && Number.isSafeInteger(value)) return value;
  return Math.min(Math.max(Math.round(value) || 0, 0), Number.MAX_SAFE_INTEGER);
}
