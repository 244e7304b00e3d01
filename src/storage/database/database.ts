import type { Sql, SqlValue } from './sql.ts';

/** Where databases differ. Statements ask for these, never for a database's name. */
export interface Dialect {
  readonly name: 'sqlite' | 'postgres';
  /** The type of bytes. */
  readonly bytes: string;
  /** The type of a primary key that counts up. */
  readonly counter: string;
  /** For a column of bytes that are compact as they are: not to be compressed. */
  uncompressed(table: string, column: string): readonly string[];
  /** After a column of texts: compared byte by byte. */
  readonly binary: string;
  /** In which order blocks of requests became visible. */
  readonly arrival: Arrival;
  /** The text of a member of a column with JSON. */
  member(column: Sql, name: string): Sql;
}

/** A number that grows with the order in which blocks of requests can be seen, over all nodes. */
export interface Arrival {
  /** Of a block that is written now. */
  readonly next: Sql;
  /** True of blocks that no earlier one will join any more. */
  readonly settled: Sql;
  /** Below that of all blocks that are yet to be seen, and not below those that were, once they are settled. */
  readonly now: Sql;
}

export interface Queryable {
  /** Rows as objects. Whole numbers may come as texts where they are of 64 bits. */
  rows<Row>(statement: Sql): Promise<Row[]>;
  /** Rows as arrays, in the order of the columns. */
  values(statement: Sql): Promise<SqlValue[][]>;
  /** How many rows were changed. */
  run(statement: Sql): Promise<number>;
}

export interface Transaction extends Queryable {
  /** Waits for it. Held until the end of the transaction. */
  lock(name: LockName): Promise<void>;
  /** False when somebody else holds it. Held until the end of the transaction. */
  tryLock(name: LockName): Promise<boolean>;
}

/** What only one node may do at a time. */
export const LOCKS = {
  migration: 7_405_001,
  compaction: 7_405_002,
  retention: 7_405_003,
  audit: 7_405_004,
  repricing: 7_405_005,
} as const;

export type LockName = keyof typeof LOCKS;

/**
 * The port to a database. All methods reject with `LedgerUnavailable` when it cannot answer now, and with another error when
 * it refuses what it was given.
 */
export interface Database extends Queryable {
  readonly dialect: Dialect;
  /** Commits when `work` resolves, and rolls back when it rejects. Transactions of one node run one after the other. */
  transaction<Result>(work: (transaction: Transaction) => Promise<Result>): Promise<Result>;
  /** All reads of `work` see the same state. */
  snapshot<Result>(work: (reader: Queryable) => Promise<Result>): Promise<Result>;
  /** Bytes in use; null where that cannot be known. */
  size(): Promise<number | null>;
  /** Gives space that is no longer used back to the system, a little at a time. */
  shrink(): Promise<void>;
  close(): Promise<void>;
}

/** The database does not answer, or not now. The message says nothing secret. */
export class LedgerUnavailable extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'LedgerUnavailable';
  }
}
