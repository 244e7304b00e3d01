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
 * How all plain requests of a model are priced, worked out once: those with nothing but counts of tokens, at prices that hold
 * at any time. `slow`: each has to be looked at by itself.
 */
export type PricePlan =
  | { readonly kind: 'bands'; readonly bands: readonly PlanBand[]; readonly source: string }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'slow' };

const SLOW: PricePlan = { kind: 'slow' };
const UNKNOWN: PricePlan = { kind: 'unknown' };

export function planPrices(tariffs: readonly DatedTariff[]): PricePlan {
  const [only] = tariffs;
  if (only === undefined) return UNKNOWN;
  if (tariffs.length > 1 || !only.always || only.tariff === null) return SLOW;
  const { bands } = only.tariff;
  // What is billed by the request is no bucket of tokens.
  if (bands.some(({ rates }) => rates.request)) return SLOW;
  return { kind: 'bands', bands: bands.map(({ above, rates }) => planBand(above, rates)), source: only.source };
}

function planBand(above: number, rates: Rates): PlanBand {
  return {
    above,
    each: Float64Array.from(TOKEN_BUCKETS, (bucket) => rates[bucket]?.each ?? Number.NaN),
    perMillion: TOKEN_BUCKETS.map((bucket) => rates[bucket]?.text ?? ''),
  };
}
