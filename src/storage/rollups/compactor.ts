import type { Database, Transaction } from '../database/database.ts';
import { joined, sql } from '../database/sql.ts';
import type { CellBlock } from './cell-block.ts';
import { CellBuilder } from './cell-builder.ts';
import { decodeCells, encodeCells } from './cell-codec.ts';
import { CUBE_NAMES, CUBES, type CubeName, DAY, HALF_HOUR, startOf } from './periods.ts';

/** What was written is merged into roll-ups when there are this many pieces of it. */
export const MERGED_FROM = 32;
const MERGED_AT_ONCE = 256;

/** A roll-up with more cells has several parts, so that merging needs little memory. */
const CELLS_OF_A_PART = 65_536;

/** How long after its end a day is summed up; what comes later is added. */
const DAY_CLOSES_AFTER = 2 * HALF_HOUR;

interface Delta {
  readonly seq: number;
  readonly start: number;
  readonly block: CellBlock;
}

/**
 * Takes pieces that were written into the roll-ups of their half hours, and of their days where these are summed up already. In
 * one transaction, so that a reader counts each piece once. Gives how many there were; 0 also where another node does it.
 */
export function mergeDeltas(database: Database): Promise<number> {
  return database.transaction(async (transaction) => {
    if (!(await transaction.tryLock('compaction'))) return 0;
    const rows = await transaction.values(
      sql`SELECT seq, start, cells FROM rollup_deltas ORDER BY seq LIMIT ${MERGED_AT_ONCE}`,
    );
    const deltas = rows.map(
      ([seq, start, cells]): Delta => ({
        seq: Number(seq),
        start: Number(start),
        block: decodeCells(cells as Uint8Array),
      }),
    );
    for (const [start, some] of Map.groupBy(deltas, (delta) => delta.start)) {
      await addToRollups(
        transaction,
        start,
        some.map(({ block }) => block),
      );
    }
    const numbers = deltas.map(({ seq }) => sql`${seq}`);
    if (deltas.length > 0)
      await transaction.run(sql`DELETE FROM rollup_deltas WHERE seq IN (${joined(numbers, ', ')})`);
    return deltas.length;
  });
}

async function addToRollups(transaction: Transaction, start: number, blocks: readonly CellBlock[]): Promise<void> {
  const day = startOf(start, DAY);
  for (const cube of CUBE_NAMES) {
    await addToRollup(transaction, cube, HALF_HOUR, start, blocks);
    const [summed] = await transaction.values(
      sql`SELECT 1 FROM rollups WHERE cube = ${cube} AND period = ${DAY} AND start = ${day} LIMIT 1`,
    );
    if (summed) await addToRollup(transaction, cube, DAY, day, blocks);
  }
}

/** Into its last part; the others are full. */
async function addToRollup(
  transaction: Transaction,
  cube: CubeName,
  period: number,
  start: number,
  blocks: readonly CellBlock[],
): Promise<void> {
  const [last] = await transaction.values(sql`SELECT part, cells FROM rollups
    WHERE cube = ${cube} AND period = ${period} AND start = ${start} ORDER BY part DESC LIMIT 1`);
  const before = last ? [decodeCells(last[1] as Uint8Array)] : [];
  await writeParts(transaction, cube, period, start, Number(last?.[0] ?? 0), mergeBlocks(cube, [...before, ...blocks]));
}

async function writeParts(
  transaction: Transaction,
  cube: CubeName,
  period: number,
  start: number,
  first: number,
  parts: Iterable<CellBlock>,
): Promise<void> {
  let part = first;
  for (const block of parts) {
    const cells = encodeCells(block);
    await transaction.run(sql`INSERT INTO rollups (cube, period, start, part, cells)
      VALUES (${cube}, ${period}, ${start}, ${part}, ${cells})
      ON CONFLICT (cube, period, start, part) DO UPDATE SET cells = excluded.cells`);
    part++;
  }
}

function* mergeBlocks(cube: CubeName, blocks: Iterable<CellBlock>): Generator<CellBlock> {
  let builder = new CellBuilder();
  for (const block of blocks) {
    builder.addBlock(block, CUBES[cube]);
    if (builder.size < CELLS_OF_A_PART) continue;
    yield builder.build();
    builder = new CellBuilder();
  }
  if (builder.size > 0) yield builder.build();
}

/**
 * Sums up one day that ended, the oldest that is not summed up yet. False when there is none, or another node
 * is at it.
 */
export function sumUpDay(database: Database, now: number): Promise<boolean> {
  return database.transaction(async (transaction) => {
    if (!(await transaction.tryLock('compaction'))) return false;
    const day = await nextDay(transaction, startOf(now - DAY_CLOSES_AFTER, DAY));
    if (day === null) return false;
    for (const cube of CUBE_NAMES) {
      const parts = await transaction.values(sql`SELECT cells FROM rollups
        WHERE cube = ${cube} AND period = ${HALF_HOUR} AND start >= ${day} AND start < ${day + DAY} ORDER BY start, part`);
      const blocks = parts.values().map(([cells]) => decodeCells(cells as Uint8Array));
      await writeParts(transaction, cube, DAY, day, 0, mergeBlocks(cube, blocks));
    }
    return true;
  });
}

async function nextDay(transaction: Transaction, before: number): Promise<number | null> {
  const [next] = await transaction.values(sql`SELECT min(halves.start) FROM rollups AS halves
    WHERE halves.cube = 'route' AND halves.period = ${HALF_HOUR} AND halves.start < ${before} AND NOT EXISTS (
      SELECT 1 FROM rollups AS days WHERE days.cube = 'route' AND days.period = ${DAY}
      AND days.start = halves.start - halves.start % ${DAY}
    )`);
  const start = next?.[0] ?? null;
  return start === null ? null : startOf(Number(start), DAY);
}
