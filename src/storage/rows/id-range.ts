import { timeText } from '../../core/ledger/request-id.ts';
import { type Sql, sql } from '../database/sql.ts';
import type { TimeRange } from '../ledger-queries.ts';

/** The last time that ten digits can say. */
const LAST = 32 ** 10 - 1;

/** The requests of a range of time, found by their ids: there is no other index for it. */
export function idRange({ from, to }: TimeRange): Sql {
  return sql`id >= ${idFrom(from)} AND id < ${idFrom(to)}`;
}

export function idFrom(time: number): string {
  return timeText(Math.min(Math.max(Math.ceil(time), 0), LAST));
}
