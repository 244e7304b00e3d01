import type { Database } from '../database/database.ts';
import type { TimeRange } from '../ledger-queries.ts';
import { wholeRange } from '../records/id-range.ts';
import type { RecordColumns } from '../records/record-columns.ts';
import { IdWriter } from '../records/record-id.ts';
import { BlockScan } from './block-scan.ts';
import { NEVER, NO_IDS, type RecordFilter } from './compile-filter.ts';
import { keptIdsOfBlock } from './kept-texts.ts';
import { comparePlaces, type Place, type Row, TopRows } from './top-rows.ts';

export interface Selection<Kept> {
  readonly range: TimeRange;
  readonly filter: RecordFilter;
  /** What rows are sorted by; null: by time, which needs no more blocks than hold the first rows. */
  readonly value: ((records: RecordColumns) => (index: number) => number) | null;
  readonly descending: boolean;
  /** Rows behind it are wanted. */
  readonly after: Place | null;
  readonly limit: number;
  /** When to stop, by `performance.now()`; null: at the end. */
  readonly deadline: number | null;
  /** `keep` needs them too. */
  readonly needsPayloads?: boolean;
  /** What of these requests is needed later, in their order. */
  keep(records: RecordColumns, indices: readonly number[], payloads: ReadonlySet<string>): Kept;
}

export interface Selected<Kept> {
  /** The first ones behind `after`. */
  readonly rows: readonly Row<Kept>[];
  /** There may be more within `range`. */
  readonly more: boolean;
  /** What was looked at: the whole range, or its part up to the deadline. */
  readonly range: TimeRange;
  readonly isLate: boolean;
}

/** The first rows of an order. */
export async function selectRows<Kept>(database: Database, selection: Selection<Kept>): Promise<Selected<Kept>> {
  const { filter, value, descending, deadline, limit } = selection;
  const range = narrowed(selection);
  const newestFirst = value !== null || descending;
  const scan = await BlockScan.begin(database, range, newestFirst);
  const needsPayloads = filter.needsPayloads || selection.needsPayloads === true;
  let payloads = NO_IDS;
  const top = new TopRows(limit, descending, (of: RecordColumns, indices) => selection.keep(of, indices, payloads));
  let block = await scan.next();
  while (block !== null) {
    payloads = needsPayloads && filter.mayMatch(block) ? await keptIdsOfBlock(database, block) : NO_IDS;
    const test = filter.on(block, payloads);
    if (test !== NEVER) offerRows(block, test, selection, range, top);
    top.settle(scan.mayRepeat);
    const { rest } = scan;
    if (rest === null) break;
    if (value === null && top.isFull && isBefore(top.rows.at(-1)?.time ?? 0, rest, descending)) break;
    const looked = newestFirst ? { from: rest + 1, to: range.to } : { from: range.from, to: rest };
    if (deadline !== null && performance.now() > deadline && looked.from < looked.to) return cutOff(top, looked);
    block = await scan.next();
  }
  return { rows: top.rows, more: top.isFull, range, isLate: false };
}

/** By time, no block is needed that ends before the place after which rows are wanted. */
function narrowed({ range, value, after, descending }: Selection<unknown>): TimeRange {
  const { from, to } = wholeRange(range);
  if (value !== null || after === null) return { from, to };
  if (!descending) return { from: Math.max(from, after.time), to };
  return { from, to: Math.min(to, after.id === '' ? after.time : after.time + 1) };
}

function isBefore(time: number, rest: number, descending: boolean): boolean {
  return descending ? time > rest : time < rest;
}

/** Rows of the part that was looked at wholly. Others were found too, but between them some may be missing. */
function cutOff<Kept>(top: TopRows<Kept>, range: TimeRange): Selected<Kept> {
  const rows = top.rows.filter(({ time }) => time >= range.from && time < range.to);
  return { rows, more: top.isFull, range, isLate: true };
}

function offerRows<Kept>(
  block: RecordColumns,
  test: (index: number) => boolean,
  { value, descending, after }: Selection<Kept>,
  { from, to }: TimeRange,
  top: TopRows<Kept>,
): void {
  const times = block.number('time');
  const valueAt = value === null ? null : value(block);
  const isBehind = after === null ? null : behind(block, after, descending);
  const { size } = block;
  top.begin(block);
  // Requests of a block are about in the order of time, so the newest are at its end.
  for (let step = 0; step < size; step++) {
    const index = descending ? size - 1 - step : step;
    const time = times[index] ?? 0;
    if (time < from || time >= to) continue;
    const sorted = valueAt === null ? time : valueAt(index);
    if (!top.admits(sorted, time)) continue;
    if (isBehind !== null && !isBehind(sorted, time, index)) continue;
    if (test(index)) top.offer(sorted, time, index);
  }
}

function behind(
  block: RecordColumns,
  { value, time, id }: Place,
  descending: boolean,
): (value: number, time: number, index: number) => boolean {
  const ids = new IdWriter(block);
  return (ofRow, timeOfRow, index) => {
    if (ofRow !== value) return ofRow < value === descending;
    if (timeOfRow !== time) return timeOfRow < time === descending;
    const order = comparePlaces({ value, time, id: ids.id(index) }, { value, time, id });
    return descending ? order < 0 : order > 0;
  };
}
