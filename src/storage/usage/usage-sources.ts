import type { Database, Queryable } from '../database/database.ts';
import { fixed, joined, NOTHING, type Sql, type SqlValue, sql } from '../database/sql.ts';
import type { TimeRange } from '../ledger-queries.ts';
import type { CellBlock } from '../rollups/cell-block.ts';
import { CellBuilder } from '../rollups/cell-builder.ts';
import { decodeCells } from '../rollups/cell-codec.ts';
import { type LabelSpace, LocalLabels } from '../rollups/label-space.ts';
import { type CubeName, DAY, HALF_HOUR, startOf } from '../rollups/periods.ts';
import { idFrom } from '../rows/id-range.ts';
import { AT, FACT_COLUMNS, REQUEST_COLUMNS } from '../rows/request-columns.ts';
import type { UsagePlan } from './usage-plan.ts';

/** A part of what is counted, and the place of its bucket. */
export interface UsageSource {
  readonly block: CellBlock;
  readonly labels: LabelSpace;
  readonly bucket: number;
}

/** What the plan counts from. `filter` is a condition on rows, for those that are read. */
export async function loadSources(
  reader: Queryable,
  dialect: Database['dialect'],
  plan: UsagePlan,
  cube: CubeName,
  stored: LabelSpace,
  filter: Sql,
): Promise<UsageSource[]> {
  return [
    ...(await loadRollups(reader, cube, DAY, plan.days, stored)),
    ...(await loadRollups(reader, cube, HALF_HOUR, plan.halfHours, stored)),
    ...(await loadDeltas(reader, plan, stored)),
    ...(await loadRows(reader, dialect, plan, filter)),
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

async function loadRows(
  reader: Queryable,
  dialect: Database['dialect'],
  plan: UsagePlan,
  filter: Sql,
): Promise<UsageSource[]> {
  if (plan.rows.length === 0) return [];
  const labels = new LocalLabels();
  const builders = new Map<number, CellBuilder>();
  for (const { from, to, buckets } of adjacent(plan)) {
    for await (const row of rowsWithin(reader, dialect, { from, to }, filter)) {
      const bucket = buckets(Number(row[AT.time]));
      const builder = builders.get(bucket) ?? new CellBuilder();
      builders.set(bucket, builder);
      builder.addRow(row, labels.of(row));
    }
  }
  return Array.from(builders, ([bucket, builder]) => ({ block: builder.build(), labels, bucket }));
}

const ROWS_AT_ONCE = 20_000;

/** The columns that are summed up, of all rows of a range, read a page at a time. */
export async function* rowsWithin(
  reader: Queryable,
  dialect: Database['dialect'],
  { from, to }: TimeRange,
  filter: Sql = NOTHING,
): AsyncGenerator<SqlValue[]> {
  let after = sql`id >= ${idFrom(from)}`;
  while (true) {
    const rows = await reader.values(sql`SELECT ${factColumns(dialect)} FROM requests
      WHERE ${after} AND id < ${idFrom(to)} ${filter === NOTHING ? NOTHING : sql`AND (${filter})`}
      ORDER BY id LIMIT ${ROWS_AT_ONCE}`);
    yield* rows;
    const last = rows.at(-1)?.[AT.id];
    if (rows.length < ROWS_AT_ONCE || typeof last !== 'string') return;
    after = sql`id > ${last}`;
  }
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

function factColumns({ exact }: Database['dialect']): Sql {
  const columns = REQUEST_COLUMNS.slice(0, FACT_COLUMNS).map(({ name }) =>
    name === 'cost' ? exact(fixed('cost')) : fixed(name),
  );
  return joined(columns, ', ');
}
