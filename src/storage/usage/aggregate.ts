import { OUTCOMES } from '../../core/ledger/outcome.ts';
import type { UsageQuery } from '../ledger-queries.ts';
import { type CellBlock, DOLLAR, METRICS, type NumberColumn, SUM, SUMS } from '../rollups/cell-block.ts';
import { BUCKETS } from '../rollups/histogram.ts';
import { TOKEN_BUCKETS } from '../rows/request-columns.ts';

/** Sums and histograms of many slots, which are a bucket of time and a group each. Slot -1 counts nowhere. */
export class Accumulator {
  readonly slots: number;
  readonly sums: Float64Array;
  /** Requests by outcome. */
  readonly outcomes: Float64Array;
  readonly histograms: Uint32Array;

  constructor(slots: number) {
    this.slots = slots;
    this.sums = new Float64Array(slots * SUMS);
    this.outcomes = new Float64Array(slots * OUTCOMES.length);
    this.histograms = new Uint32Array(slots * METRICS.length * BUCKETS);
  }

  add(block: CellBlock, slots: Int32Array): void {
    for (let sum = 0; sum < SUM.picodollars; sum++) {
      const column = block.sums[sum];
      if (column) addColumn(this.sums, sum, column, slots);
    }
    const rest = block.sums[SUM.picodollars];
    if (rest) addPicodollars(this.sums, rest, slots);
    this.#addOutcomes(block, slots);
    for (let metric = 0; metric < METRICS.length; metric++) this.#addHistograms(block, metric, slots);
  }

  isEmpty(slot: number): boolean {
    for (let sum = 0; sum < SUMS; sum++) if (this.sums[slot * SUMS + sum] !== 0) return false;
    return true;
  }

  /** All slots as one. */
  total(): Accumulator {
    const total = new Accumulator(1);
    for (let slot = 0; slot < this.slots; slot++) {
      for (let sum = 0; sum < SUM.picodollars; sum++) addTo(total.sums, sum, this.sums[slot * SUMS + sum] ?? 0);
      carry(total.sums, 0, this.sums[slot * SUMS + SUM.picodollars] ?? 0);
    }
    for (const [place, requests] of this.outcomes.entries()) addTo(total.outcomes, place % OUTCOMES.length, requests);
    const width = total.histograms.length;
    for (let place = 0; place < this.histograms.length; place++) {
      const count = this.histograms[place] ?? 0;
      if (count > 0) total.histograms[place % width] = (total.histograms[place % width] ?? 0) + count;
    }
    return total;
  }

  #addOutcomes(block: CellBlock, slots: Int32Array): void {
    const requests = block.sums[SUM.requests];
    const outcomes = block.keys[1];
    if (!requests) return;
    for (let cell = 0; cell < block.size; cell++) {
      const slot = slots[cell] ?? -1;
      if (slot >= 0) addTo(this.outcomes, slot * OUTCOMES.length + (outcomes?.[cell] ?? 0), requests[cell] ?? 0);
    }
  }

  #addHistograms(block: CellBlock, metric: number, slots: Int32Array): void {
    const { lengths, buckets, counts } = block.histograms[metric] ?? {};
    if (!lengths || !buckets || !counts) return;
    const histograms = this.histograms;
    let position = 0;
    for (let cell = 0; cell < block.size; cell++) {
      const slot = slots[cell] ?? -1;
      const end = position + (lengths[cell] ?? 0);
      if (slot < 0) position = end;
      const base = (slot * METRICS.length + metric) * BUCKETS;
      for (; position < end; position++) {
        const place = base + (buckets[position] ?? 0);
        histograms[place] = (histograms[place] ?? 0) + (counts[position] ?? 0);
      }
    }
  }
}

/** By what groups are put in order, summed by slot. */
export function orderTotals(
  order: NonNullable<UsageQuery['order']>,
  totals: number[],
  block: CellBlock,
  slots: Int32Array,
): void {
  const columns = orderColumns(order, block);
  const outcomes = block.keys[1];
  for (const [column, factor] of columns) {
    for (let cell = 0; cell < block.size; cell++) {
      const slot = slots[cell] ?? -1;
      if (slot < 0 || (order === 'errors' && (outcomes?.[cell] ?? 0) === 0)) continue;
      totals[slot] = (totals[slot] ?? 0) + (column[cell] ?? 0) * factor;
    }
  }
}

function orderColumns(order: NonNullable<UsageQuery['order']>, block: CellBlock): [NumberColumn, number][] {
  const column = (sum: number, factor: number): [NumberColumn, number][] => {
    const found = block.sums[sum];
    return found ? [[found, factor]] : [];
  };
  if (order === 'cost') return [...column(SUM.dollars, 1), ...column(SUM.picodollars, 1 / DOLLAR)];
  if (order === 'tokens') return TOKEN_BUCKETS.flatMap((_, bucket) => column(SUM.tokens + bucket, 1));
  return column(SUM.requests, 1);
}

function addColumn(sums: Float64Array, sum: number, column: NumberColumn, slots: Int32Array): void {
  for (let cell = 0; cell < slots.length; cell++) {
    const slot = slots[cell] ?? -1;
    if (slot >= 0) addTo(sums, slot * SUMS + sum, column[cell] ?? 0);
  }
}

function addPicodollars(sums: Float64Array, column: NumberColumn, slots: Int32Array): void {
  for (let cell = 0; cell < slots.length; cell++) {
    const slot = slots[cell] ?? -1;
    if (slot >= 0) carry(sums, slot * SUMS, column[cell] ?? 0);
  }
}

function addTo(values: Float64Array, place: number, value: number): void {
  values[place] = (values[place] ?? 0) + value;
}

/** The rest stays below a dollar, so that both numbers stay exact. */
function carry(sums: Float64Array, base: number, picodollars: number): void {
  const sum = (sums[base + SUM.picodollars] ?? 0) + picodollars;
  const over = sum >= DOLLAR;
  sums[base + SUM.picodollars] = over ? sum - DOLLAR : sum;
  if (over) addTo(sums, base + SUM.dollars, 1);
}
