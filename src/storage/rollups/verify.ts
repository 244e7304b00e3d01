import type { Database, Queryable } from '../database/database.ts';
import { sql } from '../database/sql.ts';
import type { TimeRange, UsageDimension, UsageRow } from '../ledger-queries.ts';
import { readHorizons } from '../settings.ts';
import { Accumulator } from '../usage/aggregate.ts';
import { dimensionOf } from '../usage/dimensions.ts';
import { Groups } from '../usage/groups.ts';
import type { TimeBucket } from '../usage/time-buckets.ts';
import type { UsagePlan } from '../usage/usage-plan.ts';
import { usageRows } from '../usage/usage-rows.ts';
import { loadSources } from '../usage/usage-sources.ts';
import { StoredLabels } from './label-space.ts';
import { CUBE_NAMES, type CubeName, DAY, HALF_HOUR, startOf } from './periods.ts';

/** A half hour or a day whose sum is not that of its rows. */
export interface RollupDifference {
  readonly cube: CubeName;
  /** Milliseconds. */
  readonly period: number;
  readonly start: number;
  readonly rows: readonly UsageRow[];
  readonly rollups: readonly UsageRow[];
}

export interface RollupCheck {
  /** Half hours and days. */
  readonly compared: number;
  readonly requests: number;
  readonly differences: readonly RollupDifference[];
}

/** What all cubes are split by. */
const DIMENSIONS: readonly UsageDimension[] = ['surface', 'endpoint', 'provider', 'model', 'outcome'];
const MOST_GROUPS = 100_000;

/**
 * Sums up the rows anew and compares that with the roll-ups, figure by figure: half hours of the range, and days that were
 * summed up, for which all rows are still there.
 */
export async function verifyRollups(database: Database, range: TimeRange): Promise<RollupCheck> {
  const { rowsFrom } = await readHorizons(database);
  const first = Math.max(range.from, rowsFrom, await oldestTime(database));
  const differences: RollupDifference[] = [];
  let compared = 0;
  let requests = 0;
  for (let day = startOf(first, DAY); day < range.to; day += DAY) {
    const checked = await database.snapshot((reader) => new DayCheck(reader, day).run(rowsFrom));
    compared += checked.compared;
    requests += checked.requests;
    differences.push(...checked.differences);
  }
  return { compared, requests, differences };
}

/** Of what there is at all: before it nothing needs to be compared. */
async function oldestTime(database: Database): Promise<number> {
  const [row] = await database.values(sql`SELECT min(time) FROM (SELECT min(start) AS time FROM rollups
    UNION ALL SELECT min(start) FROM rollup_deltas UNION ALL
    SELECT min(first_time) FROM request_blocks) AS times`);
  return Number(row?.[0] ?? Number.MAX_SAFE_INTEGER);
}

class DayCheck {
  readonly #reader: Queryable;
  readonly #day: number;
  readonly #labels = new StoredLabels();
  readonly #differences: RollupDifference[] = [];
  #compared = 0;

  constructor(reader: Queryable, day: number) {
    this.#reader = reader;
    this.#day = day;
  }

  async run(rowsFrom: number): Promise<RollupCheck> {
    await this.#labels.load(this.#reader);
    const starts = Array.from({ length: DAY / HALF_HOUR }, (_, index) => this.#day + index * HALF_HOUR);
    const halves = starts.filter((start) => start >= rowsFrom).map((start) => bucketOf(start, HALF_HOUR));
    const rows = await this.#sum('caller', halves, { rows: halves.map((half, bucket) => ({ ...half, bucket })) });
    for (const cube of CUBE_NAMES) {
      const wanted = new Map(halves.map(({ from }, bucket) => [from, bucket]));
      const rollups = await this.#sum(cube, halves, { halfHours: wanted });
      for (const { from } of halves) {
        const ofStart = ({ time }: UsageRow): boolean => time === from;
        this.#compare(cube, HALF_HOUR, from, rows.filter(ofStart), rollups.filter(ofStart));
      }
      if (rowsFrom <= this.#day) await this.#checkDay(cube);
    }
    const requests = rows.reduce((sum, row) => sum + row.requests, 0);
    return { compared: this.#compared, requests, differences: this.#differences };
  }

  async #checkDay(cube: CubeName): Promise<void> {
    const day = this.#day;
    const [summed] = await this.#reader.values(
      sql`SELECT 1 FROM rollups WHERE cube = ${cube} AND period = ${DAY} AND start = ${day} LIMIT 1`,
    );
    if (!summed) return;
    const whole = bucketOf(day, DAY);
    const rows = await this.#sum(cube, [whole], { rows: [{ ...whole, bucket: 0 }] });
    this.#compare(cube, DAY, day, rows, await this.#sum(cube, [whole], { days: new Map([[day, 0]]) }));
  }

  async #sum(cube: CubeName, buckets: readonly TimeBucket[], plan: Partial<UsagePlan>): Promise<UsageRow[]> {
    const range = { from: this.#day, to: this.#day + DAY };
    const whole: UsagePlan = { days: new Map(), halfHours: new Map(), rows: [], range, ...plan };
    const sources = await loadSources(this.#reader, whole, cube, this.#labels, null);
    const groups = new Groups(DIMENSIONS.map(dimensionOf));
    const grouped = groups.assign(sources);
    groups.count(grouped, 'requests');
    const ranks = groups.rank(MOST_GROUPS);
    const accumulator = new Accumulator(buckets.length * ranks.slots);
    for (const { block, bucket, groups: places } of grouped) {
      accumulator.add(block, ranks.slotsOf(places, bucket * ranks.slots));
    }
    return inOrder(usageRows(accumulator, buckets, ranks));
  }

  #compare(
    cube: CubeName,
    period: number,
    start: number,
    rows: readonly UsageRow[],
    rollups: readonly UsageRow[],
  ): void {
    this.#compared++;
    if (!Bun.deepEquals(rows, rollups)) this.#differences.push({ cube, period, start, rows, rollups });
  }
}

function bucketOf(start: number, period: number): TimeBucket {
  return { start, from: start, to: start + period };
}

function inOrder(rows: readonly UsageRow[]): UsageRow[] {
  const key = ({ time, group }: UsageRow): string => `${time} ${JSON.stringify(group)}`;
  return rows.toSorted((one, other) => (key(one) < key(other) ? -1 : 1));
}
