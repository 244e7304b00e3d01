import type { Pricing } from '../../src/core/ledger/pricing.ts';
import type { PricedRecord } from '../../src/core/ledger/record-sink.ts';
import { timeText } from '../../src/core/ledger/request-id.ts';
import type { RequestRecord } from '../../src/core/ledger/request-record.ts';
import { NO_USAGE } from '../../src/core/neutral/usage.ts';

let made = 0;

/** As the gateway makes them, for any time: those of one process would never go back. */
function makeId(time: number): string {
  made++;
  return timeText(Math.floor(time)) + String(made).padStart(16, '0');
}

/** A plain chat that went well, with what is given instead. */
export function makeRecord(time: number, changes: Partial<RequestRecord> = {}): RequestRecord {
  return {
    id: makeId(time),
    time,
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
    caller: { address: '10.1.2.3', userAgent: 'OpenAI/Python 2.1.0', user: null, team: null, key: null, tags: {} },
    trace: null,
    phases: { received: 0.1, admitted: 0.2, sent: 0.3, firstByte: 90, firstToken: null, lastByte: 100, own: 0.21 },
    attempts: [
      {
        provider: 'openai',
        model: 'gpt-4o',
        cause: 'first',
        status: 200,
        error: null,
        startedAt: 0.3,
        connect: 0,
        firstByteAt: 90,
        endedAt: 99.9,
        upstreamRequestId: 'req_abc',
      },
    ],
    usage: { ...NO_USAGE, input: 100, output: 50 },
    usageSource: 'provider',
    providerCost: null,
    serviceTier: null,
    changes: null,
    requestBytes: 800,
    responseBytes: 1200,
    ...changes,
  };
}

/** Two lines that add up to the cost. */
export function makePricing(cost: bigint): Pricing {
  const lines = [
    { kind: 'input', quantity: 100, pricePerMillion: '1', cost: cost / 2n },
    { kind: 'output', quantity: 50, pricePerMillion: '2', cost: cost - cost / 2n },
  ];
  return { cost, lines, source: 'test prices', reason: null };
}

export const UNPRICED: Pricing = { cost: null, lines: [], source: null, reason: 'unknown_model' };

export function priced(record: RequestRecord, pricing: Pricing = makePricing(200_000_000n)): PricedRecord {
  return { record, pricing };
}

/** Numbers that look random and are the same each time. */
export function makeRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
