import { parseDollars } from '../core/ledger/money.ts';
import type { Picodollars } from '../core/ledger/pricing.ts';
import type { PricedRecord, RecordSink } from '../core/ledger/record-sink.ts';
import type { RequestRecord } from '../core/ledger/request-record.ts';
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
export class CostMetrics implements RecordSink {
  readonly #metrics: Metrics;
  readonly #sums = new Map<string, Sums>();

  constructor(metrics: Metrics) {
    this.#metrics = metrics;
  }

  take(records: readonly PricedRecord[]): void {
    for (const { record, pricing } of records) {
      const { endpoint } = record;
      if (endpoint === null) continue;
      const sums = this.#sumsOf(record, endpoint);
      if (pricing.cost === null) {
        if (record.usage !== null || record.status < 400)
          this.#unpriced(sums, record, reasonClass(pricing.reason)).add(1);
        continue;
      }
      sums.cost += pricing.cost;
      const reported = record.providerCost === null ? null : parseDollars(record.providerCost);
      if (reported === null) continue;
      sums.compared += pricing.cost;
      sums.reported += reported;
    }
  }

  async close(): Promise<void> {}

  #sumsOf(record: RequestRecord, endpoint: string): Sums {
    const key = `${endpoint}\n${record.provider}\n${record.model}`;
    const known = this.#sums.get(key) ?? (this.#sums.size < MOST_LABEL_SETS ? undefined : this.#sums.get(OTHER));
    if (known) return known;
    const isLast = this.#sums.size >= MOST_LABEL_SETS;
    const sums: Sums = { cost: 0n, compared: 0n, reported: 0n, unpriced: new Map() };
    this.#sums.set(isLast ? OTHER : key, sums);
    this.#expose(sums, isLast ? { endpoint: OTHER, provider: OTHER, model: OTHER } : labelsOf(record));
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

  #unpriced(sums: Sums, record: RequestRecord, reason: string): Counter {
    const known = sums.unpriced.get(reason);
    if (known) return known;
    const help = 'Requests that were served and whose cost is not known, by the reason.';
    const counter = this.#metrics.counter('sluice_unpriced_requests_total', help, { ...labelsOf(record), reason });
    sums.unpriced.set(reason, counter);
    return counter;
  }
}

const OTHER = 'other';

function labelsOf({ endpoint, provider, model }: RequestRecord): Record<string, string> {
  return { endpoint: endpoint ?? '', provider: provider ?? '', model: model ?? '' };
}

/** `no_price:<kind>` names a kind of usage, of which there may be many. */
function reasonClass(reason: string | null): string {
  return reason?.split(':', 1)[0] ?? 'unknown';
}
