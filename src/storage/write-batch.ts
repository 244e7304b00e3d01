import { appendAudit } from './audit/audit-writer.ts';
import type { Database, Transaction } from './database/database.ts';
import { sql } from './database/sql.ts';
import type { JournalPosition, LedgerBatch, PricedRecord } from './ledger-store.ts';
import { writePayloads } from './payloads.ts';
import { Deltas } from './rollups/deltas.ts';
import type { LabelWriter } from './rollups/label-writer.ts';
import { AT, REQUEST_COLUMNS } from './rows/request-columns.ts';
import { writeRow } from './rows/write-row.ts';

/**
 * Rows, what they add to roll-ups, payloads and positions, in one transaction. Roll-ups are not touched: what a batch adds is
 * one more row, so that nodes never wait for each other. `mergeDeltas` brings them together.
 */
export async function writeBatch(database: Database, labels: LabelWriter, batch: LedgerBatch): Promise<void> {
  const { records } = batch;
  await labels.prepare(database, records);
  await database.transaction(async (transaction) => {
    const deltas = new Deltas();
    await transaction.insertNew({
      table: 'requests',
      columns: REQUEST_COLUMNS,
      count: records.length,
      row: (index) => writeRow(records[index] as PricedRecord),
      inserted: (row) => deltas.at(Number(row[AT.time])).addRow(row, labels.of(row)),
    });
    await deltas.write(transaction);
    await writePayloads(transaction, batch.payloads);
    for (const position of batch.positions) await writePosition(transaction, position);
    // Last, because other nodes wait for it.
    if (batch.events !== undefined) await appendAudit(transaction, batch.events);
  });
}

function writePosition(transaction: Transaction, { journal, position }: JournalPosition): Promise<number> {
  return transaction.run(sql`INSERT INTO journal_positions (journal, position) VALUES (${journal}, ${position})
    ON CONFLICT (journal) DO UPDATE SET position = excluded.position`);
}
