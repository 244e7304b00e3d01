import type { Database, Queryable } from './database/database.ts';
import { fixed, type Sql, sql } from './database/sql.ts';
import type { LedgerStats } from './ledger-queries.ts';
import { DAY, HALF_HOUR } from './rollups/periods.ts';

type TableStats = LedgerStats['tables'][number];

export async function readStats(database: Database, schemaVersion: number): Promise<LedgerStats> {
  const bytes = await database.size();
  const others = await database.snapshot((reader) =>
    Promise.all([
      count(reader, 'payloads', sql`FROM payloads`, 'texts', 'time'),
      count(reader, 'hourly roll-ups', sql`FROM rollups WHERE period = ${HALF_HOUR}`, 'cells', 'start'),
      count(reader, 'daily roll-ups', sql`FROM rollups WHERE period = ${DAY}`, 'cells', 'start'),
      count(reader, 'audit', sql`FROM audit`, 'entry', 'time'),
    ]),
  );
  const rest = others.reduce((sum, table) => sum + (table.bytes ?? 0), 0);
  const requests = await countRequests(database, bytes === null ? null : Math.max(0, bytes - rest));
  return { database: database.dialect.name, bytes, schemaVersion, tables: [requests, ...others] };
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

/** The rows have what nothing else has: all of their bytes would have to be read to know better. */
async function countRequests(database: Database, bytes: number | null): Promise<TableStats> {
  const [row] = await database.values(sql`SELECT count(*),
    (SELECT time FROM requests ORDER BY id LIMIT 1) FROM requests`);
  const rows = Number(row?.[0]);
  const oldest = row?.[1] ?? null;
  return { name: 'requests', rows, bytes: rows === 0 ? 0 : bytes, oldest: oldest === null ? null : Number(oldest) };
}
