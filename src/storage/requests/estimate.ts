import type { Database } from '../database/database.ts';
import { EVERYTHING, type Filter } from '../filter.ts';
import type { Estimate, TimeRange } from '../ledger-queries.ts';
import { dimensionsOf } from '../usage/cell-filter.ts';
import { queryUsage } from '../usage/usage-query.ts';
import { compileFilter } from './compile-filter.ts';
import { newestRows } from './newest-rows.ts';

/** Of a row in an export with all columns, about. */
const BYTES_OF_A_ROW = 900;

/** Exact where roll-ups know it or there are few rows; else from the share of the newest rows that match. */
export async function estimateRequests(
  database: Database,
  query: TimeRange & { readonly filter?: Filter },
): Promise<Estimate> {
  const filter = query.filter ?? EVERYTHING;
  const answer = (rows: number, exact: boolean): Estimate => ({ rows, bytes: rows * BYTES_OF_A_ROW, exact });
  const count = async (counted: Filter): Promise<number> => {
    const { total } = await queryUsage(database, { ...query, filter: counted, bucket: 'none', groups: [] });
    return total.requests;
  };
  if (dimensionsOf(filter) !== null) return answer(await count(filter), true);
  const test = compileFilter(filter);
  const { values, isAll } = await newestRows(database, query, compileFilter(EVERYTHING), test);
  const matching = values.filter((matches) => matches).length;
  if (isAll) return answer(matching, true);
  return answer(Math.round((matching / Math.max(values.length, 1)) * (await count(EVERYTHING))), false);
}
