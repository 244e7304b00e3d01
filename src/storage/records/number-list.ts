/** Whole numbers, one after the other, in as few bytes as they need. */
export class NumberList {
  values: Int32Array | Float64Array;

  constructor(room: number, isWide: boolean) {
    this.values = isWide ? new Float64Array(room) : new Int32Array(room);
  }

  set(index: number, value: number): void {
    if ((value | 0) !== value && this.values instanceof Int32Array) this.values = Float64Array.from(this.values);
    this.values[index] = value;
  }

  /** The first so many of a column at once, where its type says that they fit; else false, and nothing is done. */
  setAll(index: number, source: ArrayLike<number>, count: number): boolean {
    const isNarrow = source instanceof Uint8Array || source instanceof Uint16Array || source instanceof Int32Array;
    const fits = isNarrow || (source instanceof Float64Array && this.values instanceof Float64Array);
    if (fits) this.values.set(source.subarray(0, count), index);
    return fits;
  }

  /** Makes these 0 again. */
  clear(from: number, to: number): void {
    this.values.fill(0, from, to);
  }

  /** Twice the room. What is new is 0. */
  grow(): void {
    const { values } = this;
    const larger =
      values instanceof Int32Array ? new Int32Array(values.length * 2) : new Float64Array(values.length * 2);
    larger.set(values);
    this.values = larger;
  }
}
