import { z } from 'zod';
import { OUTCOMES } from '../../core/ledger/outcome.ts';
import type { RequestSummary } from '../../storage/ledger-queries.ts';
import { isoTime } from '../parameters/time.ts';
import { dollars, micro, time, tokens, tokensOf } from '../shapes/figures.ts';

const milliseconds = z.number().min(0);
const name = z.string().nullable();

export const requestSummary = z
  .strictObject({
    id: z.string(),
    time,
    status: z.int(),
    outcome: z.enum(OUTCOMES).meta({ description: 'How it ended: well, or whose failure it was.' }),
    surface: z.string().meta({ description: 'What the client spoke.' }),
    operation: z.string(),
    endpoint: name,
    provider: name,
    model: name.meta({ description: 'As configured.' }),
    served_model: name.meta({ description: 'As the provider says.' }),
    key: name,
    user: name,
    team: name,
    tags: z.record(z.string(), z.string()),
    stream: z.boolean(),
    client_closed: z.boolean(),
    finish_reason: name,
    error_code: name,
    error_message: name,
    attempts: z.int().min(0),
    duration_ms: milliseconds,
    first_token_ms: milliseconds.nullable(),
    overhead_ms: milliseconds,
    tokens_per_second: z.number().min(0).nullable(),
    tokens: tokens.nullable().meta({ description: 'Null where nobody counted.' }),
    usage_source: z.enum(['provider', 'estimated']).nullable(),
    cost: dollars.nullable().meta({ description: 'US dollars, an exact decimal; null: not known.' }),
    unpriced: z.boolean().meta({ description: 'It used something, and its cost is not known.' }),
    address: name,
    user_agent: name,
    trace_id: name,
    request_bytes: z.int().min(0),
    response_bytes: z.int().min(0),
    payload: z.boolean().meta({ description: 'Its texts are kept.' }),
  })
  .meta({ id: 'RequestSummary' });

export type RequestRow = z.input<typeof requestSummary>;

export function summaryOf(request: RequestSummary): RequestRow {
  return {
    id: request.id,
    time: isoTime(request.time),
    status: request.status,
    outcome: request.outcome,
    surface: request.surface,
    operation: request.operation,
    endpoint: request.endpoint,
    provider: request.provider,
    model: request.model,
    served_model: request.servedModel,
    key: request.key,
    user: request.user,
    team: request.team,
    tags: request.tags,
    stream: request.stream,
    client_closed: request.clientClosed,
    finish_reason: request.finishReason,
    error_code: request.errorCode,
    error_message: request.errorMessage,
    attempts: request.attempts,
    duration_ms: micro(request.duration),
    first_token_ms: request.firstToken === null ? null : micro(request.firstToken),
    overhead_ms: micro(request.overhead),
    tokens_per_second: request.tokensPerSecond === null ? null : micro(request.tokensPerSecond),
    tokens: request.tokens && tokensOf(request.tokens),
    usage_source: request.usageSource,
    cost: request.cost,
    unpriced: request.unpriced,
    address: request.address,
    user_agent: request.userAgent,
    trace_id: request.traceId,
    request_bytes: request.requestBytes,
    response_bytes: request.responseBytes,
    payload: request.payload,
  };
}

export const ROW_FIELDS = Object.keys(requestSummary.shape);
