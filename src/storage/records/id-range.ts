import { timeText } from '../../core/ledger/request-id.ts';
import { type Sql, sql } from '../database/sql.ts';
import type { TimeRange } from '../ledger-queries.ts';

/** The last time that ten digits can say. */
const LAST = 32 ** 10 - 1;

/** Whole milliseconds that an id can say: the same requests, and nothing that a database could not compare. */
export function wholeRange({ from, to }: TimeRange): TimeRange {
  return { from: wholeTime(from), to: Math.min(Math.max(Math.ceil(to), 0), LAST + 1) };
}

/** Of a table that has `request_id`, the requests of a range of time. */
export function requestIdRange({ from, to }: TimeRange): Sql {
  return sql`request_id >= ${idFrom(from)} AND request_id < ${idFrom(to)}`;
}

/** Where the ids of a time begin. */
export function idFrom(time: number): string {
  return timeText(wholeTime(time));
}

function wholeTime(time: number): number {
  return Math.min(Math.max(Math.ceil(time), 0), LAST);
}
