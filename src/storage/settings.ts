import type { Queryable, Transaction } from './database/database.ts';
import { sql } from './database/sql.ts';

/** Names of what the gateway remembers in the database. */
export type SettingName =
  /** Rows and half hours before this time were deleted, in milliseconds. */
  'requests_from' | 'rollups_from' | (string & {});

export async function readSetting(reader: Queryable, name: SettingName): Promise<string | null> {
  const [row] = await reader.values(sql`SELECT value FROM settings WHERE name = ${name}`);
  return row ? String(row[0]) : null;
}

/** When it was written, in milliseconds since 1970; null where it never was. */
export async function settingChangedAt(reader: Queryable, name: SettingName): Promise<number | null> {
  const [row] = await reader.values(sql`SELECT updated FROM settings WHERE name = ${name}`);
  return row ? Number(row[0]) : null;
}

export async function writeSetting(transaction: Transaction, name: SettingName, value: string): Promise<void> {
  await transaction.run(sql`INSERT INTO settings (name, value, updated) VALUES (${name}, ${value}, ${Date.now()})
    ON CONFLICT (name) DO UPDATE SET value = excluded.value, updated = excluded.updated`);
}

/** Since when there are rows and half hours; 0 where none were deleted. */
export async function readHorizons(
  reader: Queryable,
): Promise<{ readonly rowsFrom: number; readonly rollupsFrom: number }> {
  const rows = Number((await readSetting(reader, 'requests_from')) ?? 0);
  return { rowsFrom: rows, rollupsFrom: Number((await readSetting(reader, 'rollups_from')) ?? 0) };
}
