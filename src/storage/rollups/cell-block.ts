/**
 * The sums of roll-ups, by columns: cell `i` is the sum over the requests with the labels at place `i`. Columns are as
 * narrow as their values allow, and null where all are zero.
 */
export type NumberColumn = Uint8Array | Uint16Array | Uint32Array | Float64Array;

/** Numbers of labels, 0 for none; `outcome` is the place in `OUTCOMES`. */
export const CELL_KEYS = ['route', 'outcome', 'key', 'user', 'team', 'tags'] as const;

export type CellKey = (typeof CELL_KEYS)[number];

/** Ten buckets of tokens follow the counts, in the order of `TOKEN_BUCKETS`; money is whole dollars and the rest of them. */
export const SUM = { requests: 0, priced: 1, unpriced: 2, tokens: 3, dollars: 13, picodollars: 14 } as const;

export const SUMS = 15;

export const DOLLAR = 1e12;

/** What there are histograms of: microseconds, and hundredths of tokens a second. */
export const METRICS = ['duration', 'firstToken', 'tokensPerSecond', 'overhead'] as const;

/** Cell `i` has `lengths[i]` entries, after those of the cells before. */
export interface SparseHistograms {
  readonly lengths: NumberColumn | null;
  readonly buckets: Uint8Array;
  readonly counts: NumberColumn;
}

export interface CellBlock {
  readonly size: number;
  /** In the order of `CELL_KEYS`. */
  readonly keys: readonly (NumberColumn | null)[];
  /** In the order of `SUM`. */
  readonly sums: readonly (NumberColumn | null)[];
  /** In the order of `METRICS`. */
  readonly histograms: readonly SparseHistograms[];
}

export type CellLabels = Readonly<Record<CellKey, number>>;

/** The narrowest column for these values; null when all are zero. */
export function narrowest(values: ArrayLike<number>): NumberColumn | null {
  let least = 0;
  let most = 0;
  let whole = true;
  for (let index = 0; index < values.length; index++) {
    const value = values[index] ?? 0;
    if (value < least) least = value;
    if (value > most) most = value;
    if (whole && !Number.isInteger(value)) whole = false;
  }
  if (least === 0 && most === 0) return null;
  if (least < 0 || most > 0xffff_ffff || !whole) return Float64Array.from(values);
  if (most <= 0xff) return Uint8Array.from(values);
  return most <= 0xffff ? Uint16Array.from(values) : Uint32Array.from(values);
}
