import { Database as Connection, constants, SQLiteError, type SQLQueryBindings, type Statement } from 'bun:sqlite';
import { chmodSync, closeSync, openSync } from 'node:fs';
import { type Database, type Dialect, LedgerUnavailable, type Queryable, type Transaction } from './database.ts';
import { fixed, type Sql, type SqlValue, sql } from './sql.ts';

const MEMORY = ':memory:';

export const SQLITE: Dialect = {
  name: 'sqlite',
  bytes: 'BLOB',
  counter: 'INTEGER PRIMARY KEY',
  binary: '',
  uncompressed: () => [],
  arrival: {
    next: fixed('(SELECT COALESCE(max(arrival), 0) + 1 FROM request_blocks)'),
    settled: fixed('TRUE'),
    now: fixed('(SELECT COALESCE(max(arrival), 0) + 1 FROM request_blocks)'),
  },
  member: (column, name) =>
    /^[\w./: -]+$/.test(name)
      ? sql`json_extract(${column}, ${`$."${name}"`})`
      : sql`(SELECT member.value FROM json_each(${column}) AS member WHERE member.key = ${name})`,
};

/** Readers map the file: blocks of a megabyte are read at once then. What is mapped counts as memory of the process. */
const MAP = 'PRAGMA mmap_size = 2147418112';
const UNMAP = 'PRAGMA mmap_size = 0';
/** Without questions for so long, the file is mapped no more. */
const UNMAPPED_AFTER = 5_000;

export interface SqliteOptions {
  /** A file, made if need be, or `:memory:`. */
  readonly path: string;
  /** Changes nothing, and works beside a gateway that does. */
  readonly readOnly?: boolean;
}

/** How long a connection waits for another that writes, in milliseconds. */
const BUSY_TIMEOUT = 5_000;

/** Pages of 8 KB, for `shrink`. */
const PAGES_AT_ONCE = 256;

export function openSqlite({ path, readOnly = false }: SqliteOptions): Database {
  try {
    const writer = connect(path, readOnly);
    // A second connection reads what is committed while the first one writes. A database in memory has only one.
    const reader = readOnly || path === MEMORY ? writer : connect(path, true);
    return new SqliteDatabase(writer, reader);
  } catch (error) {
    throw unavailable(error);
  }
}

function connect(path: string, readOnly: boolean): Connection {
  if (path !== MEMORY && !readOnly) createPrivately(path);
  // Write-ahead logging needs its index beside the file even for reading, hence no SQLITE_OPEN_READONLY.
  const connection = new Connection(path, path === MEMORY ? {} : constants.SQLITE_OPEN_READWRITE);
  connection.run(`PRAGMA busy_timeout = ${BUSY_TIMEOUT}`);
  connection.run('PRAGMA foreign_keys = ON');
  // In KiB. Batches are written in the order of their keys, and readers map the file: more of it made nothing faster.
  connection.run('PRAGMA cache_size = -2000');
  connection.run('PRAGMA temp_store = MEMORY');
  if (readOnly) {
    connection.run('PRAGMA query_only = ON');
    connection.run(MAP);
    return connection;
  }
  // Both only count for a database that is made now.
  connection.run('PRAGMA page_size = 8192');
  connection.run('PRAGMA auto_vacuum = INCREMENTAL');
  connection.run('PRAGMA journal_mode = WAL');
  connection.run('PRAGMA synchronous = NORMAL');
  connection.run('PRAGMA wal_autocheckpoint = 2000');
  connection.run('PRAGMA journal_size_limit = 67108864');
  return connection;
}

/** Only the gateway's own user may read who asked what. The files beside it get the same mode from SQLite. */
function createPrivately(path: string): void {
  closeSync(openSync(path, 'a', 0o600));
  chmodSync(path, 0o600);
}

function unavailable(error: unknown): LedgerUnavailable {
  const message = error instanceof Error ? error.message : String(error);
  return new LedgerUnavailable(`SQLite: ${message}`, { cause: error });
}

/** `bun:sqlite` blocks, so one after the other is all that a thread can do anyway. */
class SqliteDatabase implements Database {
  readonly dialect = SQLITE;
  readonly #writer: SqliteConnection;
  readonly #reader: SqliteConnection;
  #last: Promise<unknown> = Promise.resolve();
  #unmapping: Timer | undefined;

  constructor(writer: Connection, reader: Connection) {
    this.#writer = new SqliteConnection(writer);
    this.#reader = writer === reader ? this.#writer : new SqliteConnection(reader);
  }

  rows<Row>(statement: Sql): Promise<Row[]> {
    return this.snapshot((reader) => reader.rows<Row>(statement));
  }

