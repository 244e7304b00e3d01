import type { Database, Queryable } from '../database/database.ts';
import { sql, storableText } from '../database/sql.ts';
import type { RequestDetail } from '../ledger-queries.ts';
import { findBlocks, readBlocks } from '../records/block-store.ts';
import type { RecordColumns } from '../records/record-columns.ts';
import { IdWriter, readId } from '../records/record-id.ts';
import { selectRecords } from '../records/record-table.ts';
import { BlockScan } from './block-scan.ts';
import { detailsOf } from './details.ts';
import { type KeptRecords, keepRecords } from './kept-texts.ts';
import { foreignIds } from './text-search.ts';
import type { Row } from './top-rows.ts';

export async function readRequest(database: Database, given: string): Promise<RequestDetail | null> {
  const id = storableText(given);
  const time = readId(id)?.time;
  const [detail] = await database.snapshot(async (reader) => {
    const found = time === undefined ? null : await findAt(reader, id, time);
    return found === null ? [] : detailsOf(reader, [found]);
  });
  if (detail !== undefined || time !== undefined) return detail ?? null;
  const found = await findForeign(database, id);
  return found === null ? null : ((await detailsOf(database, [found]))[0] ?? null);
}

/** An id of ours says which blocks it can be in. */
async function findAt(reader: Queryable, id: string, time: number): Promise<Row<KeptRecords> | null> {
  const blocks = await findBlocks(reader, sql`last_time >= ${time} AND first_time <= ${time} ORDER BY seq`);
  for await (const { columns } of readBlocks(reader, blocks)) {
    const times = columns.number('time');
    const ids = new IdWriter(columns);
    for (let index = 0; index < columns.size; index++) {
      if (times[index] === time && ids.id(index) === id) return rowOf(columns, index, id);
    }
  }
  return null;
}

/** Gateways make no such ids, so none of this has to be fast: all blocks are looked through. */
export async function findForeign(database: Database, id: string): Promise<Row<KeptRecords> | null> {
  const scan = await BlockScan.begin(database, { from: 0, to: Number.MAX_SAFE_INTEGER }, true);
  for (let block = await scan.next(); block !== null; block = await scan.next()) {
    const records = block;
    const index = foreignIds(records).find((candidate) => records.extras(candidate)?.id === id);
    if (index !== undefined) return rowOf(records, index, id);
  }
  return null;
}

function rowOf(records: RecordColumns, index: number, id: string): Row<KeptRecords> {
  const time = records.number('time')[index] ?? 0;
  return { value: time, time, id, kept: keepRecords(selectRecords(records, [index])), index: 0 };
}
