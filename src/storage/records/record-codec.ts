import { storableText } from '../database/sql.ts';
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
} from './record-columns.ts';
import { constantColumn, plus } from './stored-numbers.ts';
import { StoredTexts, writeTexts } from './stored-texts.ts';

/**
 * Requests as bytes: version, size, how many columns of numbers and of texts there are, and where each begins; 0 for one
 * without values. A column of numbers has its least value, how wide what is added to it is, and that for each request. One
 * of texts has how many there are and how many bytes, where each of them ends, all of them in UTF-8, and a column with
 * their places. Extras are a JSON list of index and extras.
 * All begins at multiples of eight bytes. Little-endian, as all machines that Bun runs on.
 */
const VERSION = 1;
const HEAD_WORDS = 4;
const COLUMN_HEAD_BYTES = 16;

const WIDTHS = { none: 0, byte: 1, short: 2, int: 4, double: 8 } as const;

type Values = Uint8Array | Uint16Array | Uint32Array | Float64Array;

/** Not compressed: columns are narrow already, and unpacking takes longer than reading what it saves. */
export function encodeRecords(records: RecordColumns): Uint8Array {
  const { size } = records;
  const starts = NUMBER_COLUMNS.length + TEXT_COLUMNS.length * 2 + 1;
  const writer = new BlockWriter(size, HEAD_WORDS + starts);
  writer.head.set([VERSION, size, NUMBER_COLUMNS.length, TEXT_COLUMNS.length]);
  let start = HEAD_WORDS;
  for (const name of NUMBER_COLUMNS) writer.column(start++, records.number(name), size);
  for (const name of TEXT_COLUMNS) {
    const { values, places } = records.text(name);
    writer.texts(start++, values);
    writer.column(start++, places, size);
  }
  writer.json(start, extrasOf(records));
  return writer.bytes();
}

function extrasOf(records: RecordColumns): [number, Extras][] | null {
  const flags = records.number('flags');
  let all: [number, Extras][] | null = null;
  for (let index = 0; index < records.size; index++) {
    if (((flags[index] ?? 0) & FLAG.extras) === 0) continue;
    const extras = records.extras(index);
    if (extras === null) continue;
    all ??= [];
    all.push([index, storable(extras)]);
  }
  return all;
}

/** Texts of attempts and bills are as other texts: without what a database cannot hold. */
function storable(extras: Extras): Extras {
  return JSON.parse(JSON.stringify(extras), (_, value) => (typeof value === 'string' ? storableText(value) : value));
}

class BlockWriter {
  readonly head: Uint32Array;
  readonly #size: number;
  #bytes: Uint8Array;
  #length: number;

  constructor(size: number, headWords: number) {
    this.#size = size;
    this.#length = aligned(headWords * 4);
    this.#bytes = new Uint8Array(aligned(this.#length + size * 64 + 4096));
    this.head = new Uint32Array(headWords);
  }

