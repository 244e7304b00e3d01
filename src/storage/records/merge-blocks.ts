import type { Database, Transaction } from '../database/database.ts';
import { sql } from '../database/sql.ts';
import { type BlockInfo, findBlocks, insertBlock, readBlocks } from './block-store.ts';
import { RecordTable } from './record-table.ts';

/** So many blocks of one size become one: each request is written again a few times in all, however slowly they come. */
const MERGED_TOGETHER = 8;

/** Blocks with so many requests stay as they are. */
const LARGE = 4096;

/** Small blocks that are looked at in one go. */
const LOOKED_AT = 512;

/** Makes larger blocks of small ones. Gives how many went; 0 also where another node does it. */
export function mergeBlocks(database: Database): Promise<number> {
  return database.transaction(async (transaction) => {
    if (!(await transaction.tryLock('compaction'))) return 0;
    const { settled } = database.dialect.arrival;
    const small = await findBlocks(
      transaction,
      sql`records < ${LARGE} AND ${settled} ORDER BY first_time, seq LIMIT ${LOOKED_AT}`,
    );
    let merged = 0;
    for (const some of ready(small)) {
      await merge(transaction, some);
      merged += some.length;
    }
    return merged;
  });
}

/** Those of a size that are enough to become one, in the order of time. */
function ready(blocks: readonly BlockInfo[]): BlockInfo[][] {
  const bySize = Map.groupBy(blocks, ({ records }) => Math.floor(Math.log(records) / Math.log(MERGED_TOGETHER)));
  return [...bySize.values()].flatMap((some) => {
    const whole = Math.floor(some.length / MERGED_TOGETHER);
    return Array.from({ length: whole }, (_, index) =>
      some.slice(index * MERGED_TOGETHER, (index + 1) * MERGED_TOGETHER),
    );
  });
}

async function merge(transaction: Transaction, blocks: readonly BlockInfo[]): Promise<void> {
  const table = new RecordTable(blocks.reduce((sum, { records }) => sum + records, 0));
  const arrivals = table.numbers.arrival;
  for await (const { columns, arrival } of readBlocks(transaction, blocks)) {
    const first = table.size;
    table.append(columns);
    for (let index = first; index < table.size; index++) {
      if (arrivals.values[index] === 0) arrivals.set(index, arrival);
    }
  }
  for (const { seq } of blocks) await transaction.run(sql`DELETE FROM request_blocks WHERE seq = ${seq}`);
  const last = Math.max(...blocks.map(({ arrival }) => arrival));
  const first = Math.min(...blocks.map(({ firstArrival }) => firstArrival));
  await insertBlock(transaction, sql`${last}`, table, sql`${first}`);
}
