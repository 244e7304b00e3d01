import { type Database, LedgerUnavailable } from './database.ts';
import { openPostgres } from './postgres.ts';
import { openSqlite } from './sqlite.ts';

export interface DatabaseOptions {
  /** A path, `:memory:`, or a URL that begins with `postgres://` or `postgresql://`. */
  readonly database: string;
  readonly readOnly?: boolean;
}

/** Does not wait for PostgreSQL: the first statement does. */
export function openDatabase({ database, readOnly }: DatabaseOptions): Database {
  if (isPostgresUrl(database)) return openPostgres({ url: database, readOnly });
  if (/^[a-z][a-z+]*:\/\//i.test(database)) {
    throw new LedgerUnavailable('The database is a path, `:memory:`, or a URL of PostgreSQL (postgres://…).');
  }
  return openSqlite({ path: database, readOnly });
}

export function isPostgresUrl(database: string): boolean {
  return /^postgres(ql)?:\/\//i.test(database);
}
