import { SQL } from 'bun';
import {
  type Database,
  type Dialect,
  LedgerUnavailable,
  LOCKS,
  type LockName,
  type Queryable,
  type Transaction,
} from './database.ts';
import { fixed, type Sql, type SqlValue, sql } from './sql.ts';

export const POSTGRES: Dialect = {
  name: 'postgres',
  bytes: 'BYTEA',
  counter: 'BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY',
  binary: 'COLLATE "C"',
  uncompressed: (table, column) => [`ALTER TABLE ${table} ALTER COLUMN ${column} SET STORAGE EXTERNAL`],
  // Numbers are given before blocks can be seen, and those of two nodes in another order. So blocks have the number of
  // their transaction, and count once no transaction with a lower number is under way.
  arrival: {
    next: fixed('pg_current_xact_id()::text::bigint'),
    settled: fixed('arrival < pg_snapshot_xmin(pg_current_snapshot())::text::bigint'),
    now: fixed('pg_snapshot_xmin(pg_current_snapshot())::text::bigint'),
  },
  member: (column, name) => sql`(${column}::jsonb ->> ${name}::text)`,
};

export interface PostgresOptions {
  /** `postgres://user:password@host:port/database?sslmode=verify-full` */
  readonly url: string;
  readonly readOnly?: boolean;
}

const CONNECT_SECONDS = 10;

/** A node whose connection hangs must not hold locks that others wait for. */
const LIMITS = {
  application_name: 'sluice',
  lock_timeout: 10_000,
  statement_timeout: 30_000,
  idle_in_transaction_session_timeout: 30_000,
};

const READERS = 3;

export function openPostgres({ url, readOnly = false }: PostgresOptions): Database {
  const reader = connect(url, READERS, { ...LIMITS, statement_timeout: 12_000, default_transaction_read_only: 'on' });
  return new PostgresDatabase(readOnly ? reader : connect(url, 1, LIMITS), reader);
}

function connect(url: string, max: number, connection: Record<string, string | number>): SQL {
  try {
    return new SQL({ url, max, connection, connectionTimeout: CONNECT_SECONDS, adapter: 'postgres' });
  } catch {
    // The message of the cause may hold the URL, and with it a password.
    throw new LedgerUnavailable('The URL of the PostgreSQL database is not valid.');
  }
}

class PostgresDatabase implements Database {
  readonly dialect = POSTGRES;
  readonly #writer: SQL;
  readonly #reader: SQL;
  #last: Promise<unknown> = Promise.resolve();

  constructor(writer: SQL, reader: SQL) {
    this.#writer = writer;
    this.#reader = reader;
  }

  rows<Row>(statement: Sql): Promise<Row[]> {
    return new PostgresConnection(this.#reader).rows(statement);
  }

  values(statement: Sql): Promise<SqlValue[][]> {
    return new PostgresConnection(this.#reader).values(statement);
  }

  run(statement: Sql): Promise<number> {
    return this.transaction((transaction) => transaction.run(statement));
  }

  transaction<Result>(work: (transaction: Transaction) => Promise<Result>): Promise<Result> {
    const next = () =>
      attempt(this.#writer, () => this.#writer.begin((connection) => work(new PostgresConnection(connection))));
    const mine = this.#last.then(next, next);
    this.#last = mine.catch(() => undefined);
    return mine;
  }

  snapshot<Result>(work: (reader: Queryable) => Promise<Result>): Promise<Result> {
    return attempt(this.#reader, () =>
      this.#reader.begin('ISOLATION LEVEL REPEATABLE READ READ ONLY', (connection) =>
        work(new PostgresConnection(connection)),
      ),
    );
  }

  async size(): Promise<number> {
    const [row] = await this.values(sql`SELECT pg_database_size(current_database())`);
    return Number(row?.[0] ?? 0);
  }

  /** Autovacuum does it. */
  async shrink(): Promise<void> {}

  async close(): Promise<void> {
    await Promise.all([this.#writer.close({ timeout: 5 }), this.#reader.close({ timeout: 5 })]);
  }
}

/** What `Bun.SQL` says of rows that a statement changed. */
interface Answer extends Array<unknown> {
  readonly count: number;
}

class PostgresConnection implements Transaction {
  readonly #connection: SQL;

  constructor(connection: SQL) {
    this.#connection = connection;
  }

  async rows<Row>(statement: Sql): Promise<Row[]> {
    return attempt(this.#connection, async () => [...(await this.#send(statement))] as Row[]);
  }

  async values(statement: Sql): Promise<SqlValue[][]> {
    return attempt(this.#connection, () =>
      this.#connection.unsafe(statement.text(dollar), bindings(statement.values)).values(),
    );
  }

  async run(statement: Sql): Promise<number> {
    return attempt(this.#connection, async () => (await this.#send(statement)).count);
  }

  async lock(name: LockName): Promise<void> {
    await this.run(sql`SELECT pg_advisory_xact_lock(${LOCKS[name]}::bigint)`);
  }

  async tryLock(name: LockName): Promise<boolean> {
    const [row] = await this.values(sql`SELECT pg_try_advisory_xact_lock(${LOCKS[name]}::bigint)`);
    return String(row?.[0]) === 'true';
  }

  #send(statement: Sql): Promise<Answer> {
    return this.#connection.unsafe(statement.text(dollar), bindings(statement.values));
  }
}

function dollar(position: number): string {
  return `$${position}`;
}

/** PostgreSQL would take a bound number for a text where it cannot tell; texts it converts to what is needed. */
function bindings(values: readonly SqlValue[]): SqlValue[] {
  return values as SqlValue[];
}

async function attempt<Result>({ options }: SQL, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof SQL.SQLError && !isRefusal(error) ? unavailable(error, serverOf(options)) : error;
  }
}

/**
 * The server answers, and what it was given is at fault: trying again will not help. Classes of errors: data, integrity,
 * and statements. https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
function isRefusal(error: SQL.SQLError): boolean {
  return error instanceof SQL.PostgresError && /^(22|23|42)/.test(String(error.errno ?? ''));
}

/** The server's message and code. They do not hold the URL, and often not even the host. */
function unavailable(error: SQL.SQLError, server: string): LedgerUnavailable {
  const code = error instanceof SQL.PostgresError ? (error.errno ?? error.code) : '';
  return new LedgerUnavailable(`PostgreSQL at ${server}: ${error.message} (${code})`, { cause: error });
}

/** Where the server is looked for; never who asks, because that is a credential. */
function serverOf(options: SQL['options']): string {
  if (options.adapter !== 'postgres') return 'an unknown place';
  return options.path ?? `${options.hostname}:${options.port}`;
}
