import { TOKEN_BUCKETS } from '../core/neutral/usage.ts';
import type { DatedTariff } from './resolve.ts';
import type { Rates } from './tariff.ts';

/** Prices of tokens at which a cost is a sum of whole numbers. */
export interface PlanBand {
  /** The prompt tokens that a request must exceed. */
  readonly above: number;
  /** Picodollars for one, in the order of `TOKEN_BUCKETS`; NaN where that is not known, or no whole number. */
  readonly each: Float64Array;
  /** US dollars for a million, in the same order. */
  readonly perMillion: readonly string[];
}

/**
 * How all plain requests of a model are priced, worked out once: those with nothing but counts of tokens, from the time on at
 * which its last prices begin. `slow`: each has to be looked at by itself.
 */
export type PricePlan =
  | {
      readonly kind: 'bands';
      readonly bands: readonly PlanBand[];
      readonly source: string;
      /** Milliseconds since 1970; -Infinity for ever before. */
      readonly from: number;
    }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'slow' };

const SLOW: PricePlan = { kind: 'slow' };
const UNKNOWN: PricePlan = { kind: 'unknown' };

export function planPrices(tariffs: readonly DatedTariff[]): PricePlan {
  // Of those that hold at a time the last one counts.
  const last = tariffs.at(-1);
  if (last === undefined) return UNKNOWN;
  if (last.hours !== null || last.tariff === null) return SLOW;
  const { bands } = last.tariff;
  // What is billed by the request is no bucket of tokens.
  if (bands.some(({ rates }) => rates.request)) return SLOW;
  const { source, from } = last;
  return { kind: 'bands', bands: bands.map(({ above, rates }) => planBand(above, rates)), source, from };
}

function planBand(above: number, rates: Rates): PlanBand {
  return {
    above,
    each: Float64Array.from(TOKEN_BUCKETS, (bucket) => rates[bucket]?.each ?? Number.NaN),
    perMillion: TOKEN_BUCKETS.map((bucket) => rates[bucket]?.text ?? ''),
  };
}
