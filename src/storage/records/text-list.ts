import { storableText } from '../database/sql.ts';
import { NumberList } from './number-list.ts';
import type { TextColumn } from './record-columns.ts';

/** Texts, one for each request; those that stand several times are kept once. */
export class TextList implements TextColumn {
  readonly values: (string | null)[] = [null];
  /** Counts up when it is cleared: places that somebody remembers are of one use. */
  use = 0;
  readonly #list: NumberList;
  readonly #isUnique: boolean;
  /** From when there are two. */
  #known: Map<string, number> | null = null;

  constructor(room: number, isUnique: boolean) {
    this.#list = new NumberList(room, false);
    this.#isUnique = isUnique;
  }

  get places(): Int32Array | Float64Array {
    return this.#list.values;
  }

  /** 0 for null. What a database cannot hold is replaced. */
  place(text: string | null): number {
    if (text === null) return 0;
    if (this.values.length === 1) return this.values.push(storableText(text)) - 1;
    if (this.#isUnique) return this.values.push(storableText(text)) - 1;
    if (text === this.values[this.values.length - 1]) return this.values.length - 1;
    const known = this.#index().get(text);
    if (known !== undefined) return known;
    const place = this.values.push(storableText(text)) - 1;
    this.#known?.set(text, place);
    return place;
  }

  set(index: number, place: number): void {
    this.#list.values[index] = place;
  }

  grow(): void {
    this.#list.grow();
  }

  /** These requests have none any more. Where that is all of them, the texts are forgotten. */
  clear(from: number, to: number): void {
    this.#list.clear(from, to);
    if (from > 0) return;
    this.values.length = 1;
    this.#known = null;
    this.use++;
  }

  #index(): Map<string, number> {
    this.#known ??= new Map(this.values.flatMap((text, place) => (text === null ? [] : [[text, place]])));
    return this.#known;
  }
}
