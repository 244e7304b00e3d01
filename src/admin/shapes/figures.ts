import { z } from 'zod';
import type { Percentiles, TokenFigures, UsageFigures } from '../../storage/ledger-queries.ts';

export const time = z.string().meta({ format: 'date-time', description: 'ISO 8601 in UTC, with milliseconds.' });

export const dollars = z
  .string()
  .regex(/^-?\d+(\.\d{1,12})?$/)
  .meta({ description: 'US dollars, an exact decimal.' });

const count = z.int().min(0);

export const percentiles = z
  .strictObject({
    count: count.meta({ description: 'How many requests had it.' }),
    p50: z.number(),
    p90: z.number(),
    p95: z.number(),
    p99: z.number(),
  })
  .meta({ id: 'Percentiles', description: 'From histograms that can be merged: within 5 % of the value.' });

export const tokens = z
  .strictObject({
    input: count.meta({ description: 'Neither cached nor audio or images.' }),
    cache_read: count,
    cache_write: count,
    cache_write_long: count.meta({ description: 'To a cache that lives for an hour.' }),
    input_audio: count,
    input_image: count,
    output: count.meta({ description: 'Neither reasoning nor audio or images.' }),
    reasoning: count,
    output_audio: count,
    output_image: count,
    prompt: count.meta({ description: 'All that was read: the sum of its buckets.' }),
    completion: count.meta({ description: 'All that was written: the sum of its buckets.' }),
    total: count,
  })
  .meta({ id: 'Tokens', description: 'In buckets that do not overlap.' });

const errors = z
  .strictObject({
    client: count,
    gateway: count,
    upstream: count,
    cancelled: count.meta({ description: 'The client left.' }),
    total: count.meta({ description: 'All but the cancelled.' }),
  })
  .meta({ id: 'Errors', description: 'By whose failure it was.' });

export const figuresShape = {
  requests: count,
  errors,
  tokens,
  cost: dollars.nullable().meta({
    description: 'US dollars of the requests with a price, an exact decimal; null where none has one.',
  }),
  priced: count.meta({ description: 'Requests whose cost is known.' }),
  unpriced: count.meta({ description: 'Requests that used something and whose cost is not known.' }),
  duration_ms: percentiles.nullable(),
  first_token_ms: percentiles.nullable().meta({ description: 'Of streams.' }),
  tokens_per_second: percentiles.nullable(),
  overhead_ms: percentiles.nullable().meta({ description: 'The gateway’s own share of the time.' }),
};

export const figures = z.strictObject(figuresShape).meta({ id: 'Figures' });

export function figuresOf(usage: UsageFigures): z.input<typeof figures> {
  const { client, gateway, upstream, cancelled } = usage.errors;
  return {
    requests: usage.requests,
    errors: { client, gateway, upstream, cancelled, total: client + gateway + upstream },
    tokens: tokensOf(usage.tokens),
    // Without a single price there is no sum; 0 would be one.
    cost: usage.priced === 0 && usage.unpriced > 0 ? null : usage.cost,
    priced: usage.priced,
    unpriced: usage.unpriced,
    duration_ms: percentilesOf(usage.duration),
    first_token_ms: percentilesOf(usage.firstToken),
    tokens_per_second: percentilesOf(usage.tokensPerSecond),
    overhead_ms: percentilesOf(usage.overhead),
  };
}

export function tokensOf(figure: TokenFigures): z.input<typeof tokens> {
  return {
    input: figure.input,
    cache_read: figure.cacheRead,
    cache_write: figure.cacheWrite,
    cache_write_long: figure.cacheWriteLong,
    input_audio: figure.inputAudio,
    input_image: figure.inputImage,
    output: figure.output,
    reasoning: figure.reasoning,
    output_audio: figure.outputAudio,
    output_image: figure.outputImage,
    prompt: figure.prompt,
    completion: figure.completion,
    total: figure.total,
  };
}

/** To the microsecond: what is beyond is noise of the estimate. */
function percentilesOf(estimate: Percentiles | null): z.input<typeof percentiles> | null {
  if (estimate === null) return null;
  const { count: number, p50, p90, p95, p99 } = estimate;
  return { count: number, p50: micro(p50), p90: micro(p90), p95: micro(p95), p99: micro(p99) };
}

/** `cacheRead` of the records is `cache_read` of the API. */
export function kindName(kind: string): string {
  return kind.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

export function micro(value: number): number {
  return Math.round(value * 1000) / 1000;
}
