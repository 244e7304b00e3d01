import { z } from 'zod';
import type { AttemptRecord, RequestRecord } from '../../core/ledger/request-record.ts';
import type { RequestDetail } from '../../storage/ledger-queries.ts';
import { isoTime } from '../parameters/time.ts';
import { dollars, kindName, micro, time } from '../shapes/figures.ts';
import { requestSummary, summaryOf } from './request-shapes.ts';
import { waterfall } from './waterfall.ts';

const moment = z.number().nullable().meta({ description: 'Milliseconds after the request came.' });
const name = z.string().nullable();

const attempt = z
  .strictObject({
    provider: z.string(),
    model: name,
    server: name,
    cause: z.string().meta({ description: '`first`, or what of the one before made it necessary.' }),
    status: z.int().nullable(),
    error: z.strictObject({ code: z.string(), message: z.string() }).nullable(),
    started_ms: z.number(),
    connect_ms: z.number().nullable(),
    first_byte_ms: moment,
    ended_ms: z.number(),
    upstream_request_id: name,
  })
  .meta({ id: 'Attempt' });

const stretch = z
  .strictObject({
    phase: z.enum(['receive', 'admit', 'prepare', 'attempt', 'connect', 'wait', 'answer', 'finish']),
    attempt: z.int().nullable().meta({ description: 'Of an attempt and its parts, from 1.' }),
    start_ms: z.number(),
    end_ms: z.number(),
  })
  .meta({ id: 'Stretch' });

const costLine = z
  .strictObject({
    kind: z.string().meta({ description: 'A bucket of tokens, or `request`, `web_search` and the like.' }),
    quantity: z.number(),
    price_per_million: dollars,
    cost: dollars,
  })
  .meta({ id: 'CostLine' });

const cost = z
  .strictObject({
    total: dollars.nullable(),
    currency: z.literal('USD'),
    lines: z.array(costLine).meta({ description: 'They add up to the total.' }),
    source: name.meta({ description: 'Where the prices are from.' }),
    reason: name.meta({ description: 'Why there is no total: `unknown_model`, `no_usage`, `no_price:<kind>`.' }),
    provider_cost: dollars.nullable().meta({ description: 'What the provider says that it charges.' }),
    corrections: z.array(
      z.strictObject({
        time,
        cost_before: dollars.nullable(),
        source_before: name,
        cost_after: dollars.nullable(),
        source_after: name,
        why: z.string(),
      }),
    ),
  })
  .meta({ id: 'Cost' });

export const requestDetail = requestSummary
  .extend({
    node: z.string().meta({ description: 'The gateway process that served it.' }),
    route: name.meta({ description: 'The traffic route that chose the endpoint.' }),
    service_tier: name,
    changes: name.meta({ description: 'What the provider could not take.' }),
    phases: z.strictObject({
      received_ms: moment,
      admitted_ms: moment,
      sent_ms: moment,
      first_byte_ms: moment,
      first_token_ms: moment,
      last_byte_ms: moment,
      own_ms: z.number().meta({ description: 'The gateway’s own share.' }),
    }),
    waterfall: z.array(stretch),
    attempt_list: z.array(attempt),
    units: z.record(z.string(), z.number()).meta({ description: 'What is billed by another measure than tokens.' }),
    costs: cost,
    trace: z
      .strictObject({ trace_id: z.string(), span_id: z.string(), parent_span_id: name, sampled: z.boolean() })
      .nullable(),
  })
  .meta({ id: 'Request' });

export function detailOf(detail: RequestDetail): z.input<typeof requestDetail> {
  const { record, summary } = detail;
  const { trace } = record;
  return {
    ...summaryOf(summary),
    node: record.node,
    route: record.route,
    service_tier: record.serviceTier,
    changes: record.changes,
    phases: phasesOf(record),
    waterfall: waterfall(record).map(({ phase, attempt: number, start, end }) => ({
      phase,
      attempt: number,
      start_ms: micro(start),
      end_ms: micro(end),
    })),
    attempt_list: record.attempts.map(attemptOf),
    units: { ...record.usage?.units },
    costs: costsOf(detail),
    trace: trace && {
      trace_id: trace.traceId,
      span_id: trace.spanId,
      parent_span_id: trace.parentSpanId,
      sampled: trace.sampled,
    },
  };
}

function phasesOf({ phases }: RequestRecord) {
  const orNull = (value: number | null) => (value === null ? null : micro(value));
  return {
    received_ms: micro(phases.received),
    admitted_ms: orNull(phases.admitted),
    sent_ms: orNull(phases.sent),
    first_byte_ms: orNull(phases.firstByte),
    first_token_ms: orNull(phases.firstToken),
    last_byte_ms: micro(phases.lastByte),
    own_ms: micro(phases.own),
  };
}

function attemptOf(one: AttemptRecord): z.input<typeof attempt> {
  return {
    provider: one.provider,
    model: one.model,
    server: one.server ?? null,
    cause: one.cause,
    status: one.status,
    error: one.error,
    started_ms: micro(one.startedAt),
    connect_ms: one.connect === null ? null : micro(one.connect),
    first_byte_ms: one.firstByteAt === null ? null : micro(one.firstByteAt),
    ended_ms: micro(one.endedAt),
    upstream_request_id: one.upstreamRequestId,
  };
}

function costsOf({ pricing, repricings, record }: RequestDetail): z.input<typeof cost> {
  return {
    total: pricing.cost,
    currency: 'USD',
    lines: pricing.lines.map(({ kind, quantity, pricePerMillion, cost: amount }) => ({
      kind: kindName(kind),
      quantity,
      price_per_million: pricePerMillion,
      cost: amount,
    })),
    source: pricing.source,
    reason: pricing.reason,
    provider_cost: record.providerCost,
    corrections: repricings.map((one) => ({
      time: isoTime(one.time),
      cost_before: one.costBefore,
      source_before: one.sourceBefore,
      cost_after: one.costAfter,
      source_after: one.sourceAfter,
      why: one.why,
    })),
  };
}
