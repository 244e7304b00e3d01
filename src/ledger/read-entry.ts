import { joinTags, type Tags } from '../core/ledger/caller.ts';
import type { EntryAttempt, JournalEntry } from '../core/ledger/journal-entry.ts';
import type {
  AttemptRecord,
  CallerRecord,
  Phases,
  RequestRecord,
  TraceRecord,
  UsageRecord,
} from '../core/ledger/request-record.ts';

/** The record that a text of the journal holds, or null for a text that is none. `node` is the process that wrote it. */
export function readEntry(text: string, node: string): RequestRecord | null {
  try {
    return expand(JSON.parse(text) as JournalEntry, node);
  } catch {
    return null;
  }
}

/** The record that an entry stands for. */
export function expand(entry: JournalEntry, node: string): RequestRecord {
  const { more } = entry;
  return {
    id: entry.id,
    time: entry.time,
    node,
    surface: entry.surface,
    operation: entry.operation,
    endpoint: entry.endpoint ?? null,
    route: entry.route ?? null,
    provider: entry.provider ?? null,
    model: entry.model ?? null,
    servedModel: entry.served ?? null,
    status: entry.status,
    error: entry.error ?? null,
    finishReason: entry.finish ?? null,
    stream: entry.stream === 1,
    clientClosed: entry.gone === 1,
    caller: callerOf(entry),
    trace: entry.trace === undefined ? null : trace(entry.trace),
    phases: phases(entry.phases),
    attempts: attempts(entry),
    usage: entry.usage === undefined ? null : usage(entry.usage, more),
    usageSource: entry.usage === undefined ? null : entry.estimated === 1 ? 'estimated' : 'provider',
    providerCost: more?.providerCost ?? null,
    serviceTier: more?.serviceTier ?? null,
    changes: entry.changes ?? null,
    requestBytes: entry.bytes[0],
    responseBytes: entry.bytes[1],
  };
}

const NO_TAGS: Tags = {};

export function callerOf({ address, agent, user, tags, metadata, clientRequestId }: JournalEntry): CallerRecord {
  const all =
    tags === undefined && metadata === undefined && clientRequestId === undefined
      ? NO_TAGS
      : joinTags(clientRequestId === undefined ? undefined : { client_request_id: clientRequestId }, metadata, tags);
  return {
    address: address ?? null,
    userAgent: agent ?? null,
    user: user ?? all.user ?? null,
    team: all.team ?? null,
    key: null,
    tags: all,
  };
}

function trace([traceId, spanId, parentSpanId, sampled]: NonNullable<JournalEntry['trace']>): TraceRecord {
  return { traceId, spanId, parentSpanId, sampled };
}

function phases(micros: readonly number[]): Phases {
  return {
    received: milliseconds(micros[0]) ?? 0,
    admitted: milliseconds(micros[1]),
    sent: milliseconds(micros[2]),
    firstByte: milliseconds(micros[3]),
    firstToken: milliseconds(micros[4]),
    lastByte: milliseconds(micros[5]) ?? 0,
    own: milliseconds(micros[6]) ?? 0,
  };
}

function milliseconds(micros: number | undefined): number | null {
  return micros === undefined || micros < 0 ? null : micros / 1000;
}

function usage(buckets: readonly number[], more: JournalEntry['more']): UsageRecord {
  // Read one by one: taking the list apart costs more than the rest of a record.
  const counted: UsageRecord = {
    input: buckets[0] ?? 0,
    cacheRead: buckets[2] ?? 0,
    cacheWrite: buckets[4] ?? 0,
    cacheWriteLong: buckets[5] ?? 0,
    inputAudio: buckets[6] ?? 0,
    inputImage: buckets[7] ?? 0,
    output: buckets[1] ?? 0,
    reasoning: buckets[3] ?? 0,
    outputAudio: buckets[8] ?? 0,
    outputImage: buckets[9] ?? 0,
  };
  return more === undefined ? counted : { ...counted, ...more };
}

const NO_ATTEMPTS: readonly AttemptRecord[] = [];

function attempts(entry: JournalEntry): readonly AttemptRecord[] {
  const { provider, model = null, server } = entry;
  if (provider === undefined) return NO_ATTEMPTS;
  const sent = milliseconds(entry.phases[2]);
  if (sent === null && entry.attempts === undefined) return NO_ATTEMPTS;
  const target: Target = server === undefined ? { provider, model } : { provider, model, server };
  if (entry.attempts !== undefined) return entry.attempts.map((attempt) => several(attempt, target));
  const resent = milliseconds(entry.resent);
  if (resent === null) return [theOne(entry, target, sent ?? 0, 'first')];
  return [stale(target, sent ?? 0, resent), theOne(entry, target, resent, 'stale_connection')];
}

type Target = Pick<AttemptRecord, 'provider' | 'model' | 'server'>;

function theOne(
  entry: JournalEntry,
  { provider, model, server }: Target,
  startedAt: number,
  cause: 'first' | 'stale_connection',
): AttemptRecord {
  const status = entry.answered ?? entry.status;
  const isAnswered = status > 0;
  const isBad = !isAnswered || status >= 400 || entry.error !== undefined;
  return {
    provider,
    model,
    ...(server !== undefined && { server }),
    cause,
    status: isAnswered ? status : null,
    error: isBad ? (entry.error ?? null) : null,
    startedAt,
    connect: milliseconds(entry.phases[8]),
    firstByteAt: milliseconds(entry.phases[3]),
    endedAt: milliseconds(entry.phases[7]) ?? milliseconds(entry.phases[5]) ?? startedAt,
    upstreamRequestId: entry.upstreamId ?? null,
  };
}

function stale(target: Target, startedAt: number, endedAt: number): AttemptRecord {
  return {
    ...target,
    cause: 'first',
    status: null,
    error: { code: 'upstream_unreachable', message: 'The connection had been closed by the upstream.' },
    startedAt,
    connect: 0,
    firstByteAt: null,
    endedAt,
    upstreamRequestId: null,
  };
}

function several({ cause, at, connect, status, error }: EntryAttempt, target: Target): AttemptRecord {
  const startedAt = milliseconds(at[0]) ?? 0;
  return {
    ...target,
    cause,
    status: status ?? null,
    error: error ?? null,
    startedAt,
    connect: milliseconds(connect),
    firstByteAt: milliseconds(at[1]),
    endedAt: milliseconds(at[2]) ?? startedAt,
    upstreamRequestId: null,
  };
}
