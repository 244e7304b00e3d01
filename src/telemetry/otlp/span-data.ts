import { randomFillSync } from 'node:crypto';
import type { PricedRecord } from '../../core/ledger/record-sink.ts';
import type { AttemptRecord, RequestRecord } from '../../core/ledger/request-record.ts';
import type { Sampler } from '../sampler.ts';
import { type AttributeValues, attemptAttributes, type ProviderNames, requestAttributes } from './attributes.ts';

/** One span before OpenTelemetry's own types know it. Times are in milliseconds since 1970. */
export interface SpanData {
  readonly kind: 'server' | 'client';
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string | null;
  /** The parent is a span of another process. */
  readonly isParentRemote: boolean;
  readonly start: number;
  readonly end: number;
  readonly isError: boolean;
  readonly attributes: AttributeValues;
}

/** A request with more attempts, such as one for each of many texts to embed, shows these alone. */
const MOST_ATTEMPTS = 64;

/** The gateway's own span of a request, and one of each call upstream. Empty where the trace is not kept. */
export function spansOf(priced: PricedRecord, names: ProviderNames, sampler: Sampler): SpanData[] {
  const { record } = priced;
  const { trace } = record;
  // Who called without a trace gets one here, because the sampler may want it.
  const traceId = trace?.traceId ?? randomId(16);
  if (!(trace?.sampled ?? sampler(traceId, null))) return [];
  const spanId = trace?.spanId ?? randomId(8);
  const server: SpanData = {
    kind: 'server',
    name: [operationName(record.operation), record.endpoint].filter(Boolean).join(' '),
    traceId,
    spanId,
    parentSpanId: trace?.parentSpanId ?? null,
    isParentRemote: true,
    start: record.time,
    end: record.time + record.phases.lastByte,
    // By the conventions a mistake of the client is no error of the server.
    isError: record.status >= 500 || (record.error !== null && record.status < 400),
    attributes: requestAttributes(priced),
  };
  const attempts = record.attempts.slice(-MOST_ATTEMPTS);
  return [server, ...attempts.map((attempt) => attemptSpan(record, attempt, { traceId, spanId }, names))];
}

function attemptSpan(
  record: RequestRecord,
  attempt: AttemptRecord,
  parent: { readonly traceId: string; readonly spanId: string },
  names: ProviderNames,
): SpanData {
  const operation = operationName(record.operation);
  return {
    kind: 'client',
    name: attempt.model === null ? operation : `${operation} ${attempt.model}`,
    traceId: parent.traceId,
    spanId: randomId(8),
    parentSpanId: parent.spanId,
    isParentRemote: false,
    start: record.time + attempt.startedAt,
    end: record.time + Math.max(attempt.endedAt, attempt.startedAt),
    isError: attempt.error !== null || (attempt.status ?? 0) >= 400,
    attributes: attemptAttributes(record, attempt, operation, names),
  };
}

/** The conventions have names for three of ours; the others are sent as they are. */
export function operationName(operation: string): string {
  return operation === 'completions' ? 'text_completion' : operation;
}

/** Filled many ids at a time: asking for each costs more than the rest of a span. */
const RANDOM = Buffer.alloc(8192);
let used = RANDOM.length;

function randomId(bytes: number): string {
  if (used + bytes > RANDOM.length) {
    randomFillSync(RANDOM);
    used = 0;
  }
  used += bytes;
  return RANDOM.toString('hex', used - bytes, used);
}
