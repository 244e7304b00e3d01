import { NumberList } from './number-list.ts';
import {
  type Extras,
  FLAG,
  NUMBER_COLUMNS,
  type NumberColumn,
  type NumberColumnName,
  type RecordColumns,
  TEXT_COLUMNS,
  type TextColumn,
  type TextColumnName,
  UNIQUE,
  WIDE,
} from './record-columns.ts';
import { TextList } from './text-list.ts';

const FIRST_ROOM = 64;

/** Requests by columns, while they are put together. */
export class RecordTable implements RecordColumns {
  readonly numbers: Readonly<Record<NumberColumnName, NumberList>>;
  readonly texts: Readonly<Record<TextColumnName, TextList>>;
  readonly #numbers: readonly NumberList[];
  readonly #texts: readonly TextList[];
  readonly #extras = new Map<number, Extras>();
  #room: number;
  #size = 0;

  constructor(room = FIRST_ROOM) {
    this.#room = room;
    const numbers = NUMBER_COLUMNS.map((name) => [name, new NumberList(room, WIDE.has(name))] as const);
    const texts = TEXT_COLUMNS.map((name) => [name, new TextList(room, UNIQUE.has(name))] as const);
    this.numbers = Object.fromEntries(numbers) as Record<NumberColumnName, NumberList>;
    this.texts = Object.fromEntries(texts) as Record<TextColumnName, TextList>;
    this.#numbers = numbers.map(([, list]) => list);
    this.#texts = texts.map(([, list]) => list);
  }

  get size(): number {
    return this.#size;
  }

  /** The index of one more request, of which all is 0 and nothing yet. */
  add(): number {
    if (this.#size === this.#room) this.#grow();
    return this.#size++;
  }

  /** Takes out all but the first so many; the room stays. */
  keepFirst(size: number): void {
    for (const list of this.#numbers) list.clear(size, this.#size);
    for (const list of this.#texts) list.clear(size, this.#size);
    for (let index = size; index < this.#size; index++) this.#extras.delete(index);
    this.#size = size;
  }

  number(name: NumberColumnName): NumberColumn {
    return this.numbers[name].values;
  }

  text(name: TextColumnName): TextList {
    return this.texts[name];
  }

  extras(index: number): Extras | null {
    return this.#extras.get(index) ?? null;
  }

  setExtras(index: number, extras: Extras | null): void {
    const flags = this.numbers.flags.values;
    if (extras === null) {
      this.#extras.delete(index);
      flags[index] = (flags[index] ?? 0) & ~FLAG.extras;
      return;
    }
    this.#extras.set(index, extras);
    flags[index] = (flags[index] ?? 0) | FLAG.extras;
  }

  /** Adds these requests of another, or all of them. Column by column: each needs one look at what is the same. */
  append(source: RecordColumns, indices: ArrayLike<number> | null = null): void {
    const first = this.#size;
    const count = indices === null ? source.size : indices.length;
    while (first + count > this.#room) this.#grow();
    this.#size = first + count;
    for (const name of NUMBER_COLUMNS) copyNumbers(source.number(name), this.numbers[name], first, count, indices);
    for (const name of TEXT_COLUMNS) this.#appendTexts(name, source, first, count, indices);
    const flags = source.number('flags');
    for (let offset = 0; offset < count; offset++) {
      const index = indices === null ? offset : (indices[offset] ?? 0);
      if (((flags[index] ?? 0) & FLAG.extras) === 0) continue;
      const extras = source.extras(index);
      if (extras !== null) this.#extras.set(first + offset, extras);
    }
  }

  #appendTexts(
    name: TextColumnName,
    source: RecordColumns,
    first: number,
    count: number,
    indices: ArrayLike<number> | null,
  ): void {
    const column = source.text(name);
    const list = this.texts[name];
    if (indices !== null && indices.length * FEW < source.size) return copyFew(column, list, first, indices);
    const { values, places } = column;
    if (values.length <= 1) return;
    const own = new Int32Array(values.length).fill(-1);
    own[0] = 0;
    for (let offset = 0; offset < count; offset++) {
      const theirs = places[indices === null ? offset : (indices[offset] ?? 0)] ?? 0;
      let place = own[theirs] ?? 0;
      if (place < 0) {
        place = list.place(values[theirs] ?? null);
        own[theirs] = place;
      }
      list.set(first + offset, place);
    }
  }

  #grow(): void {
    this.#room *= 2;
    for (const list of this.#numbers) list.grow();
    for (const list of this.#texts) list.grow();
  }
}

/** One in so many of a block: its texts are better read one by one. */
const FEW = 16;

function copyFew(column: TextColumn, list: TextList, first: number, indices: ArrayLike<number>): void {
  const { places } = column;
  for (let offset = 0; offset < indices.length; offset++) {
    const theirs = places[indices[offset] ?? 0] ?? 0;
    if (theirs === 0) continue;
    const text = column.at === undefined ? (column.values[theirs] ?? null) : column.at(theirs);
    list.set(first + offset, list.place(text));
  }
}

function copyNumbers(
  source: NumberColumn,
  list: NumberList,
  first: number,
  count: number,
  indices: ArrayLike<number> | null,
): void {
  if (indices === null && list.setAll(first, source, count)) return;
  for (let offset = 0; offset < count; offset++) {
    list.set(first + offset, source[indices === null ? offset : (indices[offset] ?? 0)] ?? 0);
  }
}

/** These requests, as a table of their own. */
export function selectRecords(source: RecordColumns, indices: ArrayLike<number>): RecordTable {
  const table = new RecordTable(Math.max(1, indices.length));
  table.append(source, indices);
  return table;
}
