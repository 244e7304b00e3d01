import type { JsonObject } from '../../core/types.ts';

/** For tests: a generator of chance with a seed, so that a failure can be repeated (mulberry32). */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed;
  }

  /** From 0 up to, without, 1. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  below(limit: number): number {
    return Math.floor(this.next() * limit);
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  pick<T>(items: readonly T[]): T {
    if (items.length === 0) throw new Error('nothing to pick from');
    return items[this.below(items.length)] as T;
  }

  list<T>(limit: number, make: () => T): T[] {
    return Array.from({ length: this.below(limit + 1) }, make);
  }

  /** A text that no other has, so that a test can find it again; now and then with characters that need care. */
  text(): string {
    const mark = this.below(2 ** 32).toString(36);
    return `${this.pick(['', 'a ', 'é', '漢字', '😀', '"\\\n', '\u2028', '</script>'])}${mark}`;
  }

  /** Any JSON value. */
  value(depth = 0): unknown {
    switch (this.below(depth > 2 ? 5 : 7)) {
      case 0:
        return null;
      case 1:
        return this.chance(0.5);
      case 2:
        return this.pick([0, -1, 1.5, 1e308, 2 ** 53]);
      case 3:
        return this.text();
      case 4:
        return this.pick(['', 'auto', 'function', '__proto__', 'constructor']);
      case 5:
        return this.list(3, () => this.value(depth + 1));
      default:
        return this.object(depth + 1);
    }
  }

  object(depth = 0): JsonObject {
    const names = ['type', 'text', 'name', 'url', 'id', '__proto__', 'toString', 'content', 'function'];
    const entries = this.list(3, () => [this.pick(names), this.value(depth + 1)] as const);
    return JSON.parse(`{${entries.map(([name, value]) => `"${name}":${JSON.stringify(value)}`).join(',')}}`);
  }
}
