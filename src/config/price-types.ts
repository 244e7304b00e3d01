import type { PriceTable } from '../core/ledger/price-table.ts';

/** Prices of the configuration. */
export interface PriceOverride {
  /** What it holds for: patterns in which `*` stands for anything; null for all. */
  readonly endpoint: string | null;
  readonly provider: string | null;
  readonly model: string | null;
  /** Milliseconds since 1970; null for ever. */
  readonly validFrom: number | null;
  readonly prices:
    | { readonly kind: 'table'; readonly table: PriceTable }
    /** The catalog's prices, multiplied by a decimal. */
    | { readonly kind: 'multiplier'; readonly factor: string }
    | { readonly kind: 'free' };
}
