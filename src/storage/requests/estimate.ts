import type { Database } from '../database/database.ts';
import { sql } from '../database/sql.ts';
import { EVERYTHING, type Filter } from '../filter.ts';
import type { Estimate, TimeRange } from '../ledger-queries.ts';
import { idRange } from '../rows/id-range.ts';
import { dimensionsOf } from '../usage/cell-filter.ts';
import { queryUsage } from '../usage/usage-query.ts';
import { filterSql } from './filter-sql.ts';

const SAMPLE = 20_000;
/** Of a row in an export with all columns, about. */
const BYTES_OF_A_ROW = 900;

/** Exact where roll-ups know it or there are few rows; else from the share of the newest rows that match. */
export async function estimateRequests(
  database: Database,
  query: TimeRange & { readonly filter?: Filter },
): Promise<Estimate> {
  const filter = query.filter ?? EVERYTHING;
  const known = dimensionsOf(filter) !== null;
  const { total } = await queryUsage(database, {
    ...query,
    filter: known ? filter : EVERYTHING,
    bucket: 'none',
    groups: [],
  });
  const answer = (rows: number, exact: boolean): Estimate => ({ rows, bytes: rows * BYTES_OF_A_ROW, exact });
  if (known) return answer(total.requests, true);
  const [counted] = await database.values(sql`SELECT count(*), COALESCE(sum(matching), 0) FROM (
    SELECT CASE WHEN ${filterSql(database.dialect, filter)} THEN 1 ELSE 0 END AS matching FROM requests
    WHERE ${idRange(query)} ORDER BY id DESC LIMIT ${SAMPLE}) AS newest`);
  const scanned = Number(counted?.[0] ?? 0);
  const matching = Number(counted?.[1] ?? 0);
  if (scanned < SAMPLE) return answer(matching, true);
  return answer(Math.round((matching / scanned) * total.requests), false);
}
