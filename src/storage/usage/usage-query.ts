import type { Database, Queryable } from '../database/database.ts';
import { sql } from '../database/sql.ts';
import { EVERYTHING, type Filter } from '../filter.ts';
import type { UsageAnswer, UsageQuery } from '../ledger-queries.ts';
import { compileFilter } from '../requests/compile-filter.ts';
import { StoredLabels } from '../rollups/label-space.ts';
import { type CubeName, DAY, startOf } from '../rollups/periods.ts';
import { readHorizons } from '../settings.ts';
import { Accumulator } from './aggregate.ts';
import { compileCellFilter, dimensionsOf } from './cell-filter.ts';
import { dimensionOf } from './dimensions.ts';
import { figuresOf } from './figures.ts';
import { type GroupedSource, Groups } from './groups.ts';
import { QueryRefused, type TimeBucket, timeBuckets } from './time-buckets.ts';
import { planRows, planUsage, type Stock, type UsagePlan } from './usage-plan.ts';
import { usageRows } from './usage-rows.ts';
import { loadSources, type UsageSource } from './usage-sources.ts';

const MOST_GROUPS = 1_000;
/** Each holds histograms of four kilobytes. */
const MOST_SLOTS = 5_000;

/** Counts from roll-ups where they know what is asked for, and from rows at the ends of the range and for the rest. */
export async function queryUsage(database: Database, query: UsageQuery): Promise<UsageAnswer> {
  if (!(query.from < query.to)) throw new QueryRefused('A range begins before it ends.');
  const buckets = timeBuckets(query, query.bucket, query.timeZone ?? 'UTC');
  return database.snapshot(async (reader) => {
    const asOf = Date.now();
    const { sources, plan } = await gather(reader, query, buckets);
    const groups = new Groups(query.groups.map(dimensionOf));
    const counted = groups.assign(sources);
    if (query.filter) exclude(counted, query.filter);
    groups.count(counted, query.order ?? 'requests');
    const limit = Math.min(query.limit ?? MOST_GROUPS, MOST_GROUPS, Math.floor(MOST_SLOTS / buckets.length));
    const ranks = groups.rank(Math.max(1, limit));
    const accumulator = new Accumulator(buckets.length * ranks.slots);
    for (const { block, bucket, groups: places } of counted) {
      accumulator.add(block, ranks.slotsOf(places, bucket * ranks.slots));
    }
    return {
      asOf,
      from: Math.min(plan.range.from, query.from),
      to: Math.max(plan.range.to, query.to),
      rows: usageRows(accumulator, buckets, ranks),
      total: figuresOf(accumulator.total(), 0),
    };
  });
}

async function gather(
  reader: Queryable,
  query: UsageQuery,
  buckets: readonly TimeBucket[],
): Promise<{ readonly sources: readonly UsageSource[]; readonly plan: UsagePlan }> {
  const filter = query.filter ?? EVERYTHING;
  const filtered = dimensionsOf(filter);
  const labels = new StoredLabels();
  await labels.load(reader);
  const stock = await readStock(reader, query);
  // A value that is counted among others has no number of its own to filter by.
  const hidden = filtered?.some((name) => labels.overflowed(dimensionOf(name).key)) ?? false;
  const known = filtered !== null && !hidden && query.bucket !== 'minute';
  const plan = known ? planUsage(buckets, stock) : planRows(buckets, stock);
  const names = [...query.groups, ...(filtered ?? [])];
  const cube: CubeName = names.every((name) => ['route', 'outcome'].includes(dimensionOf(name).key))
    ? 'route'
    : 'caller';
  const test = isEverything(query) ? null : compileFilter(filter);
  return { sources: await loadSources(reader, plan, cube, labels, test), plan };
}

function isEverything({ filter }: UsageQuery): boolean {
  return filter === undefined || (filter.kind === 'all' && filter.filters.length === 0);
}

async function readStock(reader: Queryable, { from, to }: UsageQuery): Promise<Stock> {
  const days = await reader.values(sql`SELECT DISTINCT start FROM rollups
    WHERE cube = 'route' AND period = ${DAY} AND start >= ${startOf(from, DAY)} AND start < ${to}`);
  return { days: new Set(days.map(([start]) => Number(start))), ...(await readHorizons(reader)) };
}

/** Rows were read by the filter already; for them this finds the same. */
function exclude(sources: readonly GroupedSource[], filter: Filter): void {
  if (dimensionsOf(filter) === null) return;
  const test = compileCellFilter(filter);
  for (const { block, labels, groups } of sources) {
    const counts = test(block, labels);
    for (let cell = 0; cell < groups.length; cell++) if (counts[cell] === 0) groups[cell] = -1;
  }
}
