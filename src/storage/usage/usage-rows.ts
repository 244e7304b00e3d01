import type { UsageRow } from '../ledger-queries.ts';
import type { Accumulator } from './aggregate.ts';
import { figuresOf } from './figures.ts';
import type { Ranks } from './groups.ts';
import type { TimeBucket } from './time-buckets.ts';

/** Slots that nothing was counted in have no row. */
export function usageRows(accumulator: Accumulator, buckets: readonly TimeBucket[], ranks: Ranks): UsageRow[] {
  const rows: UsageRow[] = [];
  for (const [index, { start }] of buckets.entries()) {
    for (let slot = 0; slot < ranks.slots; slot++) {
      const place = index * ranks.slots + slot;
      if (accumulator.isEmpty(place)) continue;
      rows.push({ time: start, ...ranks.describe(slot), ...figuresOf(accumulator, place) });
    }
  }
  return rows;
}
