import type { Database, Queryable } from './database/database.ts';
import { fixed, type Sql, sql } from './database/sql.ts';
import type { LedgerStats } from './ledger-queries.ts';
import { DAY, HALF_HOUR } from './rollups/periods.ts';

type TableStats = LedgerStats['tables'][number];

export async function readStats(database: Database, schemaVersion: number): Promise<LedgerStats> {
  const bytes = await database.size();
  const tables = await database.snapshot((reader) =>
    Promise.all([
      countRequests(reader),
      count(reader, 'payloads', sql`FROM payloads`, 'texts', 'time'),
      count(reader, 'hourly roll-ups', sql`FROM rollups WHERE period = ${HALF_HOUR}`, 'cells', 'start'),
      count(reader, 'daily roll-ups', sql`FROM rollups WHERE period = ${DAY}`, 'cells', 'start'),
      count(reader, 'audit', sql`FROM audit`, 'entry', 'time'),
    ]),
  );
  return { database: database.dialect.name, bytes, schemaVersion, tables };
}

async function count(
  reader: Queryable,
  name: TableStats['name'],
  from: Sql,
  content: string,
  time: string,
): Promise<TableStats> {
  const [row] = await reader.values(
    sql`SELECT count(*), COALESCE(sum(length(${fixed(content)})), 0), min(${fixed(time)}) ${from}`,
  );
  const oldest = row?.[2] ?? null;
  return { name, rows: Number(row?.[0]), bytes: Number(row?.[1]), oldest: oldest === null ? null : Number(oldest) };
}

async function countRequests(reader: Queryable): Promise<TableStats> {
  const [row] = await reader.values(
    sql`SELECT COALESCE(sum(records), 0), COALESCE(sum(bytes), 0), min(first_time) FROM request_blocks`,
  );
  const oldest = row?.[2] ?? null;
  return {
    name: 'requests',
    rows: Number(row?.[0]),
    bytes: Number(row?.[1]),
    oldest: oldest === null ? null : Number(oldest),
  };
}
