import type { NumberColumn, TextColumn } from './record-columns.ts';

/** All but the first, which stands for none: where each of them ends, and all of them in UTF-8. */
export function writeTexts(values: readonly (string | null)[]): [ends: Uint32Array, bytes: Uint8Array] {
  const bytes = Buffer.from(values.join(''));
  return [endsOf(values, bytes.length), bytes];
}

/** In bytes. Where there are as many bytes as characters, lengths are known already. */
function endsOf(values: readonly (string | null)[], bytes: number): Uint32Array {
  const ends = new Uint32Array(values.length - 1);
  let end = 0;
  for (let place = 1; place < values.length; place++) {
    end += values[place]?.length ?? 0;
    ends[place - 1] = end;
  }
  if (end === bytes) return ends;
  end = 0;
  for (let place = 1; place < values.length; place++) {
    end += Buffer.byteLength(values[place] ?? '');
    ends[place - 1] = end;
  }
  return ends;
}

/** Texts of a block, read when they are asked for. */
export class StoredTexts implements TextColumn {
  readonly places: NumberColumn;
  readonly #ends: Uint32Array;
  readonly #bytes: Buffer;
  #values: (string | null)[] | null = null;

  constructor(bytes: Uint8Array, at: number, places: NumberColumn) {
    const { buffer, byteOffset } = bytes;
    const [count = 0, length = 0] = new Uint32Array(buffer, byteOffset + at, 2);
    this.#ends = new Uint32Array(buffer, byteOffset + at + 8, count);
    this.#bytes = Buffer.from(buffer, byteOffset + at + 8 + count * 4, length);
    this.places = places;
  }

  get values(): readonly (string | null)[] {
    this.#values ??= this.#readAll();
    return this.#values;
  }

  at(place: number): string | null {
    if (place === 0) return null;
    return this.#bytes.toString('utf8', place === 1 ? 0 : this.#ends[place - 2], this.#ends[place - 1]);
  }

  all(): string {
    return this.#bytes.toString('utf8');
  }

  #readAll(): (string | null)[] {
    const values: (string | null)[] = [null];
    const all = this.all();
    // As many characters as bytes: each text is where its bytes are.
    const isPlain = all.length === this.#bytes.length;
    let start = 0;
    for (const end of this.#ends) {
      values.push(isPlain ? all.slice(start, end) : this.#bytes.toString('utf8', start, end));
      start = end;
    }
    return values;
  }
}
