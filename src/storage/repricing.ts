import { OUTCOMES } from '../core/ledger/outcome.ts';
import type { Picodollars, Pricing } from '../core/ledger/pricing.ts';
import { NO_USAGE } from '../core/neutral/usage.ts';
import type { Database, Transaction } from './database/database.ts';
import { sql, storableText } from './database/sql.ts';
import { listBlocks, readBlocks, replaceBlock } from './records/block-store.ts';
import { RecordReader } from './records/read-record.ts';
import { FLAG } from './records/record-columns.ts';
import { readId } from './records/record-id.ts';
import { type RecordTable, selectRecords } from './records/record-table.ts';
import { isUnpriced, storableCost, writePrice } from './records/write-record.ts';
import { Deltas } from './rollups/deltas.ts';
import type { LabelWriter } from './rollups/label-writer.ts';
import { cellLabelsOf, type RecordLabels } from './rollups/record-labels.ts';

/** Another price of a request than the one that it was given. */
export interface CostCorrection {
  readonly id: string;
  readonly pricing: Pricing;
}

/** Requests in one transaction. They follow each other in time: a block is read and written once, mostly. */
const AT_ONCE = 2_000;

/**
 * Gives requests other costs: their block, what roll-ups add up, and an entry that keeps the cost before, in one transaction.
 * Requests that are not there, or cost that already, stay as they are. Gives how many were changed.
 */
export async function correctCosts(
  database: Database,
  labels: LabelWriter,
  corrections: readonly CostCorrection[],
  why: string,
  time: number,
): Promise<number> {
  let changed = 0;
  for (let start = 0; start < corrections.length; start += AT_ONCE) {
    changed += await correctSome(database, labels, corrections.slice(start, start + AT_ONCE), why, time);
  }
  return changed;
}

async function correctSome(
  database: Database,
  labels: LabelWriter,
  corrections: readonly CostCorrection[],
  why: string,
  time: number,
): Promise<number> {
  const wanted = new Map(corrections.map(({ id, pricing }) => [storableText(id), pricing]));
  const times = corrections.flatMap(({ id }) => readId(id)?.time ?? []);
  const isOurs = times.length === corrections.length;
  const range = isOurs
    ? { from: Math.min(...times), to: Math.max(...times) + 1 }
    : { from: 0, to: Number.MAX_SAFE_INTEGER };
  // Before the transaction: whoever adds names waits for others that write.
  for await (const { columns } of readBlocks(database, await listBlocks(database, range))) {
    await labels.labels(database, columns);
  }
  return database.transaction(async (transaction) => {
    // Two who correct at once must not both take the same cost for the one before, and nobody may merge what is read.
    await transaction.lock('repricing');
    await transaction.lock('compaction');
    const deltas = new Deltas();
    let changed = 0;
    for await (const block of readBlocks(transaction, await listBlocks(transaction, range))) {
      const table = selectRecords(
        block.columns,
        Uint32Array.from({ length: block.columns.size }, (_, index) => index),
      );
      const found = correctTable(table, wanted);
      if (found.length === 0) continue;
      await replaceBlock(transaction, block.seq, table);
      // Names are known: these requests were written under them.
      const numbers = await labels.labels(database, table);
      for (const correction of found) {
        await note(transaction, correction, why, time);
        addChange(deltas, table, numbers, correction);
      }
      changed += found.length;
    }
    await deltas.write(transaction);
    return changed;
  });
}

/** What a request cost, and what it costs now. */
interface Corrected {
  readonly index: number;
  readonly id: string;
  readonly before: Pricing;
  readonly after: Pricing;
  readonly unpricedBefore: boolean;
}

function correctTable(table: RecordTable, wanted: ReadonlyMap<string, Pricing>): Corrected[] {
  const reader = new RecordReader(table);
  const corrected: Corrected[] = [];
  for (let index = 0; index < table.size; index++) {
    const id = reader.id(index);
    const after = wanted.get(id);
    if (after === undefined) continue;
    const before = reader.pricing(index);
    if (isPricedSo(before, after)) continue;
    corrected.push({ index, id, before, after, unpricedBefore: isMissing(table, index) });
    const extras = { ...table.extras(index) };
    writePrice(table, index, after, isMissingNow(table, index, after), extras);
    table.setExtras(index, Object.keys(extras).length === 0 ? null : extras);
  }
  return corrected;
}

function isMissing(table: RecordTable, index: number): boolean {
  return ((table.number('flags')[index] ?? 0) & FLAG.unpriced) !== 0;
}

function isMissingNow(table: RecordTable, index: number, pricing: Pricing): boolean {
  const usage = ((table.number('flags')[index] ?? 0) & FLAG.counted) === 0 ? null : NO_USAGE;
  return isUnpriced({ usage }, pricing, OUTCOMES[table.number('outcome')[index] ?? 0] ?? 'gateway');
}

function isPricedSo({ cost, lines, reason }: Pricing, pricing: Pricing): boolean {
  if (cost !== pricing.cost || reason !== pricing.reason || lines.length !== pricing.lines.length) return false;
  return lines.every((line, index) => {
    const other = pricing.lines[index];
    return (
      line.kind === other?.kind && line.quantity === other.quantity && line.pricePerMillion === other.pricePerMillion
    );
  });
}

function note(transaction: Transaction, { id, before, after }: Corrected, why: string, time: number): Promise<number> {
  return transaction.run(sql`INSERT INTO repricings
    (request_id, time, cost_before, source_before, cost_after, source_after, why)
    VALUES (${id}, ${time}, ${storableCost(before.cost)}, ${before.source}, ${storableCost(after.cost)},
      ${after.source}, ${storableText(why)})
    ON CONFLICT (request_id, time) DO UPDATE SET cost_after = excluded.cost_after, source_after = excluded.source_after`);
}

function addChange(deltas: Deltas, table: RecordTable, numbers: RecordLabels, corrected: Corrected): void {
  const { index, before, after, unpricedBefore } = corrected;
  deltas.at(table.number('time')[index] ?? 0).addCorrection(cellLabelsOf(table, numbers, index), {
    cost: amount(storableCost(after.cost)) - amount(before.cost),
    priced: Number(storableCost(after.cost) !== null) - Number(before.cost !== null),
    unpriced: Number(isMissing(table, index)) - Number(unpricedBefore),
  });
}

function amount(cost: Picodollars | null): bigint {
  return cost ?? 0n;
}
