import type { Database, Queryable } from '../database/database.ts';
import { fixed, sql } from '../database/sql.ts';
import { FIRST_VERSION, MIGRATIONS, type Migration } from './migrations.ts';

/** The database was written by a later version of the gateway. */
export class DatabaseTooNew extends Error {
  constructor(found: number, known: number) {
    super(
      `The database has version ${found} of the schema, and this gateway knows versions up to ${known}. ` +
        'Run the gateway that wrote it, or a newer one; this one leaves the database as it is.',
    );
    this.name = 'DatabaseTooNew';
  }
}

/** The database was written before the first release. */
export class DatabaseTooOld extends Error {
  constructor(found: number) {
    super(
      `The database has version ${found} of the schema, from before the first release, which this gateway cannot read. ` +
        'It is left as it is: move it away, or name another with --database-url.',
    );
    this.name = 'DatabaseTooOld';
  }
}

/** The database has no schema yet, or an old one, and was opened only for reading. */
export class DatabaseNotReady extends Error {
  constructor() {
    super('The database has not been prepared by this version of the gateway. Start the gateway on it once.');
    this.name = 'DatabaseNotReady';
  }
}

/**
 * Brings the schema to the last version of `migrations`, each step in a transaction of its own. Of nodes that start at once
 * one does it, and the others wait. Gives the version.
 */
export async function migrate(database: Database, migrations: readonly Migration[] = MIGRATIONS): Promise<number> {
  const last = newestOf(migrations);
  if ((await checkedVersion(database, last)) === last) return last;
  for (const migration of migrations) {
    await database.transaction(async (transaction) => {
      await transaction.lock('migration');
      await transaction.run(sql`CREATE TABLE IF NOT EXISTS schema_migrations
        (version INTEGER PRIMARY KEY, name TEXT NOT NULL, applied BIGINT NOT NULL)`);
      if ((await versionIn(transaction)) >= migration.version) return;
      for (const statement of migration.statements(database.dialect)) await transaction.run(fixed(statement));
      await transaction.run(sql`INSERT INTO schema_migrations (version, name, applied)
        VALUES (${migration.version}, ${migration.name}, ${Date.now()})`);
    });
  }
  return checkedVersion(database, last);
}

/** For whoever only reads. Rejects with `DatabaseNotReady` or `DatabaseTooNew`. */
export async function requireSchema(database: Database): Promise<number> {
  const last = newestOf(MIGRATIONS);
  if ((await checkedVersion(database, last)) < last) throw new DatabaseNotReady();
  return last;
}

function newestOf(migrations: readonly Migration[]): number {
  return migrations.at(-1)?.version ?? 0;
}

async function checkedVersion(database: Database, known: number): Promise<number> {
  const found = (await hasTable(database)) ? await versionIn(database) : 0;
  if (found > known) throw new DatabaseTooNew(found, known);
  if (found > 0 && known >= FIRST_VERSION && found < FIRST_VERSION) throw new DatabaseTooOld(found);
  return found;
}

async function hasTable(database: Database): Promise<boolean> {
  const catalogue =
    database.dialect.name === 'sqlite'
      ? sql`SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'schema_migrations'`
      : sql`SELECT 1 WHERE to_regclass('schema_migrations') IS NOT NULL`;
  return (await database.values(catalogue)).length > 0;
}

async function versionIn(reader: Queryable): Promise<number> {
  const [row] = await reader.values(sql`SELECT max(version) FROM schema_migrations`);
  return Number(row?.[0] ?? 0);
}
