import type { PlanBand, PricePlan } from '../catalog/price-plan.ts';
import type { Pricer } from '../catalog/pricer.ts';
import type { JournalEntry } from '../core/ledger/journal-entry.ts';
import { OUTCOMES, outcomeOf } from '../core/ledger/outcome.ts';
import { TOKEN_BUCKETS } from '../core/neutral/usage.ts';
import { writeBillShape } from '../storage/records/bills.ts';
import { FLAG } from '../storage/records/record-columns.ts';
import type { TextList } from '../storage/records/text-list.ts';
import { writeShape } from '../storage/records/write-record.ts';

/** A text, and its place in the table that was written last: the next request often has the same. */
export class PlacedText {
  readonly text: string | null;
  #list: TextList | null = null;
  #use = 0;
  #place = 0;

  constructor(text: string | null) {
    this.text = text;
  }

  placeIn(list: TextList): number {
    if (this.#list !== list || this.#use !== list.use) {
      this.#place = list.place(this.text);
      this.#list = list;
      this.#use = list.use;
    }
    return this.#place;
  }
}

/** A band, and the bills that its requests had, by which buckets they count: bit `i` is that of `TOKEN_BUCKETS[i]`. */
export class PlainBand {
  readonly above: number;
  readonly each: Float64Array;
  readonly #perMillion: readonly string[];
  readonly #source: string;
  readonly #bills: PlacedText[] = [];

  constructor({ above, each, perMillion }: PlanBand, source: string) {
    this.above = above;
    this.each = each;
    this.#perMillion = perMillion;
    this.#source = source;
  }

  bill(buckets: number): PlacedText {
    const known = this.#bills[buckets];
    if (known !== undefined) return known;
    const lines = TOKEN_BUCKETS.flatMap((bucket, index) =>
      (buckets & (1 << index)) === 0 ? [] : [[bucket, this.#perMillion[index] ?? ''] as const],
    );
    const bill = new PlacedText(writeBillShape({ lines, source: this.#source, reason: null }));
    this.#bills[buckets] = bill;
    return bill;
  }
}

/** What plain records share, made ready for columns. */
export class PlainShape {
  readonly shape: PlacedText;
  readonly status: number;
  readonly outcome: number;
  readonly flags: number;
  /** Null where requests of this shape are looked at one by one. */
  readonly bands: readonly PlainBand[] | null;
  /** The bands hold from then on; milliseconds since 1970. */
  readonly pricedFrom: number;
  /** Where there are no prices: the bill that says so. */
  readonly unknown: PlacedText | null;

  constructor(text: string, pricer: Pricer) {
    const entry = JSON.parse(text) as JournalEntry;
    const { surface, operation, endpoint = null, route = null, provider = null, model = null } = entry;
    const { served = null, finish = null, server = null, status } = entry;
    const outcome = outcomeOf({ status, error: null, clientClosed: false });
    const plan: PricePlan =
      provider === null ? { kind: 'slow' } : pricer.plan({ endpoint, provider, model, servedModel: served });
    this.shape = new PlacedText(
      writeShape({ surface, operation, endpoint, route, provider, model, served, finish, server }),
    );
    this.status = status;
    this.outcome = OUTCOMES.indexOf(outcome);
    this.flags = FLAG.oneAttempt | (entry.stream === 1 ? FLAG.stream : 0);
    this.bands = plan.kind === 'bands' ? plan.bands.map((band) => new PlainBand(band, plan.source)) : null;
    this.pricedFrom = plan.kind === 'bands' ? plan.from : Number.NEGATIVE_INFINITY;
    this.unknown =
      plan.kind === 'unknown'
        ? new PlacedText(writeBillShape({ lines: [], source: null, reason: 'unknown_model' }))
        : null;
  }
}
