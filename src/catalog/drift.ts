import { parseDollars, roundToDollars } from '../core/ledger/money.ts';
import type { Picodollars } from '../core/ledger/pricing.ts';
import type { LedgerQueries, TimeRange } from '../storage/ledger-queries.ts';

/** What one model cost by our prices, and by what its provider said. */
export interface CostDrift {
  readonly provider: string;
  readonly model: string;
  /** Requests of which both are known. */
  readonly requests: number;
  readonly ours: Picodollars;
  readonly reported: Picodollars;
  /** Requests whose provider said a cost, and for which we have no price. */
  readonly unpriced: number;
}

/** Compares our costs with what providers reported, model by model; the greatest difference first. */
export async function costDrift(queries: LedgerQueries, range: TimeRange): Promise<CostDrift[]> {
  const models = new Map<string, { -readonly [field in keyof CostDrift]: CostDrift[field] }>();
  let after: string | null = null;
  do {
    const page: Awaited<ReturnType<LedgerQueries['export']>> = await queries.export({ ...range, after });
    for (const { record, pricing } of page.items) {
      const reported = record.providerCost === null ? null : roundToDollars(record.providerCost);
      if (reported === null || record.provider === null) continue;
      const model = record.servedModel ?? record.model ?? '';
      const key = `${record.provider}\n${model}`;
      const drift = models.get(key) ?? {
        provider: record.provider,
        model,
        requests: 0,
        ours: 0n,
        reported: 0n,
        unpriced: 0,
      };
      models.set(key, drift);
      const cost = pricing.cost === null ? null : parseDollars(pricing.cost);
      if (cost === null) drift.unpriced += 1;
      else {
        drift.requests += 1;
        drift.ours += cost;
        drift.reported += reported;
      }
    }
    after = page.next;
  } while (after !== null);
  return [...models.values()].sort((one, other) => Number(differenceOf(other) - differenceOf(one)));
}

function differenceOf({ ours, reported }: CostDrift): bigint {
  return ours > reported ? ours - reported : reported - ours;
}
