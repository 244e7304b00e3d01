import { afterAll, beforeAll, describe, setDefaultTimeout } from 'bun:test';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type LedgerDatabase, openLedger } from '../../src/storage/ledger-database.ts';
import { hasPostgres, startPostgres, type TestPostgres } from '../support/postgres.ts';

export interface TestDatabases {
  /** A new, empty one. */
  open(): Promise<LedgerDatabase>;
  /** Where a new one may be, for those that open it themselves. Null in memory. */
  place(): Promise<string>;
}

/** A real server on a busy machine takes longer than the usual five seconds. */
setDefaultTimeout(30_000);

/** Runs the tests on each kind of database. What was opened is closed at the end. */
export function forEachDatabase(tests: (databases: TestDatabases, name: 'memory' | 'file' | 'postgres') => void): void {
  describe('SQLite in memory', () =>
    tests(
      tracked(async () => ':memory:'),
      'memory',
    ));
  describe('SQLite in a file', () => {
    let folder = '';
    let count = 0;
    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'sluice-storage-'));
    });
    tests(
      tracked(async () => join(folder, `ledger-${++count}.db`)),
      'file',
    );
    afterAll(() => rm(folder, { recursive: true, force: true }));
  });
  describe.skipIf(!hasPostgres)('PostgreSQL', () => {
    let server: TestPostgres | null = null;
    beforeAll(async () => {
      server = await startPostgres();
    });
    const place = async (): Promise<string> => {
      if (!server) throw new Error('PostgreSQL is not running');
      return server.createDatabase();
    };
    tests(tracked(place), 'postgres');
    afterAll(() => server?.close());
  });
}

function tracked(place: () => Promise<string>): TestDatabases {
  const opened: LedgerDatabase[] = [];
  afterAll(async () => {
    await Promise.all(opened.map((ledger) => ledger.close().catch(() => undefined)));
  });
  return {
    place,
    open: async () => {
      const ledger = openLedger({ database: await place() });
      opened.push(ledger);
      return ledger;
    },
  };
}
