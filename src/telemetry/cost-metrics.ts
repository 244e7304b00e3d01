import type { Picodollars } from '../core/ledger/pricing.ts';
import type { CostSum } from '../core/ledger/record-sink.ts';
import { type Counter, type Metrics, MOST_LABEL_SETS } from './metrics.ts';

const PICODOLLARS = 1e12;

/** Sums of one model of an endpoint. Exact inside; only the exposition rounds them to what a float can say. */
interface Sums {
  cost: Picodollars;
  /** Of the requests whose cost the provider told too: what we calculated, and what it said. */
  compared: Picodollars;
  reported: Picodollars;
  readonly unpriced: Map<string, Counter>;
}

/** The metrics of cost, from the ledger's records, so that they agree with what the ledger keeps. */
export class CostMetrics {
  readonly #metrics: Metrics;
  readonly #sums = new Map<string, Sums>();

  constructor(metrics: Metrics) {
    this.#metrics = metrics;
  }

  take(costs: readonly CostSum[]): void {
    for (const cost of costs) {
      const sums = this.#sumsOf(cost);
      sums.cost += cost.cost;
      sums.compared += cost.compared;
      sums.reported += cost.reported;
      for (const [reason, requests] of cost.unpriced) this.#unpriced(sums, cost, reasonClass(reason)).add(requests);
    }
  }

  #sumsOf(cost: CostSum): Sums {
    const key = `${cost.endpoint}\n${cost.provider}\n${cost.model}`;
    const known = this.#sums.get(key) ?? (this.#sums.size < MOST_LABEL_SETS ? undefined : this.#sums.get(OTHER));
    if (known) return known;
    const isLast = this.#sums.size >= MOST_LABEL_SETS;
    const sums: Sums = { cost: 0n, compared: 0n, reported: 0n, unpriced: new Map() };
    this.#sums.set(isLast ? OTHER : key, sums);
    this.#expose(sums, isLast ? { endpoint: OTHER, provider: OTHER, model: OTHER } : labelsOf(cost));
    return sums;
  }

  #expose(sums: Sums, labels: Record<string, string>): void {
    const expose = (name: string, help: string, read: () => Picodollars) =>
      this.#metrics.counterFrom(name, help, () => Number(read()) / PICODOLLARS, labels);
    expose('sluice_cost_usd_total', 'What requests cost, in US dollars.', () => sums.cost);
    expose(
      'sluice_cost_compared_usd_total',
      'Of the requests whose cost the provider told too: what the gateway calculated, in US dollars.',
      () => sums.compared,
    );
    expose('sluice_cost_reported_usd_total', 'The same as the provider told it.', () => sums.reported);
  }

  #unpriced(sums: Sums, cost: CostSum, reason: string): Counter {
    const known = sums.unpriced.get(reason);
    if (known) return known;
    const help = 'Requests that were served and whose cost is not known, by the reason.';
    const counter = this.#metrics.counter('sluice_unpriced_requests_total', help, { ...labelsOf(cost), reason });
    sums.unpriced.set(reason, counter);
    return counter;
  }
}

const OTHER = 'other';

function labelsOf({ endpoint, provider, model }: CostSum): Record<string, string> {
  return { endpoint, provider: provider ?? '', model: model ?? '' };
}

/** `no_price:<kind>` names a kind of usage, of which there may be many. */
function reasonClass(reason: string | null): string {
  return reason?.split(':', 1)[0] ?? 'unknown';
}
