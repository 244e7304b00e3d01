import type { LedgerDatabase } from '../../src/storage/ledger-database.ts';
import { listBlocks, readBlocks, replaceBlock } from '../../src/storage/records/block-store.ts';
import { RecordReader } from '../../src/storage/records/read-record.ts';
import { selectRecords } from '../../src/storage/records/record-table.ts';

/** Takes the oldest request, or the newest, out of the database, which does not know of it. */
export async function loseRequest({ database }: LedgerDatabase, which: 'oldest' | 'newest'): Promise<void> {
  const all = { from: 0, to: Number.MAX_SAFE_INTEGER };
  const found: { seq: number; index: number; id: string }[] = [];
  for await (const { seq, columns } of readBlocks(database, await listBlocks(database, all))) {
    const reader = new RecordReader(columns);
    for (let index = 0; index < columns.size; index++) found.push({ seq, index, id: reader.id(index) });
  }
  found.sort((one, other) => (one.id < other.id ? -1 : 1));
  const lost = which === 'oldest' ? found[0] : found.at(-1);
  if (lost === undefined) throw new Error('there is no request');
  const blocks = (await listBlocks(database, all)).filter(({ seq }) => seq === lost.seq);
  for await (const { seq, columns } of readBlocks(database, blocks)) {
    const kept = Array.from({ length: columns.size }, (_, index) => index).filter((index) => index !== lost.index);
    await database.transaction((transaction) => replaceBlock(transaction, seq, selectRecords(columns, kept)));
  }
}
