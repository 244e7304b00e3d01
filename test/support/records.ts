import type { PricedRecord } from '../../src/core/ledger/record-sink.ts';
import type { AttemptRecord, RequestRecord } from '../../src/core/ledger/request-record.ts';
import { NO_USAGE } from '../../src/core/neutral/usage.ts';

let count = 0;

export function attemptRecord(more: Partial<AttemptRecord> = {}): AttemptRecord {
  return {
    provider: 'openai',
    model: 'gpt-4o',
    cause: 'first',
    status: 200,
    error: null,
    startedAt: 2,
    connect: 0,
    firstByteAt: 120,
    endedAt: 480,
    upstreamRequestId: 'req_upstream',
    ...more,
  };
}

/** A chat that went well. */
export function requestRecord(more: Partial<RequestRecord> = {}): RequestRecord {
  count += 1;
  return {
    id: `01JDXXXXXXXXXXXXXXXXXX${String(count).padStart(4, '0')}`,
    time: 1_760_000_000_000,
    node: 'node-1',
    surface: 'openai',
    operation: 'chat',
    endpoint: 'chat',
    route: null,
    provider: 'openai',
    model: 'gpt-4o',
    servedModel: 'gpt-4o-2024-08-06',
    status: 200,
    error: null,
    finishReason: 'stop',
    stream: false,
    clientClosed: false,
    caller: { address: '192.0.2.7', userAgent: 'test/1', user: null, team: null, key: null, tags: {} },
    trace: null,
    phases: { received: 0.1, admitted: 0.5, sent: 2, firstByte: 120, firstToken: null, lastByte: 481.25, own: 1.25 },
    attempts: [attemptRecord()],
    usage: { ...NO_USAGE, input: 10, output: 20 },
    usageSource: 'provider',
    providerCost: null,
    serviceTier: null,
    changes: null,
    requestBytes: 300,
    responseBytes: 900,
    ...more,
  };
}

/** A request and what it cost, in picodollars. */
export function pricedRecord(more: Partial<RequestRecord> = {}, cost: bigint | null = 225_000_000n): PricedRecord {
  const pricing = { cost, lines: [], source: 'test', reason: cost === null ? 'unknown_model' : null };
  return { record: requestRecord(more), pricing };
}
