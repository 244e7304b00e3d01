import { formatDollars } from '../../core/ledger/money.ts';
import type { PricedRecord } from '../../core/ledger/record-sink.ts';
import type { AttemptRecord, RequestRecord } from '../../core/ledger/request-record.ts';
import { completionTokens, promptTokens } from '../../core/neutral/usage.ts';

export type AttributeValues = Record<string, string | number | boolean | string[]>;

/** What OpenTelemetry's conventions call a provider; those that they do not know keep our name. */
export type ProviderNames = Readonly<Record<string, string>>;

type Candidates = Readonly<Record<string, string | number | boolean | string[] | null | undefined>>;

function present(candidates: Candidates): AttributeValues {
  const values: AttributeValues = {};
  for (const [name, value] of Object.entries(candidates)) {
    if (value !== null && value !== undefined) values[name] = value;
  }
  return values;
}

/**
 * Of the gateway's own span. No texts, and of an error nothing but its code, because its words can quote what was asked.
 * https://opentelemetry.io/docs/specs/semconv/http/http-spans/
 */
export function requestAttributes({ record, pricing }: PricedRecord): AttributeValues {
  const { caller, phases } = record;
  const tags = Object.entries(caller.tags).map(([name, value]) => [`sluice.tag.${name}`, value]);
  return present({
    'http.response.status_code': record.status,
    'error.type': record.error?.code ?? (record.status >= 500 ? String(record.status) : null),
    'client.address': caller.address,
    'user_agent.original': caller.userAgent,
    'user.id': caller.user,
    'http.request.body.size': record.requestBytes,
    'http.response.body.size': record.responseBytes,
    'sluice.request.id': record.id,
    'sluice.surface': record.surface,
    'sluice.endpoint': record.endpoint,
    'sluice.route': record.route,
    'sluice.team': caller.team,
    'sluice.key': caller.key,
    'sluice.stream': record.stream,
    'sluice.client_closed': record.clientClosed || null,
    'sluice.changes': record.changes,
    'sluice.attempts': record.attempts.length,
    'sluice.overhead': phases.own / 1000,
    'sluice.time_to_first_token': phases.firstToken === null ? null : phases.firstToken / 1000,
    // As text, for a float does not hold every amount.
    'sluice.cost.usd': pricing.cost === null ? null : formatDollars(pricing.cost),
    ...Object.fromEntries(tags),
  });
}

/**
 * Of a call upstream. Usage stands at the last call alone, so that whoever adds it up counts it once.
 * https://opentelemetry.io/docs/specs/semconv/gen-ai/gen-ai-spans/
 */
export function attemptAttributes(
  record: RequestRecord,
  attempt: AttemptRecord,
  operation: string,
  names: ProviderNames,
): AttributeValues {
  const isLast = attempt === record.attempts.at(-1);
  return present({
    'gen_ai.operation.name': operation,
    'gen_ai.provider.name': names[attempt.provider] ?? attempt.provider,
    'gen_ai.request.model': attempt.model,
    'gen_ai.request.stream': record.stream || null,
    ...serverOf(attempt),
    'http.response.status_code': attempt.status,
    'error.type': errorType(attempt),
    'gen_ai.response.time_to_first_chunk':
      record.stream && attempt.firstByteAt !== null ? (attempt.firstByteAt - attempt.startedAt) / 1000 : null,
    'sluice.attempt.cause': attempt.cause,
    'sluice.attempt.connect_duration': attempt.connect === null ? null : attempt.connect / 1000,
    'sluice.upstream.request.id': attempt.upstreamRequestId,
    ...(isLast && answerAttributes(record)),
  });
}

export function errorType({ error, status }: AttemptRecord): string | null {
  if (error !== null) return error.code;
  return status !== null && status >= 400 ? String(status) : null;
}

/** `host:port`, where an address of version 6 has brackets. */
export function serverOf({ server }: AttemptRecord): Candidates {
  const [, host, port] = /^\[?(.+?)\]?:(\d+)$/.exec(server ?? '') ?? [];
  return host === undefined ? {} : { 'server.address': host, 'server.port': Number(port) };
}

function answerAttributes({ servedModel, finishReason, usage }: RequestRecord): Candidates {
  return {
    'gen_ai.response.model': servedModel,
    'gen_ai.response.finish_reasons': finishReason === null ? null : [finishReason],
    ...(usage && {
      'gen_ai.usage.input_tokens': promptTokens(usage),
      'gen_ai.usage.output_tokens': completionTokens(usage),
      'gen_ai.usage.cache_read.input_tokens': usage.cacheRead || null,
      'gen_ai.usage.cache_creation.input_tokens': usage.cacheWrite + usage.cacheWriteLong || null,
      'gen_ai.usage.reasoning.output_tokens': usage.reasoning || null,
      'gen_ai.usage.audio.input_tokens': usage.inputAudio || null,
      'gen_ai.usage.audio.output_tokens': usage.outputAudio || null,
      'gen_ai.usage.image.input_tokens': usage.inputImage || null,
    }),
  };
}
