import type { Queryable } from '../database/database.ts';
import type { RecordColumns } from '../records/record-columns.ts';
import { type LabelKind, loadLabels, NO_LABEL, OTHER } from './labels.ts';
import { labelsOf, type RecordLabels } from './record-labels.ts';

/** What the numbers in cells stand for. */
export interface LabelSpace {
  /** Above every number in it. */
  readonly size: number;
  /** In the form of its kind; null for none, and for a number that is not known. */
  value(id: number): string | null;
}

/** The labels of the database. */
export class StoredLabels implements LabelSpace {
  readonly #values: (string | undefined)[] = [];
  readonly #overflowed = new Set<string>();

  get size(): number {
    return this.#values.length;
  }

  value(id: number): string | null {
    return this.#values[id] ?? null;
  }

  /** Some values of this kind are counted together. */
  overflowed(kind: string): boolean {
    return this.#overflowed.has(kind);
  }

  async load(reader: Queryable): Promise<void> {
    for (const { id, kind, value } of await loadLabels(reader)) {
      while (this.#values.length <= id) this.#values.push(undefined);
      this.#values[id] = value;
      if (value.includes(OTHER)) this.#overflowed.add(kind);
    }
  }
}

/** Labels of requests that are summed up for one question only. */
export class LocalLabels implements LabelSpace {
  readonly #values: string[] = [''];
  readonly #ids = { route: new Map(), key: new Map(), user: new Map(), team: new Map(), tags: new Map() } as Readonly<
    Record<LabelKind, Map<string, number>>
  >;

  get size(): number {
    return this.#values.length;
  }

  value(id: number): string | null {
    return id === NO_LABEL ? null : (this.#values[id] ?? null);
  }

  of(records: RecordColumns): RecordLabels {
    return labelsOf(records, (kind, text) => this.#idOf(this.#ids[kind], text));
  }

  #idOf(ids: Map<string, number>, value: string): number {
    const known = ids.get(value);
    if (known !== undefined) return known;
    const id = this.#values.push(value) - 1;
    ids.set(value, id);
    return id;
  }
}
