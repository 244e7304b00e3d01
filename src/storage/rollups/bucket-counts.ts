import { type NumberColumn, narrowest, type SparseHistograms } from './cell-block.ts';
import { BUCKETS } from './histogram.ts';
import { PlaceTable } from './place-table.ts';

/** How many values fell into each bucket of each cell. */
export class BucketCounts {
  readonly #places = new PlaceTable(64);
  #counts = new Float64Array(64);

  add(cell: number, bucket: number, count: number): void {
    const place = this.#places.place(cell * BUCKETS + bucket);
    if (place === this.#counts.length) this.#grow();
    this.#counts[place] = (this.#counts[place] ?? 0) + count;
  }

  build(cells: number): SparseHistograms {
    const size = this.#places.size;
    const order = new Uint32Array(size);
    const keys = new Float64Array(size);
    for (let place = 0; place < size; place++) keys[place] = this.#places.key(place);
    // Keys and places as one number: numbers alone are sorted quickly.
    const sorted = keys.map((key, place) => key * size + place).sort();
    for (let index = 0; index < size; index++) order[index] = (sorted[index] ?? 0) % size;
    return this.#columns(order, cells);
  }

  #columns(order: Uint32Array, cells: number): SparseHistograms {
    const lengths = new Uint16Array(cells);
    const buckets = new Uint8Array(order.length);
    const counts = new Float64Array(order.length);
    for (let index = 0; index < order.length; index++) {
      const place = order[index] ?? 0;
      const key = this.#places.key(place);
      const cell = Math.floor(key / BUCKETS);
      lengths[cell] = (lengths[cell] ?? 0) + 1;
      buckets[index] = key % BUCKETS;
      counts[index] = this.#counts[place] ?? 0;
    }
    const narrow: NumberColumn = narrowest(counts) ?? new Uint8Array(0);
    return { lengths: narrowest(lengths), buckets, counts: narrow };
  }

  #grow(): void {
    const larger = new Float64Array(this.#counts.length * 2);
    larger.set(this.#counts);
    this.#counts = larger;
  }
}
