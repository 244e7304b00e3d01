import type { PricedRecord } from '../../src/core/ledger/record-sink.ts';
import type { Database } from '../../src/storage/database/database.ts';
import { openDatabase } from '../../src/storage/database/open-database.ts';
import { sql } from '../../src/storage/database/sql.ts';
import { migrate } from '../../src/storage/migrations/migrate.ts';
import { findBlocks, insertBlock, readBlocks } from '../../src/storage/records/block-store.ts';
import { RecordTable } from '../../src/storage/records/record-table.ts';
import { tableOf } from '../../src/storage/records/write-record.ts';
import { makeRandom } from '../support/ledger-records.ts';

/** A database with empty tables, and blocks put into it by hand. */
export async function openBlocks(place: string): Promise<Database> {
  const database = openDatabase({ database: place });
  await migrate(database);
  return database;
}

/** These in one transaction, as blocks of so many requests. */
export async function writeBlocks(database: Database, records: readonly PricedRecord[], size: number): Promise<void> {
  await database.transaction(async (transaction) => {
    for (let start = 0; start < records.length; start += size) {
      const block = tableOf(records.slice(start, start + size));
      await insertBlock(transaction, database.dialect.arrival.next, block);
    }
  });
}

/** About in the order of time, as requests end, in blocks of all sizes that overlap, some of one request. */
export async function writeOverlapping(database: Database, records: readonly PricedRecord[], seed = 3): Promise<void> {
  const random = makeRandom(seed);
  const span = 1_800_000;
  const ended = records.map((one) => ({ one, at: one.record.time + random() ** 4 * span }));
  ended.sort((one, other) => one.at - other.at);
  for (let start = 0; start < ended.length; ) {
    const size = random() < 0.3 ? 1 : Math.ceil(random() * 90);
    const some = ended.slice(start, start + size).map(({ one }) => one);
    await writeBlocks(database, some, size);
    start += size;
  }
}

/** Makes one block of two or three neighbours, chosen by chance. False where there is only one. */
export async function mergeSome(database: Database, random: () => number): Promise<boolean> {
  return database.transaction(async (transaction) => {
    const blocks = await findBlocks(transaction, sql`TRUE ORDER BY last_time, seq`);
    if (blocks.length < 2) return false;
    const start = Math.floor(random() * (blocks.length - 1));
    const chosen = blocks.slice(start, start + (random() < 0.5 ? 2 : 3));
    const merged = new RecordTable();
    for await (const { arrival, columns } of readBlocks(transaction, chosen)) {
      const first = merged.size;
      merged.append(columns);
      const { values } = merged.numbers.arrival;
      for (let index = first; index < merged.size; index++) values[index] ||= arrival;
    }
    // The number of the last block may be given again.
    for (const { seq } of chosen) await transaction.run(sql`DELETE FROM request_blocks WHERE seq = ${seq}`);
    const last = Math.max(...chosen.map(({ arrival }) => arrival));
    const first = Math.min(...chosen.map(({ firstArrival }) => firstArrival));
    await insertBlock(transaction, sql`CAST(${last} AS BIGINT)`, merged, sql`CAST(${first} AS BIGINT)`);
    return true;
  });
}

/** The same database, in which blocks are merged whenever somebody is about to read some. */
export function mergingBetween(database: Database, random: () => number): Database {
  const merging = Object.create(database) as Database;
  return Object.assign(merging, {
    dialect: database.dialect,
    values: async (statement: Parameters<Database['values']>[0]) => {
      const isRead = statement.text(() => '?').includes(', columns FROM request_blocks');
      if (isRead && random() < 0.7) await mergeSome(database, random);
      return database.values(statement);
    },
    snapshot: database.snapshot.bind(database),
    transaction: database.transaction.bind(database),
  });
}
