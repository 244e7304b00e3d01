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
