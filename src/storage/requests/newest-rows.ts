import type { Database } from '../database/database.ts';
import type { TimeRange } from '../ledger-queries.ts';
import type { RecordColumns } from '../records/record-columns.ts';
import type { RecordFilter } from './compile-filter.ts';
import { selectRows } from './select-rows.ts';

/** How many are looked at, so that the cost of a question does not grow with the ledger. */
export const NEWEST = 20_000;

/** How long that may take, in milliseconds: where few match, all of the range is searched for them. */
const LIMIT = 10_000;

/** What is asked of each request. */
export interface Asked<Value> {
  readonly needsPayloads?: boolean;
  on(records: RecordColumns, payloads: ReadonlySet<string>): (index: number) => Value;
}

/** What the newest requests that match have, the newest first. `isAll`: there are no others. */
export async function newestRows<Value>(
  database: Database,
  range: TimeRange,
  filter: RecordFilter,
  asked: Asked<Value>,
): Promise<{ readonly values: readonly Value[]; readonly isAll: boolean }> {
  const { rows, isLate, more } = await selectRows<readonly Value[]>(database, {
    range,
    filter,
    value: null,
    descending: true,
    after: null,
    limit: NEWEST,
    deadline: performance.now() + LIMIT,
    needsPayloads: asked.needsPayloads ?? false,
    keep: (records, indices, payloads) => {
      const ask = asked.on(records, payloads);
      return indices.map((index) => ask(index));
    },
  });
  return { values: rows.map(({ kept, index }) => kept[index] as Value), isAll: !isLate && !more };
}
