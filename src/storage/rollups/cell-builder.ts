import type { SqlValue } from '../database/sql.ts';
import { AT, FLAG, TOKEN_BUCKETS } from '../rows/request-columns.ts';
import {
  CELL_KEYS,
  type CellBlock,
  type CellLabels,
  DOLLAR,
  METRICS,
  type NumberColumn,
  narrowest,
  type SparseHistograms,
  SUM,
  SUMS,
} from './cell-block.ts';
import { BUCKETS, bucketOf } from './histogram.ts';

/** A cell and a bucket as one number, and how many fell into it. */
interface Entries {
  readonly places: number[];
  /** Empty while all are 1, which is so for what was just written. */
  counts: number[] | null;
}

/** Adds up requests, or whole blocks, by their labels. */
export class CellBuilder {
  readonly #keys: number[][] = CELL_KEYS.map(() => []);
  readonly #entries: Entries[] = METRICS.map(() => ({ places: [], counts: null }));
  readonly #cells = new Map<number, number>();
  readonly #callers = new Map<string, number>();
  #sums = new Float64Array(64 * SUMS);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** A row of `requests`; of its columns the first `FACT_COLUMNS` are needed. */
  addRow(row: readonly SqlValue[], labels: CellLabels): void {
    const cell = this.#cell(labels.route, labels.outcome, labels.key, labels.user, labels.team, labels.tags);
    const sums = this.#sums;
    const base = cell * SUMS;
    const flags = Number(row[AT.flags]);
    const cost = row[AT.cost] ?? null;
    add(sums, base + SUM.requests, 1);
    if (cost !== null) this.#addMoney(base, cost);
    if (cost !== null) add(sums, base + SUM.priced, 1);
    if ((flags & FLAG.unpriced) !== 0) add(sums, base + SUM.unpriced, 1);
    for (let bucket = 0; bucket < TOKEN_BUCKETS.length; bucket++) {
      const tokens = row[AT.input + bucket] ?? null;
      if (tokens !== null) add(sums, base + SUM.tokens + bucket, Number(tokens));
    }
    const duration = Number(row[AT.duration]);
    const firstToken = row[AT.first_token] ?? null;
    this.#count(0, cell, bucketOf(duration));
    if (firstToken !== null) this.#count(1, cell, bucketOf(Number(firstToken)));
    const speed = tokensPerSecond(row);
    if (speed !== null) this.#count(2, cell, bucketOf(speed * 100));
    this.#count(3, cell, bucketOf(Number(row[AT.overhead])));
  }

