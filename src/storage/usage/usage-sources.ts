import type { Queryable } from '../database/database.ts';
import { sql } from '../database/sql.ts';
import type { TimeRange } from '../ledger-queries.ts';
import { listBlocks, readBlocks } from '../records/block-store.ts';
import type { RecordColumns } from '../records/record-columns.ts';
import { NO_IDS, type RecordFilter } from '../requests/compile-filter.ts';
import { keptIdsOfBlock } from '../requests/kept-texts.ts';
import type { CellBlock } from '../rollups/cell-block.ts';
import { CellBuilder } from '../rollups/cell-builder.ts';
import { decodeCells } from '../rollups/cell-codec.ts';
import { type LabelSpace, LocalLabels } from '../rollups/label-space.ts';
import { type CubeName, DAY, HALF_HOUR, startOf } from '../rollups/periods.ts';
import type { UsagePlan } from './usage-plan.ts';

/** A part of what is counted, and the place of its bucket. */
export interface UsageSource {
  readonly block: CellBlock;
  readonly labels: LabelSpace;
  readonly bucket: number;
}

/** What the plan counts from. `filter` is for requests that are read one by one; roll-ups are filtered by their cells. */
export async function loadSources(
  reader: Queryable,
  plan: UsagePlan,
  cube: CubeName,
  stored: LabelSpace,
  filter: RecordFilter | null,
): Promise<UsageSource[]> {
  return [
    ...(await loadRollups(reader, cube, DAY, plan.days, stored)),
    ...(await loadRollups(reader, cube, HALF_HOUR, plan.halfHours, stored)),
    ...(await loadDeltas(reader, plan, stored)),
    ...(await loadRecords(reader, plan, filter)),
  ];
}

async function loadRollups(
  reader: Queryable,
  cube: CubeName,
  period: number,
  wanted: ReadonlyMap<number, number>,
  labels: LabelSpace,
): Promise<UsageSource[]> {
  if (wanted.size === 0) return [];
  const starts = [...wanted.keys()];
  const sources: UsageSource[] = [];
  for (const [from, to] of runs(starts, period)) {
    const rows = await reader.values(sql`SELECT start, cells FROM rollups
      WHERE cube = ${cube} AND period = ${period} AND start >= ${from} AND start < ${to}`);
    for (const [start, cells] of rows) {
      const bucket = wanted.get(Number(start));
      if (bucket !== undefined) sources.push({ block: decodeCells(cells as Uint8Array), labels, bucket });
    }
  }
  return sources;
}

/** Starts that follow each other, as ranges: half hours at both ends of a month of days are two. */
function runs(starts: readonly number[], period: number): [number, number][] {
  const sorted = starts.toSorted((one, other) => one - other);
  const found: [number, number][] = [];
  for (const start of sorted) {
    const last = found.at(-1);
    if (last && start - last[1] < DAY) last[1] = start + period;
    else found.push([start, start + period]);
  }
  return found;
}

/** What no roll-up has yet. It is by route and caller, which serves both cubes. */
async function loadDeltas(reader: Queryable, plan: UsagePlan, labels: LabelSpace): Promise<UsageSource[]> {
  if (plan.days.size === 0 && plan.halfHours.size === 0) return [];
  const bucketOf = (start: number): number | undefined =>
    plan.halfHours.get(start) ?? plan.days.get(startOf(start, DAY));
  const rows = await reader.values(sql`SELECT start, cells FROM rollup_deltas
    WHERE start >= ${startOf(plan.range.from, DAY)} AND start < ${plan.range.to}`);
  return rows.flatMap(([start, cells]) => {
    const bucket = bucketOf(Number(start));
    return bucket === undefined ? [] : [{ block: decodeCells(cells as Uint8Array), labels, bucket }];
  });
}

async function loadRecords(reader: Queryable, plan: UsagePlan, filter: RecordFilter | null): Promise<UsageSource[]> {
  const labels = new LocalLabels();
  const builders = new Map<number, CellBuilder>();
  for (const { from, to, buckets } of adjacent(plan)) {
    for await (const { columns } of readBlocks(reader, await listBlocks(reader, { from, to }))) {
      const payloads = filter?.needsPayloads ? await keptIdsOfBlock(reader, columns) : NO_IDS;
      const test = filter?.on(columns, payloads) ?? null;
      for (const [bucket, indices] of placesWithin(columns, { from, to }, buckets, test)) {
        const builder = builders.get(bucket) ?? new CellBuilder();
        builders.set(bucket, builder);
        builder.addRecords(columns, labels.of(columns), indices);
      }
    }
  }
  return Array.from(builders, ([bucket, builder]) => ({ block: builder.build(), labels, bucket }));
}

/** The requests of a range that pass, by bucket. */
function placesWithin(
  records: RecordColumns,
  { from, to }: TimeRange,
  bucketAt: (time: number) => number,
  test: ((index: number) => boolean) | null,
): Map<number, number[]> {
  const times = records.number('time');
  const byBucket = new Map<number, number[]>();
  for (let index = 0; index < records.size; index++) {
    const time = times[index] ?? 0;
    if (time < from || time >= to || test?.(index) === false) continue;
    const bucket = bucketAt(time);
    const indices = byBucket.get(bucket);
    if (indices === undefined) byBucket.set(bucket, [index]);
    else indices.push(index);
  }
  return byBucket;
}

/** Ranges that touch are read at once: all buckets of minutes are one statement. */
function adjacent(plan: UsagePlan): { from: number; to: number; buckets: (time: number) => number }[] {
  const groups: { from: number; to: number; members: UsagePlan['rows'][number][] }[] = [];
  for (const range of plan.rows.toSorted((one, other) => one.from - other.from)) {
    const last = groups.at(-1);
    if (last && last.to === range.from) {
      last.to = range.to;
      last.members.push(range);
    } else {
      groups.push({ from: range.from, to: range.to, members: [range] });
    }
  }
  return groups.map(({ from, to, members }) => ({ from, to, buckets: (time) => find(members, time) }));
}

function find(members: UsagePlan['rows'], time: number): number {
  let low = 0;
  let high = members.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((members[middle]?.from ?? 0) <= time) low = middle;
    else high = middle - 1;
  }
  return members[low]?.bucket ?? 0;
}
