import { CELL_KEYS, type CellBlock, METRICS, type NumberColumn, narrowest, SUMS } from './cell-block.ts';

/**
 * A block as bytes: version and size as 32 bits each, then the columns. Each begins with a byte that says how wide its
 * values are, and its values at a multiple of that width. Little-endian, as all machines that Bun runs on.
 */
const VERSION = 1;

/** Widths of a column. A constant one has its value once. */
const KIND = { zero: 0, byte: 1, short: 2, int: 3, double: 4, constant: 5 } as const;

/** Not compressed: unpacking took longer than reading what it saved, and these are a tenth of the rows. */
export function encodeCells(block: CellBlock): Uint8Array {
  const writer = new ColumnWriter();
  writer.header(VERSION, block.size);
  for (const column of [...block.keys, ...block.sums]) writer.column(column);
  for (const { lengths, buckets, counts } of block.histograms) {
    writer.column(lengths);
    writer.column(narrowest(buckets));
    writer.column(counts);
  }
  return writer.bytes();
}

/** Throws for what is no block. */
export function decodeCells(stored: Uint8Array): CellBlock {
  // Copied, because views of wider values begin at multiples of their width.
  const reader = new ColumnReader(new Uint8Array(stored));
  const size = reader.header(VERSION);
  const keys = CELL_KEYS.map(() => reader.column(size));
  const sums = Array.from({ length: SUMS }, () => reader.column(size));
  const histograms = METRICS.map(() => {
    const lengths = reader.column(size);
    const entries = lengths ? total(lengths) : 0;
    const buckets = reader.column(entries) ?? new Uint8Array(entries);
    return { lengths, buckets: Uint8Array.from(buckets), counts: reader.column(entries) ?? new Uint8Array(entries) };
  });
  return { size, keys, sums, histograms };
}

function total(values: NumberColumn): number {
  let sum = 0;
  for (let index = 0; index < values.length; index++) sum += values[index] ?? 0;
  return sum;
}

class ColumnWriter {
  #bytes = new Uint8Array(4096);
  #length = 0;

  header(version: number, size: number): void {
    const header = Uint32Array.of(version, size);
    this.#append(new Uint8Array(header.buffer));
  }

  column(values: NumberColumn | null): void {
    if (values === null || values.length === 0) return this.#kind(KIND.zero);
    if (isConstant(values)) {
      this.#kind(KIND.constant);
      return this.#values(Float64Array.of(values[0] ?? 0));
    }
    this.#kind(kindOf(values));
    this.#values(values);
  }

  bytes(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }

  #kind(kind: number): void {
    this.#append(Uint8Array.of(kind));
  }

  #values(values: NumberColumn): void {
    const start = aligned(this.#length, values.BYTES_PER_ELEMENT);
    this.#append(new Uint8Array(start - this.#length));
    this.#append(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  }

  #append(bytes: Uint8Array): void {
    const length = this.#length + bytes.length;
    if (length > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(length, this.#bytes.length * 2));
      larger.set(this.#bytes);
      this.#bytes = larger;
    }
    this.#bytes.set(bytes, this.#length);
    this.#length = length;
  }
}

function isConstant(values: NumberColumn): boolean {
  const first = values[0];
  for (let index = 1; index < values.length; index++) if (values[index] !== first) return false;
  return true;
}

function kindOf(values: NumberColumn): number {
  if (values instanceof Uint8Array) return KIND.byte;
  if (values instanceof Uint16Array) return KIND.short;
  return values instanceof Uint32Array ? KIND.int : KIND.double;
}

function aligned(offset: number, width: number): number {
  return Math.ceil(offset / width) * width;
}

class ColumnReader {
  readonly #bytes: Uint8Array<ArrayBuffer>;
  #offset = 0;

  constructor(bytes: Uint8Array<ArrayBuffer>) {
    this.#bytes = bytes;
  }

  header(version: number): number {
    const [found, size = 0] = new Uint32Array(this.#bytes.buffer, 0, 2);
    if (found !== version) throw new Error(`A roll-up has format ${found}; this gateway reads ${version}.`);
    this.#offset = 8;
    return size;
  }

  column(length: number): NumberColumn | null {
    const kind = this.#bytes[this.#offset++];
    switch (kind) {
      case KIND.zero:
        return null;
      case KIND.byte:
        return new Uint8Array(this.#bytes.buffer, this.#take(1, length), length);
      case KIND.short:
        return new Uint16Array(this.#bytes.buffer, this.#take(2, length), length);
      case KIND.int:
        return new Uint32Array(this.#bytes.buffer, this.#take(4, length), length);
      case KIND.double:
        return new Float64Array(this.#bytes.buffer, this.#take(8, length), length);
      case KIND.constant:
        return narrowestOf(new Float64Array(this.#bytes.buffer, this.#take(8, 1), 1)[0] ?? 0, length);
      default:
        throw new Error(`A roll-up has a column of unknown kind ${kind}.`);
    }
  }

  #take(width: number, length: number): number {
    const start = aligned(this.#offset, width);
    this.#offset = start + width * length;
    return start;
  }
}

function narrowestOf(value: number, length: number): NumberColumn {
  const small = Number.isInteger(value) && value >= 0 && value <= 0xff;
  return small ? new Uint8Array(length).fill(value) : new Float64Array(length).fill(value);
}
