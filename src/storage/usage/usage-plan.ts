import type { TimeRange } from '../ledger-queries.ts';
import { DAY, HALF_HOUR, startOf } from '../rollups/periods.ts';
import type { TimeBucket } from './time-buckets.ts';

/** What there is to count from. */
export interface Stock {
  /** Days that are summed up. */
  readonly days: ReadonlySet<number>;
  /** Rows before this time were deleted; 0 while none was. */
  readonly rowsFrom: number;
  /** Half hours before this time were deleted. */
  readonly rollupsFrom: number;
}

/** From what each bucket is counted, as places in the list of buckets. Nothing is in it twice. */
export interface UsagePlan {
  readonly days: ReadonlyMap<number, number>;
  readonly halfHours: ReadonlyMap<number, number>;
  readonly rows: readonly (TimeRange & { readonly bucket: number })[];
  /** What is really counted: wider than asked where only half hours or days are left. */
  readonly range: TimeRange;
}

class PlanBuilder {
  readonly days = new Map<number, number>();
  readonly halfHours = new Map<number, number>();
  readonly rows: (TimeRange & { bucket: number })[] = [];
  readonly #stock: Stock;
  #from = Number.POSITIVE_INFINITY;
  #to = Number.NEGATIVE_INFINITY;

  constructor(stock: Stock) {
    this.#stock = stock;
  }

  get range(): TimeRange {
    return { from: this.#from, to: this.#to };
  }

  /** Whole days, then half hours, then rows for what is left at both ends. */
  add({ from, to }: TimeRange, bucket: number): void {
    const first = Math.ceil(from / HALF_HOUR) * HALF_HOUR;
    const last = startOf(to, HALF_HOUR);
    if (first > last) return this.#addRows(from, to, bucket);
    this.#addRows(from, first, bucket);
    let start = first;
    while (start < last) {
      const wholeDay = start % DAY === 0 && start + DAY <= last && this.#stock.days.has(start);
      if (wholeDay) this.#addDay(start, bucket);
      else this.#addHalfHour(start, bucket);
      start += wholeDay ? DAY : HALF_HOUR;
    }
    this.#addRows(last, to, bucket);
  }

  #addRows(from: number, to: number, bucket: number): void {
    if (from >= to) return;
    if (from < this.#stock.rowsFrom) return this.#addHalfHour(startOf(from, HALF_HOUR), bucket);
    this.rows.push({ from, to, bucket });
    this.#cover(from, to);
  }

  #addHalfHour(start: number, bucket: number): void {
    const day = startOf(start, DAY);
    if (this.days.has(day)) return;
    if (start < this.#stock.rollupsFrom) return this.#addDay(day, bucket);
    if (this.halfHours.has(start)) return;
    this.halfHours.set(start, bucket);
    this.#cover(start, start + HALF_HOUR);
  }

  #addDay(day: number, bucket: number): void {
    if (this.days.has(day)) return;
    this.days.set(day, bucket);
    this.#cover(day, day + DAY);
  }

  #cover(from: number, to: number): void {
    this.#from = Math.min(this.#from, from);
    this.#to = Math.max(this.#to, to);
  }
}

export function planUsage(buckets: readonly TimeBucket[], stock: Stock): UsagePlan {
  const builder = new PlanBuilder(stock);
  for (const [index, bucket] of buckets.entries()) builder.add(bucket, index);
  const { days, halfHours, rows, range } = builder;
  return { days, halfHours, rows, range };
}

/** Where roll-ups do not know what is asked for, or buckets are shorter than they are. */
export function planRows(buckets: readonly TimeBucket[], stock: Stock): UsagePlan {
  const rows = buckets
    .map(({ from, to }, bucket) => ({ from: Math.max(from, stock.rowsFrom), to, bucket }))
    .filter(({ from, to }) => from < to);
  const range = { from: rows[0]?.from ?? 0, to: rows.at(-1)?.to ?? 0 };
  return { days: new Map(), halfHours: new Map(), rows, range };
}