  values(statement: Sql): Promise<SqlValue[][]> {
    return this.snapshot((reader) => reader.values(statement));
  }

  run(statement: Sql): Promise<number> {
    return this.transaction((transaction) => transaction.run(statement));
  }

  transaction<Result>(work: (transaction: Transaction) => Promise<Result>): Promise<Result> {
    return this.#alone(() => within(this.#writer, 'BEGIN IMMEDIATE', work));
  }

  snapshot<Result>(work: (reader: Queryable) => Promise<Result>): Promise<Result> {
    this.#unmapLater();
    return this.#alone(() => within(this.#reader, 'BEGIN', work));
  }

  async size(): Promise<number> {
    const [row] = await this.values(
      sql`SELECT (page_count - freelist_count) * page_size
        FROM pragma_page_count(), pragma_freelist_count(), pragma_page_size()`,
    );
    return Number(row?.[0] ?? 0);
  }

  async shrink(): Promise<void> {
    await this.#alone(async () => this.#writer.execute(`PRAGMA incremental_vacuum(${PAGES_AT_ONCE})`));
  }

  async close(): Promise<void> {
    clearTimeout(this.#unmapping);
    await this.#alone(async () => {
      if (this.#reader !== this.#writer) this.#reader.close();
      this.#writer.close();
    });
  }

  #unmapLater(): void {
    if (this.#reader === this.#writer) return;
    clearTimeout(this.#unmapping);
    this.#unmapping = setTimeout(() => {
      void this.#alone(async () => {
        this.#reader.execute(UNMAP);
        this.#reader.execute(MAP);
      }).catch(() => {});
    }, UNMAPPED_AFTER);
    this.#unmapping.unref();
  }

  #alone<Result>(work: () => Promise<Result>): Promise<Result> {
    const mine = this.#last.then(work, work);
    this.#last = mine.catch(() => undefined);
    return mine;
  }
}

async function within<Result>(
  connection: SqliteConnection,
  begin: string,
  work: (transaction: Transaction) => Promise<Result>,
): Promise<Result> {
  connection.execute(begin);
  try {
    const result = await work(connection);
    connection.execute('COMMIT');
    return result;
  } catch (error) {
    connection.rollBack();
    throw error;
  }
}

/** How many prepared statements are kept. */
const STATEMENTS = 64;

class SqliteConnection implements Transaction {
  readonly #connection: Connection;
  readonly #statements = new Map<string, Statement>();

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  async rows<Row>(statement: Sql): Promise<Row[]> {
    return this.#try(() => this.#prepared(statement.text(questionMark)).all(...bindings(statement.values)) as Row[]);
  }

  async values(statement: Sql): Promise<SqlValue[][]> {
    return this.#try(
      () => this.#prepared(statement.text(questionMark)).values(...bindings(statement.values)) as SqlValue[][],
    );
  }

  async run(statement: Sql): Promise<number> {
    return this.#try(() => this.#prepared(statement.text(questionMark)).run(...bindings(statement.values)).changes);
  }

  /** Only one connection writes at a time, so whoever is in a transaction has every lock. */
  async lock(): Promise<void> {}

  async tryLock(): Promise<boolean> {
    return true;
  }

  execute(text: string): void {
    this.#try(() => this.#prepared(text).run());
  }

  rollBack(): void {
    // SQLite has rolled back by itself after some errors, for example when the disk is full.
    if (this.#connection.inTransaction) this.execute('ROLLBACK');
  }

  close(): void {
    for (const statement of this.#statements.values()) statement.finalize();
    this.#statements.clear();
    this.#connection.close();
  }

  #prepared(text: string): Statement {
    const known = this.#statements.get(text);
    if (known) return known;
    if (this.#statements.size >= STATEMENTS) this.#forgetOldest();
    const statement = this.#connection.prepare(text);
    this.#statements.set(text, statement);
    return statement;
  }

  #forgetOldest(): void {
    for (const [text, statement] of this.#statements) {
      statement.finalize();
      this.#statements.delete(text);
      return;
    }
  }

  #try<Result>(work: () => Result): Result {
    try {
      return work();
    } catch (error) {
      throw isRefusal(error) ? error : unavailable(error);
    }
  }
}

/** The database answers, and what it was given is at fault: trying again will not help. */
function isRefusal(error: unknown): boolean {
  return error instanceof SQLiteError && /^SQLITE_(ERROR|CONSTRAINT|MISMATCH|TOOBIG|RANGE)/.test(error.code ?? '');
}

function questionMark(): string {
  return '?';
}

function bindings(values: readonly SqlValue[]): SQLQueryBindings[] {
  return values as SQLQueryBindings[];
}
