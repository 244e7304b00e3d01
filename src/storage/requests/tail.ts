import type { Database } from '../database/database.ts';
import { sql } from '../database/sql.ts';
import { EVERYTHING } from '../filter.ts';
import type { TailPage, TailQuery } from '../ledger-queries.ts';
import { AFTER_ROW, readSummary, rowColumns } from '../rows/read-row.ts';
import { AT } from '../rows/request-columns.ts';
import { QueryRefused } from '../usage/time-buckets.ts';
import { filterSql } from './filter-sql.ts';

/** How many rows one answer looks at, whether they match or not. */
const LOOKED_AT = 1_000;

/** A position is the arrival of the last row that was looked at, and its id: rows of one transaction arrive together. */
const POSITION = /^(\d{1,20})-(.{0,64})$/s;

export async function readTail(database: Database, query: TailQuery): Promise<TailPage> {
  const { arrival, name } = database.dialect;
  return database.snapshot(async (reader) => {
    const [head] = await reader.values(sql`SELECT ${arrival.now}`);
    const now = String(head?.[0] ?? '0');
    if (query.position === null)
      return { items: [], position: `${now}-${name === 'sqlite' ? LAST_ID : ''}`, more: false };
    const [, given = '', id = ''] = POSITION.exec(query.position) ?? [];
    if (given === '') throw new QueryRefused('The position is not one that the live tail gave out.');
    // After every row was deleted SQLite counts from the beginning.
    const from = BigInt(given) > BigInt(now) ? '0' : given;
    const limit = Math.min(Math.max(query.limit ?? LOOKED_AT, 1), LOOKED_AT);
    const after = arrival.value(from);
    const rows = await reader.values(sql`SELECT ${rowColumns(database.dialect)},
        CASE WHEN ${filterSql(database.dialect, query.filter ?? EVERYTHING)} THEN 1 ELSE 0 END,
        CAST(${arrival.column} AS TEXT) AS arrived FROM requests
      WHERE ${arrival.column} >= ${after} AND (${arrival.column} > ${after} OR id > ${id}) AND ${arrival.settled}
      ORDER BY ${arrival.column}, id LIMIT ${limit}`);
    const last = rows.at(-1);
    return {
      items: rows.filter((row) => Number(row[AFTER_ROW]) === 1).map(readSummary),
      position: last ? `${last[AFTER_ROW + 1]}-${last[AT.id]}` : `${from}-${id}`,
      more: rows.length === limit,
    };
  });
}

/** Above every id. */
const LAST_ID = '~';
