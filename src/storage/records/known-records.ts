import type { Queryable } from '../database/database.ts';
import { listBlocks, readBlocks } from './block-store.ts';
import type { RecordColumns } from './record-columns.ts';
import { IdWriter } from './record-id.ts';
import { selectRecords } from './record-table.ts';

/** These requests without those that are stored already, or stand among them twice. The same where there are none. */
export async function withoutKnown(reader: Queryable, records: RecordColumns): Promise<RecordColumns> {
  if (records.size === 0) return records;
  const times = records.number('time');
  let from = Number.POSITIVE_INFINITY;
  let to = 0;
  for (let index = 0; index < records.size; index++) {
    from = Math.min(from, times[index] ?? 0);
    to = Math.max(to, times[index] ?? 0);
  }
  const ids = new IdWriter(records);
  const fresh = new Map<string, number>();
  for (let index = 0; index < records.size; index++) if (!fresh.has(ids.id(index))) fresh.set(ids.id(index), index);
  const blocks = await listBlocks(reader, { from, to: to + 1 });
  for await (const { columns } of readBlocks(reader, blocks)) {
    const stored = new IdWriter(columns);
    for (let index = 0; index < columns.size; index++) fresh.delete(stored.id(index));
  }
  return fresh.size === records.size ? records : selectRecords(records, [...fresh.values()]);
}
