import type { Picodollars, Pricing } from '../../core/ledger/pricing.ts';
import type {
  AttemptRecord,
  Phases,
  RequestRecord,
  TraceRecord,
  UsageRecord,
} from '../../core/ledger/request-record.ts';
import { storableText } from '../database/sql.ts';
import type { PricedRecord } from '../ledger-store.ts';
import { TOKEN_BUCKETS } from './request-columns.ts';

/**
 * What of a request is shown but not summed up, as JSON in one column. Lists stand for objects whose members everybody has.
 * Times are whole microseconds: they are written in a third of the time that fractions take. What a column has is left out.
 */
export interface Detail {
  readonly node: string;
  readonly route?: string;
  /** received, admitted, sent, first byte. The others have columns. */
  readonly phases: readonly (number | null)[];
  readonly attempts?: readonly AttemptText[];
  /** Instead of `attempts`, where there was one and it tells nothing else: ended, connect, the upstream's id, server. */
  readonly one?: readonly [number, number | null, string | null, string?];
  /** parent span, own span, sampled. The trace's id has a column. */
  readonly trace?: readonly [string | null, string, boolean];
  /** What of the usage has no column. */
  readonly usage?: Partial<UsageRecord>;
  readonly tier?: string;
  readonly changes?: string;
  /** kind, quantity, price per million, picodollars. */
  readonly lines?: readonly (readonly [string, number, string, string])[];
  readonly source?: string;
  readonly reason?: string;
  /** Where the time of the id is not the record's. */
  readonly time?: number;
}

/** 0 for the provider and the model of the request. */
type AttemptText = readonly [
  provider: string | 0,
  model: string | null | 0,
  cause: AttemptRecord['cause'],
  status: number | null,
  error: AttemptRecord['error'],
  startedAt: number,
  connect: number | null,
  firstByteAt: number | null,
  endedAt: number,
  upstreamRequestId: string | null,
  server?: string,
];

const BUCKETS: ReadonlySet<string> = new Set(TOKEN_BUCKETS);

/** Joined by hand where values are numbers or our own words: half the time of `JSON.stringify`. */
export function writeDetail({ record, pricing }: PricedRecord, time: number): string {
  const { received, admitted, sent, firstByte } = record.phases;
  let text = `{"node":${quote(record.node)},"phases":[${microseconds(received)},${orNull(admitted)},${orNull(sent)},${orNull(firstByte)}]`;
  const [first] = record.attempts;
  if (first !== undefined) text += isPlain(first, record) ? writeOne(first) : writeAttempts(record);
  if (record.route !== null) text += `,"route":${quote(record.route)}`;
  if (record.trace !== null) text += `,"trace":${writeTrace(record.trace)}`;
  if (record.usage !== null) text += writeFurtherUsage(record.usage);
  if (record.serviceTier !== null) text += `,"tier":${quote(record.serviceTier)}`;
  if (record.changes !== null) text += `,"changes":${quote(record.changes)}`;
  if (record.time !== time) text += `,"time":${record.time}`;
  return `${text}${writePricing(pricing)}}`;
}

/** Last in the detail, so that a repricing can put another in its place. */
function writePricing({ lines, source, reason }: Pricing): string {
  let text = '';
  if (lines.length > 0) {
    let separator = ',"lines":[';
    for (const { kind, quantity, pricePerMillion, cost } of lines) {
      text += `${separator}[${quote(kind)},${quantity},${quote(pricePerMillion)},"${cost}"]`;
      separator = ',';
    }
    text += ']';
  }
  if (source !== null) text += `,"source":${quote(source)}`;
  if (reason !== null) text += `,"reason":${quote(reason)}`;
  return text;
}

/** The only attempt, which went as the request did. */
function isPlain(attempt: AttemptRecord, { attempts, provider, model, status, phases }: RequestRecord): boolean {
  return (
    attempts.length === 1 &&
    attempt.cause === 'first' &&
    attempt.error === null &&
    attempt.status === status &&
    attempt.provider === provider &&
    attempt.model === model &&
    attempt.startedAt === phases.sent &&
    attempt.firstByteAt === phases.firstByte
  );
}

function writeOne({ endedAt, connect, upstreamRequestId, server }: AttemptRecord): string {
  const further = server === undefined ? '' : `,${quote(server)}`;
  return `,"one":[${microseconds(endedAt)},${orNull(connect)},${quoteOrNull(upstreamRequestId)}${further}]`;
}

function writeAttempts(record: RequestRecord): string {
  let text = '';
  let separator = ',"attempts":[';
  for (const attempt of record.attempts) {
    text += separator + writeAttempt(attempt, record);
    separator = ',';
  }
  return `${text}]`;
}

