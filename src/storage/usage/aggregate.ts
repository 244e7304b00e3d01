import { OUTCOMES } from '../../core/ledger/outcome.ts';
import { TOKEN_BUCKETS } from '../../core/neutral/usage.ts';
import type { UsageQuery } from '../ledger-queries.ts';
import { type CellBlock, DOLLAR, METRICS, type NumberColumn, SUM, SUMS } from '../rollups/cell-block.ts';
import { BUCKETS } from '../rollups/histogram.ts';

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
      for (let outcome = 0; outcome < OUTCOMES.length; outcome++) {
        addTo(total.outcomes, outcome, this.outcomes[slot * OUTCOMES.length + outcome] ?? 0);
      }
      addHistogram(total.histograms, this.histograms, slot * WIDTH);
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
    const first = metric * BUCKETS;
    if (lengths instanceof Uint8Array && counts instanceof Uint8Array) {
      addShortHistograms(this.histograms, first, { lengths, buckets, counts }, slots);
    } else addHistograms(this.histograms, first, { lengths, buckets, counts }, slots);
  }
}

const WIDTH = METRICS.length * BUCKETS;

/** The same as `addHistograms` for columns as most are: a loop over one type of them takes half the time. */
function addShortHistograms(
  histograms: Uint32Array,
  first: number,
  { lengths, buckets, counts }: { lengths: Uint8Array; buckets: Uint8Array; counts: Uint8Array },
  slots: Int32Array,
): void {
  let position = 0;
  for (let cell = 0; cell < slots.length; cell++) {
    const slot = slots[cell] ?? -1;
    const end = position + (lengths[cell] ?? 0);
    if (slot < 0) position = end;
    const base = slot * WIDTH + first;
    for (; position < end; position++) {
      const place = base + (buckets[position] ?? 0);
      histograms[place] = (histograms[place] ?? 0) + (counts[position] ?? 0);
    }
  }
}

function addHistograms(
  histograms: Uint32Array,
  first: number,
  { lengths, buckets, counts }: { lengths: NumberColumn; buckets: Uint8Array; counts: NumberColumn },
  slots: Int32Array,
): void {
  let position = 0;
  for (let cell = 0; cell < slots.length; cell++) {
    const slot = slots[cell] ?? -1;
    const end = position + (lengths[cell] ?? 0);
    if (slot < 0) position = end;
    const base = slot * WIDTH + first;
    for (; position < end; position++) {
      const place = base + (buckets[position] ?? 0);
      histograms[place] = (histograms[place] ?? 0) + (counts[position] ?? 0);
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

// A loop for each type of column: one for all of them takes twice as long.

function addColumn(sums: Float64Array, sum: number, column: NumberColumn, slots: Int32Array): void {
  if (column instanceof Uint8Array) addBytes(sums, sum, column, slots);
  else if (column instanceof Uint16Array) addShorts(sums, sum, column, slots);
  else addWide(sums, sum, column, slots);
}

function addBytes(sums: Float64Array, sum: number, column: Uint8Array, slots: Int32Array): void {
  for (let cell = 0; cell < slots.length; cell++) {
    const slot = slots[cell] ?? -1;
    if (slot >= 0) addTo(sums, slot * SUMS + sum, column[cell] ?? 0);
  }
}

function addShorts(sums: Float64Array, sum: number, column: Uint16Array, slots: Int32Array): void {
  for (let cell = 0; cell < slots.length; cell++) {
    const slot = slots[cell] ?? -1;
    if (slot >= 0) addTo(sums, slot * SUMS + sum, column[cell] ?? 0);
  }
}

function addWide(sums: Float64Array, sum: number, column: NumberColumn, slots: Int32Array): void {
  for (let cell = 0; cell < slots.length; cell++) {
    const slot = slots[cell] ?? -1;
    if (slot >= 0) addTo(sums, slot * SUMS + sum, column[cell] ?? 0);
  }
}

/** Those of one slot, which are mostly 0. */
function addHistogram(to: Uint32Array, from: Uint32Array, start: number): void {
  for (let index = 0; index < WIDTH; index++) {
    const count = from[start + index] ?? 0;
    if (count !== 0) to[index] = (to[index] ?? 0) + count;
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