  column(start: number, values: NumberColumn, size: number): void {
    const [least, most] = rangeOf(values, size);
    if (least === 0 && most === 0) return;
    const width = widthOf(most - least);
    // Where nothing is gained by it, nothing is taken off: readers need not add it then.
    const base = width === WIDTHS.double || (least > 0 && width === widthOf(most)) ? 0 : least;
    this.head[start] = this.#length;
    this.#reserve(COLUMN_HEAD_BYTES + size * width);
    const view = new DataView(this.#bytes.buffer, this.#length, COLUMN_HEAD_BYTES);
    view.setFloat64(0, base, true);
    view.setUint32(8, width, true);
    if (width !== WIDTHS.none) this.#values(values, width, base);
    this.#length = aligned(this.#length + COLUMN_HEAD_BYTES + size * width);
  }

  /** All but the first, which stands for none. */
  texts(start: number, values: readonly (string | null)[]): void {
    const count = values.length - 1;
    if (count === 0) return;
    const [ends, all] = writeTexts(values);
    this.head[start] = this.#length;
    this.#reserve(8 + count * 4 + all.length);
    new Uint32Array(this.#bytes.buffer, this.#length, 2).set([count, all.length]);
    new Uint32Array(this.#bytes.buffer, this.#length + 8, count).set(ends);
    this.#bytes.set(all, this.#length + 8 + count * 4);
    this.#length = aligned(this.#length + 8 + count * 4 + all.length);
  }

  json(start: number, value: unknown): void {
    if (value === null) return;
    const text = Buffer.from(JSON.stringify(value));
    this.head[start] = this.#length;
    this.#reserve(8 + text.length);
    new DataView(this.#bytes.buffer, this.#length, 8).setUint32(0, text.length, true);
    this.#bytes.set(text, this.#length + 8);
    this.#length = aligned(this.#length + 8 + text.length);
  }

  bytes(): Uint8Array {
    const bytes = this.#bytes.subarray(0, this.#length);
    new Uint32Array(bytes.buffer, 0, this.head.length).set(this.head);
    return bytes;
  }

  #values(values: NumberColumn, width: number, least: number): void {
    const target = viewOf(this.#bytes, this.#length + COLUMN_HEAD_BYTES, width, this.#size);
    if (!(values instanceof Int32Array)) fillFrom(values, target, least);
    else if (target instanceof Uint8Array) fillBytes(values, target, least);
    else if (target instanceof Uint16Array) fillShorts(values, target, least);
    else fillFrom(values, target, least);
  }

  #reserve(length: number): void {
    const needed = aligned(this.#length + length);
    if (needed <= this.#bytes.length) return;
    const larger = new Uint8Array(aligned(Math.max(needed, this.#bytes.length * 2)));
    larger.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = larger;
  }
}

// A loop for each pair of types that most columns have: one for all of them takes five times as long.

function fillBytes(values: Int32Array, target: Uint8Array, least: number): void {
  for (let index = 0; index < target.length; index++) target[index] = (values[index] ?? 0) - least;
}

function fillShorts(values: Int32Array, target: Uint16Array, least: number): void {
  for (let index = 0; index < target.length; index++) target[index] = (values[index] ?? 0) - least;
}

function fillFrom(values: NumberColumn, target: Values, least: number): void {
  for (let index = 0; index < target.length; index++) target[index] = (values[index] ?? 0) - least;
}

function rangeOf(values: NumberColumn, size: number): [least: number, most: number] {
  return values instanceof Int32Array ? rangeOfInts(values, size) : rangeOfAny(values, size);
}

function rangeOfInts(values: Int32Array, size: number): [least: number, most: number] {
  let least = values[0] ?? 0;
  let most = least;
  for (let index = 1; index < size; index++) {
    const value = values[index] ?? 0;
    if (value < least) least = value;
    if (value > most) most = value;
  }
  return [least, most];
}

function rangeOfAny(values: NumberColumn, size: number): [least: number, most: number] {
  let least = values[0] ?? 0;
  let most = least;
  for (let index = 1; index < size; index++) {
    const value = values[index] ?? 0;
    if (value < least) least = value;
    if (value > most) most = value;
  }
  return [least, most];
}

function widthOf(span: number): number {
  if (span === 0) return WIDTHS.none;
  if (span <= 0xff) return WIDTHS.byte;
  if (span <= 0xffff) return WIDTHS.short;
  return span <= 0xffff_ffff ? WIDTHS.int : WIDTHS.double;
}

function viewOf(bytes: Uint8Array, start: number, width: number, size: number): Values {
  const { buffer, byteOffset } = bytes;
  const at = byteOffset + start;
  if (width === WIDTHS.byte) return new Uint8Array(buffer, at, size);
  if (width === WIDTHS.short) return new Uint16Array(buffer, at, size);
  return width === WIDTHS.int ? new Uint32Array(buffer, at, size) : new Float64Array(buffer, at, size);
}

function aligned(length: number): number {
  return (length + 7) & ~7;
}

/** Throws for what is no block. */
export function decodeRecords(stored: Uint8Array): RecordBlock {
  return new RecordBlock(stored.byteOffset % 8 === 0 ? stored : new Uint8Array(stored));
}

const NO_TEXTS: readonly (string | null)[] = [null];

/** Requests as they were stored. A column is read when it is asked for. */
class RecordBlock implements RecordColumns {
  readonly size: number;
  readonly #bytes: Uint8Array;
  readonly #head: Uint32Array;
  readonly #numberCount: number;
  readonly #textCount: number;
  readonly #columns = new Map<number, NumberColumn>();
  readonly #texts = new Map<TextColumnName, TextColumn>();
  #extras: ReadonlyMap<number, Extras> | null = null;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    const [version = 0, size = 0, numbers = 0, texts = 0] = new Uint32Array(bytes.buffer, bytes.byteOffset, HEAD_WORDS);
    if (version !== VERSION) throw new Error(`a block of requests has the unknown version ${version}`);
    this.size = size;
    this.#numberCount = numbers;
    this.#textCount = texts;
    this.#head = new Uint32Array(bytes.buffer, bytes.byteOffset, HEAD_WORDS + numbers + texts * 2 + 1);
  }

  number(name: NumberColumnName): NumberColumn {
    const column = NUMBER_COLUMNS.indexOf(name);
    return this.#column(column < this.#numberCount ? HEAD_WORDS + column : -1);
  }

  text(name: TextColumnName): TextColumn {
    const known = this.#texts.get(name);
    if (known !== undefined) return known;
    const column = TEXT_COLUMNS.indexOf(name);
    const start = column < this.#textCount ? HEAD_WORDS + this.#numberCount + column * 2 : -1;
    const at = start < 0 ? 0 : (this.#head[start] ?? 0);
    const places = this.#column(start < 0 ? -1 : start + 1);
    const read = at === 0 ? { values: NO_TEXTS, places } : new StoredTexts(this.#bytes, at, places);
    this.#texts.set(name, read);
    return read;
  }

  extras(index: number): Extras | null {
    this.#extras ??= new Map(
      (this.#json(HEAD_WORDS + this.#numberCount + this.#textCount * 2) as [number, Extras][] | null) ?? [],
    );
    return this.#extras.get(index) ?? null;
  }

  #column(start: number): NumberColumn {
    const known = this.#columns.get(start);
    if (known !== undefined) return known;
    const read = this.#read(start < 0 ? 0 : (this.#head[start] ?? 0));
    this.#columns.set(start, read);
    return read;
  }

  #read(at: number): NumberColumn {
    if (at === 0) return new Uint8Array(this.size);
    const view = new DataView(this.#bytes.buffer, this.#bytes.byteOffset + at, COLUMN_HEAD_BYTES);
    const least = view.getFloat64(0, true);
    const width = view.getUint32(8, true);
    if (width === WIDTHS.none) return constantColumn(this.size, least);
    const values = viewOf(this.#bytes, at + COLUMN_HEAD_BYTES, width, this.size);
    if (least === 0) return values;
    return plus(values, least);
  }

  #json(start: number): unknown {
    const at = start < 0 ? 0 : (this.#head[start] ?? 0);
    if (at === 0) return null;
    const length = new DataView(this.#bytes.buffer, this.#bytes.byteOffset + at, 8).getUint32(0, true);
    const { buffer, byteOffset } = this.#bytes;
    return JSON.parse(Buffer.from(buffer, byteOffset + at + 8, length).toString('utf8'));
  }
}

export type { RecordBlock };
