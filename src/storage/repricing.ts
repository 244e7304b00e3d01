import { OUTCOMES } from '../core/ledger/outcome.ts';
import type { Picodollars, Pricing } from '../core/ledger/pricing.ts';
import { NO_USAGE } from '../core/neutral/usage.ts';
import type { Database, Transaction } from './database/database.ts';
import { joined, type SqlValue, sql, storableText } from './database/sql.ts';
import { Deltas } from './rollups/deltas.ts';
import type { LabelWriter } from './rollups/label-writer.ts';
import { replacePricing } from './rows/detail.ts';
import { costOf, pricingOf, type Row, readRecord, rowColumns } from './rows/read-row.ts';
import { AT, FLAG } from './rows/request-columns.ts';
import { isUnpriced, storableCost } from './rows/write-row.ts';

/** Another price of a request than the one that it was given. */
export interface CostCorrection {
  readonly id: string;
  readonly pricing: Pricing;
}

/** Rows in one transaction. */
const AT_ONCE = 500;

/**
 * Gives requests other costs: the row, what roll-ups add up, and an entry that keeps the cost before, in one transaction.
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
  const ids = joined(
    [...wanted.keys()].map((id) => sql`${id}`),
    ', ',
  );
  const select = sql`SELECT ${rowColumns(database.dialect)} FROM requests WHERE id IN (${ids})`;
  const rows = await database.values(select);
  await labels.prepare(
    database,
    rows.map((row) => ({ record: readRecord(row), pricing: pricingOf(row) })),
  );
  return database.transaction(async (transaction) => {
    // Two who correct at once must not both take the same cost for the one before.
    await transaction.lock('repricing');
    const deltas = new Deltas();
    let changed = 0;
    for (const row of await transaction.values(select)) {
      const pricing = wanted.get(String(row[AT.id]));
      if (!pricing || isPricedSo(row, pricing)) continue;
      await correctRow(transaction, row, pricing, why, time);
      addChange(deltas, labels, row, pricing);
      changed += 1;
    }
    await deltas.write(transaction);
    return changed;
  });
}

function isPricedSo(row: Row, pricing: Pricing): boolean {
  const { cost, lines, reason } = pricingOf(row);
  if (cost !== pricing.cost || reason !== pricing.reason || lines.length !== pricing.lines.length) return false;
  return lines.every((line, index) => {
    const other = pricing.lines[index];
    return (
      line.kind === other?.kind && line.quantity === other.quantity && line.pricePerMillion === other.pricePerMillion
    );
  });
}

async function correctRow(
  transaction: Transaction,
  row: Row,
  pricing: Pricing,
  why: string,
  time: number,
): Promise<void> {
  const id = String(row[AT.id]);
  const before = pricingOf(row);
  const flags = flagsOf(row, pricing);
  const detail = replacePricing(String(row[AT.detail]), pricing);
  await transaction.run(sql`UPDATE requests SET cost = ${storableCost(pricing.cost)}, flags = ${flags}, detail = ${detail}
    WHERE id = ${id}`);
  await transaction.run(sql`INSERT INTO repricings
    (request_id, time, cost_before, source_before, cost_after, source_after, why) VALUES (${id}, ${time}, ${storableCost(before.cost)}, ${before.source}, ${storableCost(pricing.cost)},
      ${pricing.source}, ${storableText(why)})
    ON CONFLICT (request_id, time) DO UPDATE SET cost_after = excluded.cost_after, source_after = excluded.source_after`);
}

function flagsOf(row: Row, pricing: Pricing): number {
  const flags = Number(row[AT.flags]) & ~FLAG.unpriced;
  const outcome = OUTCOMES[Number(row[AT.outcome])] ?? 'gateway';
  const usage = row[AT.input] === null ? null : NO_USAGE;
  return isUnpriced({ usage }, pricing, outcome) ? flags | FLAG.unpriced : flags;
}

function addChange(deltas: Deltas, labels: LabelWriter, row: Row, pricing: Pricing): void {
  const before = costOf(row);
  const flags = (value: SqlValue | undefined): number => ((Number(value) & FLAG.unpriced) === 0 ? 0 : 1);
  deltas.at(Number(row[AT.time])).addCorrection(labels.of(row), {
    cost: amount(pricing.cost) - amount(before),
    priced: Number(pricing.cost !== null) - Number(before !== null),
    unpriced: flags(flagsOf(row, pricing)) - flags(row[AT.flags]),
  });
}

function amount(cost: Picodollars | null): bigint {
  return cost ?? 0n;
}
