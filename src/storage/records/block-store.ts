import type { Queryable, Transaction } from '../database/database.ts';
import { fixed, listed, type Sql, type SqlValue, sql } from '../database/sql.ts';
import type { TimeRange } from '../ledger-queries.ts';
import { decodeRecords, encodeRecords, type RecordBlock } from './record-codec.ts';
import type { RecordColumns } from './record-columns.ts';

/** One row of `request_blocks` without its requests. */
export interface BlockInfo {
  readonly seq: number;
  /** When its last request, and its first, could be seen: see `Arrival`. */
  readonly arrival: number;
  readonly firstArrival: number;
  /** The times of its requests lie between these, both included. Milliseconds. */
  readonly firstTime: number;
  readonly lastTime: number;
  readonly records: number;
  readonly bytes: number;
}

export interface StoredBlock extends BlockInfo {
  readonly columns: RecordBlock;
}

/** Blocks that are read with one statement, about. */
const BYTES_AT_ONCE = 4 * 2 ** 20;

const INFO = fixed('seq, arrival, first_arrival, first_time, last_time, records, bytes');
const INFO_COLUMNS = 7;

/** Writes requests as one block. `arrivals`: of those that could be seen before, the last and the first. */
export async function insertBlock(
  transaction: Transaction,
  arrival: Sql,
  records: RecordColumns,
  firstArrival: Sql = arrival,
): Promise<void> {
  if (records.size === 0) return;
  const [first, last] = timesOf(records);
  const bytes = encodeRecords(records);
  await transaction.run(sql`INSERT INTO request_blocks
    (arrival, first_arrival, first_time, last_time, records, bytes, columns)
    VALUES (${arrival}, ${firstArrival}, ${first}, ${last}, ${records.size}, ${bytes.length}, ${bytes})`);
}

/** Puts other columns of the same requests in the place of those of a block. */
export async function replaceBlock(transaction: Transaction, seq: number, records: RecordColumns): Promise<void> {
  const [first, last] = timesOf(records);
  const bytes = encodeRecords(records);
  await transaction.run(sql`UPDATE request_blocks SET first_time = ${first}, last_time = ${last},
    records = ${records.size}, bytes = ${bytes.length}, columns = ${bytes} WHERE seq = ${seq}`);
}

function timesOf(records: RecordColumns): [first: number, last: number] {
  const times = records.number('time');
  let first = Number.POSITIVE_INFINITY;
  let last = 0;
  for (let index = 0; index < records.size; index++) {
    const time = times[index] ?? 0;
    if (time < first) first = time;
    if (time > last) last = time;
  }
  return [first, last];
}

/** Blocks that have something of the range, or might. */
export function listBlocks(reader: Queryable, { from, to }: TimeRange): Promise<BlockInfo[]> {
  return findBlocks(reader, sql`last_time >= ${Math.ceil(from)} AND first_time < ${Math.ceil(to)} ORDER BY seq`);
}

export async function findBlocks(reader: Queryable, condition: Sql): Promise<BlockInfo[]> {
  const rows = await reader.values(sql`SELECT ${INFO} FROM request_blocks WHERE ${condition}`);
  return rows.map(infoOf);
}

function infoOf(row: readonly SqlValue[]): BlockInfo {
  const [seq = 0, arrival = 0, firstArrival = 0, firstTime = 0, lastTime = 0, records = 0, bytes = 0] = row
    .slice(0, INFO_COLUMNS)
    .map(Number);
  return { seq, arrival, firstArrival, firstTime, lastTime, records, bytes };
}

/** Their requests, in the order of the list, a few blocks at a time. Those that are gone meanwhile are left out. */
export async function* readBlocks(reader: Queryable, blocks: readonly BlockInfo[]): AsyncGenerator<StoredBlock> {
  let read: Map<number, Uint8Array> = new Map();
  for (let next = 0, end = 0; next < blocks.length; next++) {
    const block = blocks[next] as BlockInfo;
    if (next === end) {
      end = endOfSome(blocks, next, BYTES_AT_ONCE);
      read = await readSome(reader, blocks, next, BYTES_AT_ONCE);
    }
    const bytes = read.get(block.seq);
    read.delete(block.seq);
    if (bytes !== undefined) yield { ...block, columns: decodeBlock(block, bytes) };
  }
}

/**
 * The columns of some blocks by their number: from this one of the list on as many as have so many bytes, and one at least.
 * Without those that were merged meanwhile, whose number may be that of another block now.
 */
export async function readSome(
  reader: Queryable,
  blocks: readonly BlockInfo[],
  start: number,
  bytes: number,
): Promise<Map<number, Uint8Array>> {
  const some = blocks.slice(start, endOfSome(blocks, start, bytes));
  const list = listed(some.map(({ seq }) => seq));
  const rows = await reader.values(sql`SELECT ${INFO}, columns FROM request_blocks WHERE seq IN (${list})`);
  const asked = new Set(some.map(sameBlock));
  return new Map(
    rows.flatMap((row) => {
      const info = infoOf(row);
      return asked.has(sameBlock(info)) ? [[info.seq, row.at(-1) as Uint8Array] as const] : [];
    }),
  );
}

/** The same for a block as long as it has the same requests. */
export function sameBlock({ seq, arrival, firstArrival, firstTime, lastTime, records }: BlockInfo): string {
  return [seq, arrival, firstArrival, firstTime, lastTime, records].join('-');
}

function endOfSome(blocks: readonly BlockInfo[], start: number, bytes: number): number {
  let end = start;
  for (let sum = 0; end < blocks.length && (end === start || sum + (blocks[end]?.bytes ?? 0) <= bytes); end++) {
    sum += blocks[end]?.bytes ?? 0;
  }
  return end;
}

/** Throws for what is no block, and says which one it is. */
export function decodeBlock({ seq }: BlockInfo, bytes: Uint8Array): RecordBlock {
  try {
    return decodeRecords(bytes);
  } catch (cause) {
    throw new Error(`Row ${seq} of request_blocks is damaged.`, { cause });
  }
}
