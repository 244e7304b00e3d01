import type { Transaction } from '../database/database.ts';
import { sql } from '../database/sql.ts';
import { findBlocks, readBlocks, replaceBlock } from './block-store.ts';
import type { RecordColumns } from './record-columns.ts';
import { selectRecords } from './record-table.ts';

/** Removes requests from before a time, of so many blocks. Gives how many went; 0 when there are none left. */
export async function removeBefore(transaction: Transaction, cut: number, most: number): Promise<number> {
  // Whoever merges blocks must not read what is being removed.
  await transaction.lock('compaction');
  const blocks = await findBlocks(transaction, sql`first_time < ${cut} ORDER BY first_time LIMIT ${most}`);
  let removed = 0;
  for (const { seq, lastTime, records } of blocks) {
    if (lastTime >= cut) continue;
    await transaction.run(sql`DELETE FROM request_blocks WHERE seq = ${seq}`);
    removed += records;
  }
  const cutInTwo = blocks.filter(({ lastTime }) => lastTime >= cut);
  for await (const { seq, columns } of readBlocks(transaction, cutInTwo)) {
    const kept = indicesFrom(columns, cut);
    removed += columns.size - kept.length;
    await replaceBlock(transaction, seq, selectRecords(columns, kept));
  }
  return removed;
}

function indicesFrom(records: RecordColumns, cut: number): number[] {
  const times = records.number('time');
  const kept: number[] = [];
  for (let index = 0; index < records.size; index++) if ((times[index] ?? 0) >= cut) kept.push(index);
  return kept;
}
