import type { RecordColumns } from '../records/record-columns.ts';
import { IdWriter } from '../records/record-id.ts';

/** A request that was found: in `kept`, by its index there. */
export interface Row<Kept> {
  readonly value: number;
  /** Of its id. */
  readonly time: number;
  readonly id: string;
  readonly kept: Kept;
  readonly index: number;
}

/** A place in the order of rows: by value, then by time, then by id. For ids of ours time is part of the id. */
export type Place = Pick<Row<unknown>, 'value' | 'time' | 'id'>;

/** Below 0 where the first comes first when the order ascends. */
export function comparePlaces(one: Place, other: Place): number {
  if (one.value !== other.value) return one.value < other.value ? -1 : 1;
  if (one.time !== other.time) return one.time < other.time ? -1 : 1;
  return one.id === other.id ? 0 : one.id < other.id ? -1 : 1;
}

/**
 * The first rows of an order, out of many. Blocks come one after the other: `begin`, `offer` for rows of it, `settle`. What
 * is kept of rows is copied then, so that no block has to stay in memory.
 */
export class TopRows<Kept> {
  readonly #limit: number;
  readonly #sign: number;
  readonly #keep: (records: RecordColumns, indices: readonly number[]) => Kept;
  #rows: Row<Kept>[] = [];
  #fresh: FreshRow[] = [];
  #records: RecordColumns | null = null;
  #ids: IdWriter | null = null;
  /** Of the last row, once there are enough. */
  #lastValue: number;
  #lastTime = 0;

  /** `keep` gives what rows refer to, by their place in the list of indices. */
  constructor(limit: number, descending: boolean, keep: (records: RecordColumns, indices: readonly number[]) => Kept) {
    this.#limit = limit;
    this.#sign = descending ? -1 : 1;
    this.#keep = keep;
    this.#lastValue = this.#sign * Number.POSITIVE_INFINITY;
  }

  /** In order. */
  get rows(): readonly Row<Kept>[] {
    return this.#rows;
  }

  /** From now on there may be more than are here. */
  get isFull(): boolean {
    return this.#rows.length >= this.#limit;
  }

  begin(records: RecordColumns): void {
    this.#records = records;
    this.#ids = new IdWriter(records);
  }

  /** False for what would come after all that are here. Asked first, because it is cheaper than most filters. */
  admits(value: number, time: number): boolean {
    if (value === this.#lastValue) return this.#sign > 0 ? time <= this.#lastTime : time >= this.#lastTime;
    return this.#sign > 0 ? value < this.#lastValue : value > this.#lastValue;
  }

  offer(value: number, time: number, index: number): void {
    this.#fresh.push(new FreshRow(value, time, index, this.#ids));
    if (this.#fresh.length >= this.#limit * 2 + 64) this.#trimFresh();
  }

  /** The block is done. `mayRepeat`: its requests may have been in another block that was seen. */
  settle(mayRepeat: boolean): void {
    const records = this.#records;
    if (records === null || this.#fresh.length === 0) return;
    this.#trimFresh();
    const all = merged<Row<Kept> | FreshRow>(this.#rows, this.#fresh, this.#sign);
    const first = this.#cut(mayRepeat ? withoutRepeated(all) : all);
    const indices = first.flatMap((row) => (row instanceof FreshRow ? [row.index] : []));
    this.#fresh = [];
    this.#records = null;
    if (indices.length === 0) return;
    const kept = this.#keep(records, indices);
    let next = 0;
    this.#rows = first.map((row) =>
      row instanceof FreshRow ? { value: row.value, time: row.time, id: row.id, kept, index: next++ } : row,
    );
  }

  #trimFresh(): void {
    this.#fresh = this.#cut(inOrder(this.#fresh, this.#sign));
  }

  #cut<One extends Place>(rows: One[]): One[] {
    const first = rows.length > this.#limit ? rows.slice(0, this.#limit) : rows;
    const last = first.length === this.#limit ? first.at(-1) : undefined;
    if (last !== undefined && this.admits(last.value, last.time)) {
      this.#lastValue = last.value;
      this.#lastTime = last.time;
    }
    return first;
  }
}

/** Its id is only written where the order depends on it, or when it is kept. */
class FreshRow implements Place {
  readonly value: number;
  readonly time: number;
  readonly index: number;
  readonly #ids: IdWriter | null;
  #id: string | null = null;

  constructor(value: number, time: number, index: number, ids: IdWriter | null) {
    this.value = value;
    this.time = time;
    this.index = index;
    this.#ids = ids;
  }

  get id(): string {
    this.#id ??= this.#ids?.id(this.index) ?? '';
    return this.#id;
  }
}

/** Blocks are about in the order of time, so mostly there is nothing to sort. */
function inOrder<One extends Place>(rows: One[], sign: number): One[] {
  for (let index = 1; index < rows.length; index++) {
    const [one, other] = [rows[index - 1], rows[index]];
    if (one === undefined || other === undefined || sign * comparePlaces(one, other) <= 0) continue;
    return rows.sort((first, second) => sign * comparePlaces(first, second));
  }
  return rows;
}

/** Both are in order. */
function merged<One extends Place>(rows: readonly One[], others: readonly One[], sign: number): One[] {
  const all: One[] = [];
  let next = 0;
  for (const row of rows) {
    let other = others[next];
    while (other !== undefined && sign * comparePlaces(other, row) < 0) {
      all.push(other);
      other = others[++next];
    }
    all.push(row);
  }
  for (; next < others.length; next++) all.push(others[next] as One);
  return all;
}

/** A request may come twice, with another cost, where blocks were replaced meanwhile. */
function withoutRepeated<One extends Place>(rows: readonly One[]): One[] {
  const seen = new Set<string>();
  return rows.filter(({ id }) => !seen.has(id) && seen.add(id));
}
