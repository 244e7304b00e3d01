import { appendAudit } from './audit/audit-writer.ts';
import type { Database, Queryable, Transaction } from './database/database.ts';
import { joined, sql } from './database/sql.ts';
import type { JournalPosition, LedgerBatch } from './ledger-store.ts';
import { writePayloads } from './payloads.ts';
import { insertBlock } from './records/block-store.ts';
import { withoutKnown } from './records/known-records.ts';
import { Deltas } from './rollups/deltas.ts';
import type { LabelWriter } from './rollups/label-writer.ts';

/**
 * A block of requests, what they add to roll-ups, payloads and positions, in one transaction. Roll-ups are not touched: what
 * a batch adds is one more row, so that nodes never wait for each other. `mergeDeltas` brings them together.
 */
export async function writeBatch(database: Database, labels: LabelWriter, batch: LedgerBatch): Promise<void> {
  const numbers = batch.records.size === 0 ? null : await labels.labels(database, batch.records);
  await database.transaction(async (transaction) => {
    const isNew = await areNew(transaction, batch.positions);
    const records = isNew ? batch.records : await withoutKnown(transaction, batch.records);
    if (numbers !== null && records.size > 0) {
      const deltas = new Deltas();
      deltas.add(records, records === batch.records ? numbers : await labels.labels(database, records));
      await insertBlock(transaction, database.dialect.arrival.next, records);
      await deltas.write(transaction);
    }
    await writePayloads(transaction, batch.payloads);
    for (const position of batch.positions) await writePosition(transaction, position);
    // Last, because other nodes wait for it.
    if (batch.events !== undefined) await appendAudit(transaction, batch.events);
  });
}

/** True where the journals have not been taken over beyond where the batch begins: then nothing of it was written before. */
async function areNew(reader: Queryable, positions: readonly JournalPosition[]): Promise<boolean> {
  if (positions.length === 0 || positions.some(({ from }) => from === undefined)) return false;
  const names = joined(
    positions.map(({ journal }) => sql`${journal}`),
    ', ',
  );
  const rows = await reader.values(sql`SELECT journal, position FROM journal_positions WHERE journal IN (${names})`);
  const taken = new Map(rows.map(([journal, position]) => [String(journal), Number(position)]));
  return positions.every(({ journal, from = 0 }) => (taken.get(journal) ?? 0) <= from);
}

function writePosition(transaction: Transaction, { journal, position }: JournalPosition): Promise<number> {
  return transaction.run(sql`INSERT INTO journal_positions (journal, position) VALUES (${journal}, ${position})
    ON CONFLICT (journal) DO UPDATE SET position = excluded.position`);
}
