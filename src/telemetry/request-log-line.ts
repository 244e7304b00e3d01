import { formatDollars } from '../core/ledger/money.ts';
import type { PricedRecord } from '../core/ledger/record-sink.ts';
import { completionTokens, promptTokens } from '../core/neutral/usage.ts';

type Value = string | number | boolean | null | Readonly<Record<string, string>>;

/**
 * What a line tells of one request. Neither texts nor the words of an error are in it, for an error can quote what was
 * asked; the ledger has those, under the same id.
 */
function fieldsOf({ record, pricing }: PricedRecord): Readonly<Record<string, Value>> {
  const { phases, caller, usage, trace } = record;
  return {
    time: new Date(record.time).toISOString(),
    level: record.error === null ? 'info' : 'warning',
    message: 'request',
    id: record.id,
    node: record.node,
    client_address: caller.address,
    surface: record.surface,
    operation: record.operation,
    endpoint: record.endpoint,
    route: record.route,
    provider: record.provider,
    model: record.model,
    served_model: record.servedModel,
    status: record.status,
    error_code: record.error?.code ?? null,
    finish_reason: record.finishReason,
    stream: record.stream,
    client_closed: record.clientClosed,
    duration_ms: rounded(phases.lastByte),
    first_token_ms: rounded(phases.firstToken),
    overhead_ms: rounded(phases.own),
    attempts: record.attempts.length,
    upstream_request_id: record.attempts.at(-1)?.upstreamRequestId ?? null,
    input_tokens: usage && promptTokens(usage),
    output_tokens: usage && completionTokens(usage),
    cache_read_tokens: usage?.cacheRead ?? null,
    cache_write_tokens: usage && usage.cacheWrite + usage.cacheWriteLong,
    reasoning_tokens: usage?.reasoning ?? null,
    usage_source: record.usageSource,
    cost_usd: pricing.cost === null ? null : formatDollars(pricing.cost),
    request_bytes: record.requestBytes,
    response_bytes: record.responseBytes,
    changes: record.changes,
    user: caller.user,
    team: caller.team,
    key: caller.key,
    tags: caller.tags,
    user_agent: caller.userAgent,
    trace_id: trace?.traceId ?? null,
    span_id: trace?.spanId ?? null,
  };
}

/** Microseconds are enough. */
function rounded(milliseconds: number | null): number | null {
  return milliseconds === null ? null : Math.round(milliseconds * 1000) / 1000;
}

/** One JSON object. What a request does not have is null, so that each line has the same fields. */
export function jsonLine(priced: PricedRecord): string {
  return JSON.stringify(fieldsOf(priced));
}

/** `name=value` pairs of what there is: https://brandur.org/logfmt */
export function textLine(priced: PricedRecord): string {
  const { level: _, message: __, tags, ...fields } = fieldsOf(priced);
  const all = [...Object.entries(fields), ...Object.entries(tags ?? {}).map(([name, value]) => [`tag.${name}`, value])];
  return all
    .flatMap(([name, value]) => (value === null ? [] : [`${plain(String(name))}=${plain(String(value))}`]))
    .join(' ');
}

/** Quoted where needed, so that nothing from outside can forge a field or a line. */
function plain(value: string): string {
  if (/^[\w.:/@+,;-]+$/.test(value)) return value;
  return JSON.stringify(value).replace(/[\u007f-\u009f\u2028\u2029]/g, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}
