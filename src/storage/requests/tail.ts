import type { Database, Queryable } from '../database/database.ts';
import { sql } from '../database/sql.ts';
import { EVERYTHING } from '../filter.ts';
import type { TailPage, TailQuery } from '../ledger-queries.ts';
import { type BlockInfo, findBlocks, readBlocks, type StoredBlock } from '../records/block-store.ts';
import type { RecordColumns } from '../records/record-columns.ts';
import { IdWriter } from '../records/record-id.ts';
import { selectRecords } from '../records/record-table.ts';
import { QueryRefused } from '../usage/time-buckets.ts';
import { compileFilter } from './compile-filter.ts';
import { type KeptRecords, keepRecords, keptIdsOf } from './kept-texts.ts';
import { type Row, TopRows } from './top-rows.ts';

/** How many rows one answer looks at, whether they match or not. */
const LOOKED_AT = 1_000;

/**
 * The arrival of the last row that was looked at, and its id: rows of one transaction arrive together. Without an id,
 * nothing of that arrival was looked at.
 */
const POSITION = /^(\d{1,16})-(.{0,200})$/s;

interface Position {
  readonly arrival: number;
  readonly id: string;
}

export async function readTail(database: Database, query: TailQuery): Promise<TailPage> {
  const filter = compileFilter(query.filter ?? EVERYTHING);
  const limit = Math.min(Math.max(query.limit ?? LOOKED_AT, 1), LOOKED_AT);
  return database.snapshot(async (reader) => {
    const [head] = await reader.values(sql`SELECT ${database.dialect.arrival.now}`);
    const now = Number(head?.[0] ?? 0);
    if (query.position === null) return { items: [], position: `${now}-`, more: false };
    const rows = await rowsBehind(reader, readPosition(query.position, now), now, limit);
    const last = rows.at(-1);
    const more = last !== undefined && rows.length === limit;
    const kept = await keptIdsOf(
      reader,
      rows.map(({ id }) => id),
    );
    const tests = new Map<KeptRecords, (index: number) => boolean>();
    for (const { kept: of } of rows) if (!tests.has(of)) tests.set(of, filter.on(of.records, kept));
    const matching = rows.filter((row) => tests.get(row.kept)?.(row.index));
    return {
      items: matching.map((row) => row.kept.reader.summary(row.index, kept.has(row.id))),
      // Behind everything that could be seen: the last block need not be read again to find nothing more in it.
      position: more ? `${last.value}-${last.id}` : `${now}-`,
      more,
    };
  });
}

function readPosition(position: string, now: number): Position {
  const [, arrival = '', id = ''] = POSITION.exec(position) ?? [];
  if (arrival === '') throw new QueryRefused('The position is not one that the live tail gave out.');
  // After every row was deleted SQLite counts from the beginning.
  return Number(arrival) > now ? { arrival: 0, id: '' } : { arrival: Number(arrival), id };
}

/**
 * The next rows in the order of their arrival, of those that arrived before `now`. Blocks that were merged hold rows of
 * several arrivals; `now` decides for each row, so that a block with rows of a transaction that is not over holds nothing up.
 */
async function rowsBehind(reader: Queryable, from: Position, now: number, limit: number): Promise<Row<KeptRecords>[]> {
  const blocks = await findBlocks(
    reader,
    sql`arrival >= ${from.arrival} AND first_arrival < ${now} ORDER BY first_arrival, seq`,
  );
  const top = new TopRows(limit, false, (records: RecordColumns, indices) =>
    keepRecords(selectRecords(records, indices)),
  );
  let next = 0;
  for await (const block of readBlocks(reader, blocks)) {
    offerRows(block, from, now, top);
    next++;
    if (top.isFull && isBefore(top.rows.at(-1), blocks[next])) break;
  }
  return [...top.rows];
}

/** Nothing of this block, or of those after it, comes before the row. */
function isBefore(row: Row<KeptRecords> | undefined, block: BlockInfo | undefined): boolean {
  return row === undefined || block === undefined || row.value < block.firstArrival;
}

function offerRows(block: StoredBlock, from: Position, now: number, top: TopRows<KeptRecords>): void {
  const { columns } = block;
  const arrivals = columns.number('arrival');
  const ids = new IdWriter(columns);
  top.begin(columns);
  for (let index = 0; index < columns.size; index++) {
    const arrival = arrivals[index] || block.arrival;
    if (arrival < from.arrival || arrival >= now || !top.admits(arrival, 0)) continue;
    if (arrival === from.arrival && ids.id(index) <= from.id) continue;
    // Rows of one arrival are in the order of their ids, not of their times.
    top.offer(arrival, 0, index);
  }
  top.settle(false);
}
