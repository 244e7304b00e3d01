import { formatDollars, parseDollars } from '../core/ledger/money.ts';
import type { Picodollars, Pricing } from '../core/ledger/pricing.ts';
import type { LedgerQueries, PricingView, TimeRange } from '../storage/ledger-queries.ts';
import type { CostCorrection } from '../storage/repricing.ts';
import type { Pricer } from './pricer.ts';

export interface RepricingSummary {
  /** Requests that were looked at, and those whose price is another now. */
  readonly requests: number;
  readonly changed: number;
  /** What the changed ones cost, as far as it is known. */
  readonly before: Picodollars;
  readonly after: Picodollars;
  /** Changed ones that had no price and have one now, and the other way round. */
  readonly priced: number;
  readonly unpriced: number;
}

/**
 * Prices past requests again. `correct` is given those whose price is another now, page by page; nothing is changed
 * without it. Prices are those of the time of the request.
 */
export async function repriceRange(
  queries: LedgerQueries,
  pricer: Pricer,
  range: TimeRange,
  correct: ((corrections: readonly CostCorrection[]) => Promise<unknown>) | null,
): Promise<RepricingSummary> {
  const summary = { requests: 0, changed: 0, before: 0n, after: 0n, priced: 0, unpriced: 0 };
  let after: string | null = null;
  do {
    const page: Awaited<ReturnType<LedgerQueries['export']>> = await queries.export({ ...range, after });
    const corrections: CostCorrection[] = [];
    for (const { record, pricing: given } of page.items) {
      summary.requests += 1;
      const pricing = pricer.price(record);
      if (isSame(given, pricing)) continue;
      corrections.push({ id: record.id, pricing });
      const before = given.cost === null ? null : parseDollars(given.cost);
      summary.before += before ?? 0n;
      summary.after += pricing.cost ?? 0n;
      if (before === null && pricing.cost !== null) summary.priced += 1;
      if (before !== null && pricing.cost === null) summary.unpriced += 1;
    }
    summary.changed += corrections.length;
    if (correct && corrections.length > 0) await correct(corrections);
    after = page.next;
  } while (after !== null);
  return summary;
}

/** The same amount, for the same reasons; that a newer catalog says the same is no change. */
function isSame(given: PricingView, pricing: Pricing): boolean {
  if (given.cost !== (pricing.cost === null ? null : formatDollars(pricing.cost))) return false;
  if (pricing.cost === null) return given.reason === pricing.reason;
  return (
    given.lines.length === pricing.lines.length &&
    given.lines.every((line, index) => {
      const other = pricing.lines[index];
      return (
        line.kind === other?.kind && line.quantity === other.quantity && line.pricePerMillion === other.pricePerMillion
      );
    })
  );
}
