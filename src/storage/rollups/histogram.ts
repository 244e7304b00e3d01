/**
 * Buckets that grow by a tenth: bucket `i` holds values above 1.1^(i-1) and up to 1.1^i, bucket 0 those up to 1, and the
 * last one whatever is larger. The value shown for a bucket is at most 4.8 % from any in it. Histograms are merged by adding.
 */
const GROWTH = 1.1;

/** A bucket fits a byte. In microseconds the last one begins at nine hours. */
export const BUCKETS = 256;

const PER_BUCKET = 1 / Math.log(GROWTH);

const MIDDLES = Float64Array.from({ length: BUCKETS }, (_, bucket) =>
  bucket === 0 ? 0.5 : (2 * GROWTH ** bucket) / (1 + GROWTH),
);

export function bucketOf(value: number): number {
  if (!(value > 1)) return 0;
  // The tiny share taken off keeps powers of the growth in their own bucket.
  return Math.min(BUCKETS - 1, Math.ceil(Math.log(value) * PER_BUCKET - 1e-9));
}

/** Values of the buckets divided by a unit, with four digits. */
export function bucketValues(unit: number): Float64Array {
  return MIDDLES.map((middle) => Number((middle / unit).toPrecision(4)));
}

/** How many are in `counts[start … start + BUCKETS]`, and the buckets of these shares of them, which rise. */
export function quantiles(
  counts: Uint32Array,
  start: number,
  shares: readonly number[],
): { readonly count: number; readonly buckets: readonly number[] } {
  let count = 0;
  for (let bucket = 0; bucket < BUCKETS; bucket++) count += counts[start + bucket] ?? 0;
  const buckets: number[] = [];
  let bucket = -1;
  let seen = 0;
  for (const share of shares) {
    const rank = Math.max(1, Math.ceil(share * count));
    while (seen < rank && bucket < BUCKETS - 1) seen += counts[start + ++bucket] ?? 0;
    buckets.push(bucket);
  }
  return { count, buckets };
}