  /** Corrects what was added before: another cost, known before or after or both. */
  addCorrection(
    labels: CellLabels,
    change: { readonly cost: bigint; readonly priced: number; readonly unpriced: number },
  ) {
    const base = this.#cell(labels.route, labels.outcome, labels.key, labels.user, labels.team, labels.tags) * SUMS;
    this.#addMoney(base, change.cost);
    add(this.#sums, base + SUM.priced, change.priced);
    add(this.#sums, base + SUM.unpriced, change.unpriced);
  }

  /** Of each cell the keys outside `kept` become 0. */
  addBlock(block: CellBlock, kept: readonly boolean[]): void {
    const at = (key: number, index: number): number => (kept[key] ? (block.keys[key]?.[index] ?? 0) : 0);
    const cells = new Uint32Array(block.size);
    for (let index = 0; index < block.size; index++) {
      cells[index] = this.#cell(at(0, index), at(1, index), at(2, index), at(3, index), at(4, index), at(5, index));
    }
    for (const [sum, column] of block.sums.entries()) {
      if (column && sum !== SUM.picodollars) this.#addColumn(sum, column, cells);
    }
    const rest = block.sums[SUM.picodollars];
    if (rest) this.#addPicodollars(rest, cells);
    for (const [metric, histograms] of block.histograms.entries()) this.#addHistograms(metric, histograms, cells);
  }

  build(): CellBlock {
    const sums = Array.from({ length: SUMS }, (_, sum) => narrowest(this.#sumColumn(sum)));
    const keys = this.#keys.map((column) => narrowest(column));
    const histograms = this.#entries.map((entries) => sparse(entries, this.#size));
    return { size: this.#size, keys, sums, histograms };
  }

  #cell(route: number, outcome: number, key: number, user: number, team: number, tags: number): number {
    const caller = key === 0 && user === 0 && team === 0 && tags === 0 ? 0 : this.#caller(key, user, team, tags);
    const place = (route * 8 + outcome) * 0x200_0000 + caller;
    const known = this.#cells.get(place);
    if (known !== undefined) return known;
    const cell = this.#size++;
    this.#cells.set(place, cell);
    const labels = [route, outcome, key, user, team, tags];
    for (const [index, column] of this.#keys.entries()) column.push(labels[index] ?? 0);
    if (this.#size * SUMS > this.#sums.length) this.#grow();
    return cell;
  }

  #caller(key: number, user: number, team: number, tags: number): number {
    const text = `${key},${user},${team},${tags}`;
    const known = this.#callers.get(text);
    if (known !== undefined) return known;
    const caller = this.#callers.size + 1;
    this.#callers.set(text, caller);
    return caller;
  }

  #grow(): void {
    const larger = new Float64Array(this.#sums.length * 2);
    larger.set(this.#sums);
    this.#sums = larger;
  }

  #addMoney(base: number, cost: Exclude<SqlValue, null>): void {
    const small = typeof cost === 'number' && cost >= 0;
    const dollars = small ? Math.floor(cost / DOLLAR) : Number(floorDollars(BigInt(cost as string)));
    const rest = small
      ? cost % DOLLAR
      : Number(BigInt(cost as string) - floorDollars(BigInt(cost as string)) * BigInt(DOLLAR));
    add(this.#sums, base + SUM.dollars, dollars);
    carry(this.#sums, base, rest);
  }

  #count(metric: number, cell: number, bucket: number): void {
    const entries = this.#entries[metric];
    entries?.places.push(cell * BUCKETS + bucket);
    entries?.counts?.push(1);
  }

  #addColumn(sum: number, column: NumberColumn, cells: Uint32Array): void {
    const sums = this.#sums;
    for (let index = 0; index < cells.length; index++) {
      add(sums, (cells[index] ?? 0) * SUMS + sum, column[index] ?? 0);
    }
  }

  #addPicodollars(column: NumberColumn, cells: Uint32Array): void {
    const sums = this.#sums;
    for (let index = 0; index < cells.length; index++) carry(sums, (cells[index] ?? 0) * SUMS, column[index] ?? 0);
  }

  #addHistograms(metric: number, { lengths, buckets, counts }: SparseHistograms, cells: Uint32Array): void {
    const entries = this.#entries[metric];
    if (!entries || !lengths) return;
    entries.counts ??= entries.places.map(() => 1);
    let position = 0;
    for (let index = 0; index < cells.length; index++) {
      for (let left = lengths[index] ?? 0; left > 0; left--) {
        entries.places.push((cells[index] ?? 0) * BUCKETS + (buckets[position] ?? 0));
        entries.counts.push(counts[position] ?? 0);
        position++;
      }
    }
  }

  #sumColumn(sum: number): Float64Array {
    const column = new Float64Array(this.#size);
    for (let cell = 0; cell < this.#size; cell++) column[cell] = this.#sums[cell * SUMS + sum] ?? 0;
    return column;
  }
}

function add(sums: Float64Array, place: number, value: number): void {
  sums[place] = (sums[place] ?? 0) + value;
}

/** Both parts stay far below 2^53, where numbers cease to be exact. */
function carry(sums: Float64Array, base: number, picodollars: number): void {
  const sum = (sums[base + SUM.picodollars] ?? 0) + picodollars;
  const over = sum >= DOLLAR;
  sums[base + SUM.picodollars] = over ? sum - DOLLAR : sum;
  if (over) add(sums, base + SUM.dollars, 1);
}

/** Rounded down, so that what is left is never negative. */
function floorDollars(cost: bigint): bigint {
  const whole = cost / BigInt(DOLLAR);
  return cost < 0n && whole * BigInt(DOLLAR) !== cost ? whole - 1n : whole;
}

/**
 * How fast the answer's tokens came: after the first one where that is known, else over the whole request. Null for what
 * failed and for answers without tokens.
 */
export function tokensPerSecond(row: readonly SqlValue[]): number | null {
  const tokens =
    Number(row[AT.output]) + Number(row[AT.reasoning]) + Number(row[AT.output_audio]) + Number(row[AT.output_image]);
  const microseconds = Number(row[AT.duration]) - Number(row[AT.first_token]);
  return tokens > 0 && microseconds > 0 && Number(row[AT.outcome]) === 0 ? (tokens * 1e6) / microseconds : null;
}

function sparse({ places, counts }: Entries, size: number): SparseHistograms {
  const [sorted, amounts] = counts === null ? ones(places) : summed(places, counts);
  const lengths = new Uint16Array(size);
  const buckets = new Uint8Array(sorted.length);
  for (let index = 0; index < sorted.length; index++) {
    const place = sorted[index] ?? 0;
    const cell = Math.floor(place / BUCKETS);
    lengths[cell] = (lengths[cell] ?? 0) + 1;
    buckets[index] = place % BUCKETS;
  }
  return { lengths: narrowest(lengths), buckets, counts: narrowest(amounts) ?? new Uint8Array(0) };
}

/** Each place once, in order, with how often it stood there. */
function ones(places: readonly number[]): [Float64Array | Uint32Array, number[]] {
  const sorted = Uint32Array.from(places).sort();
  const counts: number[] = [];
  let last = -1;
  let length = 0;
  for (const place of sorted) {
    if (place === last) {
      counts[length - 1] = (counts[length - 1] ?? 0) + 1;
      continue;
    }
    sorted[length++] = place;
    counts.push(1);
    last = place;
  }
  return [sorted.subarray(0, length), counts];
}

function summed(places: readonly number[], counts: readonly number[]): [Uint32Array, number[]] {
  const sums = new Map<number, number>();
  for (const [index, place] of places.entries()) sums.set(place, (sums.get(place) ?? 0) + (counts[index] ?? 0));
  const sorted = Uint32Array.from(sums.keys()).sort();
  return [sorted, Array.from(sorted, (place) => sums.get(place) ?? 0)];
}
