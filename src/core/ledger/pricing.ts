/**
 * Money is a whole number of 10⁻¹² US dollars: a price of $0.075 for a million tokens is 75,000 for one. Never a
 * floating-point number.
 */
export type Picodollars = bigint;

/** One kind of what a request used. Lines add up to the cost. */
export interface CostLine {
  /** A bucket of usage, or `request`, `web_search` and the like. */
  readonly kind: string;
  readonly quantity: number;
  /** US dollars for a million, as an exact decimal. */
  readonly pricePerMillion: string;
  readonly cost: Picodollars;
}

/** What a request costs. An unknown price is no price of 0: `cost` is null then. */
export interface Pricing {
  readonly cost: Picodollars | null;
  readonly lines: readonly CostLine[];
  /** Where the prices are from, for example `configuration` or the bundled catalog with its date; null without one. */
  readonly source: string | null;
  /** Why there is no cost: `unknown_model`, `no_usage`, `no_price:<kind>`. */
  readonly reason: string | null;
}
