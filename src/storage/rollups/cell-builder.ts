import { TOKEN_BUCKETS } from '../../core/neutral/usage.ts';
import { COMPLETION_COLUMNS, FLAG, type RecordColumns } from '../records/record-columns.ts';
import { speedOf } from '../records/speed.ts';
import { BucketCounts } from './bucket-counts.ts';
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
import { bucketOf } from './histogram.ts';
import { PlaceTable } from './place-table.ts';
import type { RecordLabels } from './record-labels.ts';

/** Numbers of labels stay below. */
const MOST_LABELS = 2 ** 25;

const KEY_COLUMNS = ['shape', 'key', 'user', 'team', 'tags'] as const;

/** Adds up requests, or whole blocks, by their labels. */
export class CellBuilder {
  readonly #keys: number[][] = CELL_KEYS.map(() => []);
  readonly #counts: readonly BucketCounts[] = METRICS.map(() => new BucketCounts());
  readonly #cells = new PlaceTable(64);
  readonly #pairs = new PlaceTable(16);
  readonly #triples = new PlaceTable(16);
  readonly #callers = new PlaceTable(16);
  #sums = new Float64Array(64 * SUMS);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** Requests, all or those at these indices. */
  addRecords(records: RecordColumns, labels: RecordLabels, indices: ArrayLike<number> | null = null): void {
    const count = indices === null ? records.size : indices.length;
    const cells = new Uint32Array(count);
    const places = KEY_COLUMNS.map((name) => records.text(name).places);
    const [shapes = [], keys = [], users = [], teams = [], tags = []] = places;
    const outcomes = records.number('outcome');
    for (let offset = 0; offset < count; offset++) {
      const index = indices === null ? offset : (indices[offset] ?? 0);
      cells[offset] = this.#cell(
        labels.route[shapes[index] ?? 0] ?? 0,
        outcomes[index] ?? 0,
        labels.key[keys[index] ?? 0] ?? 0,
        labels.user[users[index] ?? 0] ?? 0,
        labels.team[teams[index] ?? 0] ?? 0,
        labels.tags[tags[index] ?? 0] ?? 0,
      );
    }
    this.#addCosts(records, cells, indices);
    this.#addTokens(records, cells, indices);
    this.#addTimes(records, cells, indices);
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
    const histograms = this.#counts.map((counts) => counts.build(this.#size));
    return { size: this.#size, keys, sums, histograms };
  }

  #cell(route: number, outcome: number, key: number, user: number, team: number, tags: number): number {
    const caller = key === 0 && user === 0 && team === 0 && tags === 0 ? 0 : this.#caller(key, user, team, tags);
    const cell = this.#cells.place((route * 8 + outcome) * MOST_LABELS + caller);
    if (cell < this.#size) return cell;
    this.#size++;
    const labels = [route, outcome, key, user, team, tags];
    for (const [index, column] of this.#keys.entries()) column.push(labels[index] ?? 0);
    if (this.#size * SUMS > this.#sums.length) this.#grow();
    return cell;
  }

  #caller(key: number, user: number, team: number, tags: number): number {
    const pair = this.#pairs.place(user * MOST_LABELS + team);
    const triple = this.#triples.place(pair * MOST_LABELS + key);
    return this.#callers.place(triple * MOST_LABELS + tags) + 1;
  }

  #addCosts(records: RecordColumns, cells: Uint32Array, indices: ArrayLike<number> | null): void {
    const sums = this.#sums;
    const flags = records.number('flags');
    const costs = records.number('cost');
    for (let offset = 0; offset < cells.length; offset++) {
      const index = indices === null ? offset : (indices[offset] ?? 0);
      const base = (cells[offset] ?? 0) * SUMS;
      const flag = flags[index] ?? 0;
      add(sums, base + SUM.requests, 1);
      if ((flag & FLAG.unpriced) !== 0) add(sums, base + SUM.unpriced, 1);
      if ((flag & FLAG.priced) === 0) continue;
      add(sums, base + SUM.priced, 1);
      const wide = (flag & FLAG.extras) === 0 ? undefined : records.extras(index)?.cost;
      this.#addMoney(base, wide ?? costs[index] ?? 0);
    }
  }

  #addTokens(records: RecordColumns, cells: Uint32Array, indices: ArrayLike<number> | null): void {
    const sums = this.#sums;
    for (let bucket = 0; bucket < TOKEN_BUCKETS.length; bucket++) {
      const tokens = records.number(TOKEN_BUCKETS[bucket] ?? 'input');
      for (let offset = 0; offset < cells.length; offset++) {
        const count = tokens[indices === null ? offset : (indices[offset] ?? 0)] ?? 0;
        if (count !== 0) add(sums, (cells[offset] ?? 0) * SUMS + SUM.tokens + bucket, count);
      }
    }
  }

  #addTimes(records: RecordColumns, cells: Uint32Array, indices: ArrayLike<number> | null): void {
    const [durations, firstTokens, speeds, overheads] = this.#counts;
    const duration = records.number('duration');
    const firstToken = records.number('firstToken');
    const overhead = records.number('overhead');
    const outcome = records.number('outcome');
    const outputs = COMPLETION_COLUMNS.map((name) => records.number(name));
    for (let offset = 0; offset < cells.length; offset++) {
      const index = indices === null ? offset : (indices[offset] ?? 0);
      const cell = cells[offset] ?? 0;
      const took = duration[index] ?? 0;
      const first = firstToken[index] ?? 0;
      durations?.add(cell, bucketOf(took), 1);
      overheads?.add(cell, bucketOf(overhead[index] ?? 0), 1);
      if (first > 0) firstTokens?.add(cell, bucketOf(first - 1), 1);
      if (outcome[index] !== 0) continue;
      let tokens = 0;
      for (let output = 0; output < outputs.length; output++) tokens += outputs[output]?.[index] ?? 0;
      const speed = speedOf(tokens, took, first);
      if (speed !== null) speeds?.add(cell, bucketOf(speed * 100), 1);
    }
  }

  #grow(): void {
    const larger = new Float64Array(this.#sums.length * 2);
    larger.set(this.#sums);
    this.#sums = larger;
  }

  #addMoney(base: number, cost: number | bigint | string): void {
    const small = typeof cost === 'number' && cost >= 0;
    const dollars = small ? Math.floor(cost / DOLLAR) : Number(floorDollars(BigInt(cost as string)));
    const rest = small
      ? cost % DOLLAR
      : Number(BigInt(cost as string) - floorDollars(BigInt(cost as string)) * BigInt(DOLLAR));
    add(this.#sums, base + SUM.dollars, dollars);
    carry(this.#sums, base, rest);
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
    const own = this.#counts[metric];
    if (!own || !lengths) return;
    let position = 0;
    for (let index = 0; index < cells.length; index++) {
      for (let left = lengths[index] ?? 0; left > 0; left--) {
        own.add(cells[index] ?? 0, buckets[position] ?? 0, counts[position] ?? 0);
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
