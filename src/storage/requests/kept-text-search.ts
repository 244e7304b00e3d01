import { setImmediate } from 'node:timers/promises';
import type { Queryable } from '../database/database.ts';
import { compileFilter, NO_IDS } from './compile-filter.ts';
import { type KeptRecords, readKeptTexts } from './kept-texts.ts';
import type { Row } from './top-rows.ts';

/** Looks for texts in the columns of requests, and where they are not there in what was kept of them. */
export class KeptTextSearch {
  readonly #texts: readonly string[];
  readonly #filters: readonly ReturnType<typeof compileFilter>[];

  constructor(texts: readonly string[]) {
    this.#texts = texts.map((text) => text.toLowerCase());
    this.#filters = texts.map((text) => compileFilter({ kind: 'text', text }));
  }

  /** Those rows that have all of the texts. */
  async matching(reader: Queryable, rows: readonly Row<KeptRecords>[]): Promise<Set<Row<KeptRecords>>> {
    const missing = this.#missing(rows);
    const wanted = rows.filter((row) => (missing.get(row)?.length ?? 0) > 0);
    const texts = await readKeptTexts(
      reader,
      wanted.map(({ id }) => id),
    );
    // Unpacking took its time.
    await setImmediate();
    const hasAll = (row: Row<KeptRecords>): boolean => {
      const text = texts.get(row.id)?.toLowerCase() ?? '';
      return missing.get(row)?.every((one) => text.includes(one)) ?? false;
    };
    return new Set(rows.filter(hasAll));
  }

  /** For each row the texts that are not in its columns. */
  #missing(rows: readonly Row<KeptRecords>[]): Map<Row<KeptRecords>, string[]> {
    const missing = new Map<Row<KeptRecords>, string[]>();
    for (const [{ records }, ofRecords] of Map.groupBy(rows, ({ kept }) => kept)) {
      const tests = this.#filters.map((filter) => filter.on(records, NO_IDS));
      for (const row of ofRecords) {
        missing.set(
          row,
          this.#texts.filter((_, at) => !tests[at]?.(row.index)),
        );
      }
    }
    return missing;
  }
}
