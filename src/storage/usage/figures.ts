import { formatDollars } from '../../core/ledger/money.ts';
import { OUTCOMES } from '../../core/ledger/outcome.ts';
import { TOKEN_BUCKETS } from '../../core/neutral/usage.ts';
import type { Percentiles, TokenFigures, UsageFigures } from '../ledger-queries.ts';
import { DOLLAR, METRICS, SUM, SUMS } from '../rollups/cell-block.ts';
import { BUCKETS, bucketValues, quantiles } from '../rollups/histogram.ts';
import type { Accumulator } from './aggregate.ts';

const SHARES = [0.5, 0.9, 0.95, 0.99];
const MICROSECONDS = bucketValues(1000);
const HUNDREDTHS = bucketValues(100);

export function figuresOf(accumulator: Accumulator, slot: number): UsageFigures {
  const sum = (index: number): number => accumulator.sums[slot * SUMS + index] ?? 0;
  const outcome = (index: number): number => accumulator.outcomes[slot * OUTCOMES.length + index] ?? 0;
  const metric = (index: number, values: Float64Array): Percentiles | null =>
    percentiles(accumulator, slot, index, values);
  return {
    requests: sum(SUM.requests),
    errors: { client: outcome(1), gateway: outcome(2), upstream: outcome(3), cancelled: outcome(4) },
    tokens: tokenFigures(TOKEN_BUCKETS.map((_, bucket) => sum(SUM.tokens + bucket))),
    cost: formatDollars(BigInt(sum(SUM.dollars)) * BigInt(DOLLAR) + BigInt(sum(SUM.picodollars))),
    priced: sum(SUM.priced),
    unpriced: sum(SUM.unpriced),
    duration: metric(0, MICROSECONDS),
    firstToken: metric(1, MICROSECONDS),
    tokensPerSecond: metric(2, HUNDREDTHS),
    overhead: metric(3, MICROSECONDS),
  };
}

function percentiles(accumulator: Accumulator, slot: number, metric: number, values: Float64Array): Percentiles | null {
  const start = (slot * METRICS.length + metric) * BUCKETS;
  const { count, buckets } = quantiles(accumulator.histograms, start, SHARES);
  if (count === 0) return null;
  const [p50 = 0, p90 = 0, p95 = 0, p99 = 0] = buckets.map((bucket) => values[bucket]);
  return { count, p50, p90, p95, p99 };
}

/** Counts in the order of `TOKEN_BUCKETS`. */
export function tokenFigures(counts: readonly number[]): TokenFigures {
  const [input = 0, cacheRead = 0, cacheWrite = 0, cacheWriteLong = 0, inputAudio = 0, inputImage = 0] = counts;
  const [, , , , , , output = 0, reasoning = 0, outputAudio = 0, outputImage = 0] = counts;
  const prompt = input + cacheRead + cacheWrite + cacheWriteLong + inputAudio + inputImage;
  const completion = output + reasoning + outputAudio + outputImage;
  return {
    input,
    cacheRead,
    cacheWrite,
    cacheWriteLong,
    inputAudio,
    inputImage,
    output,
    reasoning,
    outputAudio,
    outputImage,
    prompt,
    completion,
    total: prompt + completion,
  };
}
