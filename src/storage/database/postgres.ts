import { SQL } from 'bun';
import {
  type Column,
  type Database,
  type Dialect,
  type Insertion,
  LedgerUnavailable,
  LOCKS,
  type LockName,
  type Queryable,
  type Transaction,
} from './database.ts';
import { fixed, joined, type Sql, type SqlValue, sql } from './sql.ts';

export const POSTGRES: Dialect = {
  name: 'postgres',
  bytes: 'BYTEA',
  counter: 'BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY',
  binary: 'COLLATE "C"',
  like: 'ILIKE',
  // Numbers are given before rows can be seen, and rows of two nodes in another order. So rows have the number of their
  // transaction, and count once no transaction with a lower number is under way.
  arrival: {
    column: fixed('requests.tx'),
    definition: 'tx XID8 NOT NULL DEFAULT pg_current_xact_id()',
    index: 'CREATE INDEX requests_arrival ON requests (tx)',
    settled: fixed('tx < pg_snapshot_xmin(pg_current_snapshot())'),
    now: fixed('(pg_snapshot_xmin(pg_current_snapshot())::text)'),
    value: (position) => sql`${position}::text::xid8`,
  },
  exact: (column) => column,
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

  async insertNew({ table, columns, count, row, inserted }: Insertion): Promise<void> {
    const [key] = columns;
    if (!key || count === 0) return;
    const rows = Array.from({ length: count }, (_, index) => row(index));
    const keys = await this.values(sql`${insertText(table, columns)} ${recordset(columns, rows)}
      ON CONFLICT DO NOTHING RETURNING ${fixed(key.name)}`);
    // A key that stands twice in these rows was inserted once.
    const fresh = new Set(keys.map(([value]) => String(value)));
    for (const values of rows) if (fresh.delete(String(values[0]))) inserted(values);
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

function insertText(table: string, columns: readonly Column[]): Sql {
  const names = columns.map(({ name }) => fixed(name));
  return sql`INSERT INTO ${fixed(table)} (${joined(names, ', ')}) SELECT ${joined(names, ', ')}`;
}

/** All rows as one parameter, because a statement takes 65,535 at most. Keys in order, so that no two nodes deadlock. */
function recordset(columns: readonly Column[], rows: readonly (readonly SqlValue[])[]): Sql {
  const types = columns.map(({ name, type }) => fixed(`${name} ${type}`));
  const keys = columns.map(({ name }) => `${JSON.stringify(name)}:`);
  const text = `[${rows.map((row) => jsonRow(keys, row)).join(',')}]`;
  return sql`FROM json_to_recordset(${text}::text::json) AS given(${joined(types, ', ')}) ORDER BY 1`;
}

function jsonRow(keys: readonly string[], row: readonly SqlValue[]): string {
  let text = '';
  for (let index = 0; index < keys.length; index++) {
    const value = row[index];
    if (value === null || value === undefined) continue;
    text += `${text && ','}${keys[index]}${typeof value === 'string' ? JSON.stringify(value) : value}`;
  }
  return `{${text}}`;
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