function writeAttempt(attempt: AttemptRecord, { provider, model }: RequestRecord): string {
  const { status, error, upstreamRequestId, server } = attempt;
  return (
    `[${attempt.provider === provider ? 0 : quote(attempt.provider)},` +
    `${attempt.model === model ? 0 : quoteOrNull(attempt.model)},"${attempt.cause}",${status},` +
    `${error === null ? 'null' : writeError(error)},${microseconds(attempt.startedAt)},${orNull(attempt.connect)},` +
    `${orNull(attempt.firstByteAt)},${microseconds(attempt.endedAt)},${quoteOrNull(upstreamRequestId)}` +
    `${server === undefined ? '' : `,${quote(server)}`}]`
  );
}

function microseconds(milliseconds: number): number {
  return Math.round(milliseconds * 1000);
}

function orNull(milliseconds: number | null): number | null {
  return milliseconds === null ? null : Math.round(milliseconds * 1000);
}

function writeError({ code, message }: { readonly code: string; readonly message: string }): string {
  return `{"code":${quote(code)},"message":${quote(message)}}`;
}

function writeTrace({ parentSpanId, spanId, sampled }: TraceRecord): string {
  return `[${quoteOrNull(parentSpanId)},${quote(spanId)},${sampled}]`;
}

function writeFurtherUsage(usage: UsageRecord): string {
  let further: Record<string, unknown> | null = null;
  for (const name in usage) {
    if (BUCKETS.has(name)) continue;
    further ??= {};
    further[name] = usage[name as keyof UsageRecord];
  }
  return further === null ? '' : `,"usage":${JSON.stringify(further)}`;
}

/** Names of our own need no escapes; looking for what does is faster than `JSON.stringify`. */
const PLAIN = /^[\w ./:@+-]*$/;

function quote(text: string): string {
  return PLAIN.test(text) ? `"${text}"` : JSON.stringify(storableText(text));
}

function quoteOrNull(text: string | null): string {
  return text === null ? 'null' : quote(text);
}

/** With the provider and the model of the request. */
export function readAttempts(
  detail: Detail,
  { provider, model, status }: Pick<RequestRecord, 'provider' | 'model' | 'status'>,
): AttemptRecord[] {
  if (detail.one) return [readOne(detail, detail.one, { provider: provider ?? '', model, status })];
  return (detail.attempts ?? []).map((attempt) => {
    const [itsProvider, itsModel, cause, status, error, startedAt, connect, firstByteAt, endedAt, id, server] = attempt;
    return {
      provider: itsProvider === 0 ? (provider ?? '') : itsProvider,
      model: itsModel === 0 ? model : itsModel,
      ...(server !== undefined && { server }),
      cause,
      status,
      error,
      startedAt: startedAt / 1000,
      connect: milliseconds(connect),
      firstByteAt: milliseconds(firstByteAt),
      endedAt: endedAt / 1000,
      upstreamRequestId: id,
    };
  });
}

function readOne(
  { phases }: Detail,
  [endedAt, connect, upstreamRequestId, server]: NonNullable<Detail['one']>,
  request: Pick<AttemptRecord, 'provider' | 'model' | 'status'>,
): AttemptRecord {
  const [, , sent = 0, firstByte = null] = phases;
  return {
    ...request,
    ...(server !== undefined && { server }),
    cause: 'first',
    error: null,
    startedAt: (sent ?? 0) / 1000,
    connect: milliseconds(connect),
    firstByteAt: milliseconds(firstByte),
    endedAt: endedAt / 1000,
    upstreamRequestId,
  };
}

/** `rest` comes from columns. */
export function readPhases(detail: Detail, rest: Pick<Phases, 'firstToken' | 'lastByte' | 'own'>): Phases {
  const [received = 0, admitted = null, sent = null, firstByte = null] = detail.phases;
  return {
    received: (received ?? 0) / 1000,
    admitted: milliseconds(admitted),
    sent: milliseconds(sent),
    firstByte: milliseconds(firstByte),
    ...rest,
  };
}

function milliseconds(microseconds: number | null): number | null {
  return microseconds === null ? null : microseconds / 1000;
}

export function readPricing(detail: Detail, cost: Picodollars | null): Pricing {
  const lines = (detail.lines ?? []).map(([kind, quantity, pricePerMillion, amount]) => ({
    kind,
    quantity,
    pricePerMillion,
    cost: BigInt(amount),
  }));
  return { cost, lines, source: detail.source ?? null, reason: detail.reason ?? null };
}

export function readTrace(detail: Detail, traceId: string | null): RequestRecord['trace'] {
  if (traceId === null || !detail.trace) return null;
  const [parentSpanId, spanId, sampled] = detail.trace;
  return { traceId, spanId, parentSpanId, sampled };
}

/** The detail with another pricing; everything else stays. */
export function replacePricing(text: string, pricing: Pricing): string {
  const { lines: _lines, source: _source, reason: _reason, ...rest } = JSON.parse(text) as Detail;
  return `${JSON.stringify(rest).slice(0, -1)}${writePricing(pricing)}}`;
}
