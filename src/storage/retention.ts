import type { RetentionSettings } from '../config/retention.ts';
import type { Database, Transaction } from './database/database.ts';
import { type Sql, sql } from './database/sql.ts';
import { findBlocks } from './records/block-store.ts';
import { idFrom } from './records/id-range.ts';
import { removeBefore } from './records/trim.ts';
import { DAY, HALF_HOUR, startOf } from './rollups/periods.ts';
import { readHorizons, type SettingName, writeSetting } from './settings.ts';

/** Rows of one transaction: whoever writes waits no longer than these take. */
const AT_ONCE = 1_000;

/** Nothing younger goes because of a size. */
const YOUNGEST = HALF_HOUR;

/** Blocks that are read, and written again, in one transaction. */
const BLOCKS_AT_ONCE = 8;

/** How many rows went, by table; without those of which none did. */
export type Purged = Readonly<Record<string, number>>;

/**
 * Deletes what is older, or more, than the settings say. Before rows or sums go, it is written down since when there are any,
 * so that questions are answered from what stays. One node does it, the others leave it to that one.
 */
export async function enforceRetention(
  database: Database,
  settings: RetentionSettings,
  now: number,
  pause: () => Promise<void>,
): Promise<Purged> {
  const steps = new Steps(database, pause);
  await keepPayloads(steps, settings, now);
  await keepRequests(steps, settings, now);
  await keepRollups(steps, settings, now);
  await database.shrink();
  return steps.purged;
}

class Steps {
  readonly database: Database;
  readonly purged: Record<string, number> = {};
  readonly #pause: () => Promise<void>;

  constructor(database: Database, pause: () => Promise<void>) {
    this.database = database;
    this.#pause = pause;
  }

  /** Runs a statement that deletes `AT_ONCE` rows at most until it deletes none. */
  async deleteAll(table: string, statement: Sql): Promise<void> {
    while ((await this.deleteSome(table, statement)) >= AT_ONCE) await this.#pause();
  }

  /** Does one piece of work after the other until nothing is left to delete. */
  async repeat(table: string, work: (transaction: Transaction) => Promise<number>): Promise<void> {
    while ((await this.#some(table, work)) > 0) await this.#pause();
  }

  async deleteSome(table: string, statement: Sql): Promise<number> {
    return this.#some(table, (transaction) => transaction.run(statement));
  }

  async #some(table: string, work: (transaction: Transaction) => Promise<number>): Promise<number> {
    const deleted = (await this.locked(work)) ?? 0;
    if (deleted > 0) this.purged[table] = (this.purged[table] ?? 0) + deleted;
    return deleted;
  }

  /** Null where another node is at it. */
  locked<Result>(work: (transaction: Transaction) => Promise<Result>): Promise<Result | null> {
    return this.database.transaction(async (transaction) =>
      (await transaction.tryLock('retention')) ? work(transaction) : null,
    );
  }
}

async function keepPayloads(steps: Steps, { payloads, payloadsSize }: RetentionSettings, now: number): Promise<void> {
  if (payloads !== null) {
    await steps.deleteAll(
      'payloads',
      sql`DELETE FROM payloads WHERE request_id IN (SELECT request_id FROM payloads
      WHERE request_id < ${idFrom(now - payloads)} ORDER BY request_id LIMIT ${AT_ONCE})`,
    );
  }
  if (payloadsSize === null) return;
  const cut = await payloadsBeyond(steps.database, payloadsSize);
  if (cut === null) return;
  await steps.deleteAll(
    'payloads',
    sql`DELETE FROM payloads WHERE request_id IN (SELECT request_id FROM payloads
    WHERE request_id <= ${cut} ORDER BY request_id LIMIT ${AT_ONCE})`,
  );
}

/** The newest that has to go; null where all may stay. */
async function payloadsBeyond(database: Database, limit: number): Promise<string | null> {
  const [sum] = await database.values(sql`SELECT COALESCE(sum(length(texts)), 0) FROM payloads`);
  if (Number(sum?.[0] ?? 0) <= limit) return null;
  const [row] = await database.values(sql`SELECT max(request_id) FROM (
    SELECT request_id, sum(length(texts)) OVER (ORDER BY request_id DESC) AS newer FROM payloads) AS sums
    WHERE newer > ${limit}`);
  return row?.[0] == null ? null : String(row[0]);
}

async function keepRequests(steps: Steps, settings: RetentionSettings, now: number): Promise<void> {
  const byAge = settings.requests === null ? 0 : now - settings.requests;
  const bySize = settings.requestsSize === null ? 0 : await requestsBeyond(steps.database, settings.requestsSize, now);
  const cut = startOf(Math.max(byAge, bySize), HALF_HOUR);
  if (cut <= 0) return;
  await moveHorizon(steps, 'requests_from', cut);
  await steps.repeat('requests', (transaction) => removeBefore(transaction, cut, BLOCKS_AT_ONCE));
  await steps.deleteAll(
    'repricings',
    sql`DELETE FROM repricings WHERE request_id IN (SELECT DISTINCT request_id FROM repricings
    WHERE request_id < ${idFrom(cut)} ORDER BY request_id LIMIT ${AT_ONCE})`,
  );
}

/** The time before which requests have to go; 0 where all may stay. */
async function requestsBeyond(database: Database, limit: number, now: number): Promise<number> {
  const blocks = await findBlocks(database, sql`TRUE ORDER BY last_time DESC`);
  let bytes = 0;
  for (const block of blocks) {
    bytes += block.bytes;
    if (bytes <= limit) continue;
    // Requests are about as large as each other, and spread over the time of their block.
    const share = 1 - (bytes - limit) / block.bytes;
    const time = block.lastTime - share * (block.lastTime - block.firstTime);
    // The half hour that it is in goes too, or there would never be room.
    return Math.min(startOf(time, HALF_HOUR) + HALF_HOUR, now - YOUNGEST);
  }
  return 0;
}

async function keepRollups(steps: Steps, { hourly, daily }: RetentionSettings, now: number): Promise<void> {
  if (hourly !== null) {
    const cut = startOf(now - hourly, DAY);
    await moveHorizon(steps, 'rollups_from', cut);
    // Only where the day is summed up.
    await steps.deleteAll(
      'rollups',
      sql`DELETE FROM rollups WHERE period = ${HALF_HOUR} AND start < ${cut} AND start IN (
      SELECT halves.start FROM rollups AS halves WHERE halves.period = ${HALF_HOUR} AND halves.start < ${cut}
      AND EXISTS (SELECT 1 FROM rollups AS days WHERE days.cube = halves.cube AND days.period = ${DAY}
        AND days.start = halves.start - halves.start % ${DAY}) ORDER BY halves.start LIMIT 100)`,
    );
  }
  if (daily === null) return;
  await steps.deleteAll(
    'rollups',
    sql`DELETE FROM rollups WHERE period = ${DAY} AND start < ${startOf(now - daily, DAY)}`,
  );
}

/** Never back: what was deleted does not return. */
async function moveHorizon(steps: Steps, name: SettingName, time: number): Promise<void> {
  await steps.locked(async (transaction) => {
    const { rowsFrom, rollupsFrom } = await readHorizons(transaction);
    if (time > (name === 'requests_from' ? rowsFrom : rollupsFrom)) await writeSetting(transaction, name, String(time));
  });
}
