import { expect, test } from 'bun:test';
import { join } from 'node:path';
import { openDatabase } from '../../src/storage/database/open-database.ts';
import { sql } from '../../src/storage/database/sql.ts';
import { openLedger, openLedgerForReading } from '../../src/storage/ledger-database.ts';
import { DatabaseTooNew, DatabaseTooOld, migrate } from '../../src/storage/migrations/migrate.ts';
import { MIGRATIONS } from '../../src/storage/migrations/migrations.ts';
import { tableOf } from '../../src/storage/records/write-record.ts';
import { makeRecord, priced } from '../support/ledger-records.ts';
import { forEachDatabase } from './databases.ts';

const TIME = Date.UTC(2026, 1, 2);
const LAST = MIGRATIONS.at(-1)?.version ?? 0;

forEachDatabase((databases, kind) => {
  test('comes from each earlier version to the last', async () => {
    for (let steps = 0; steps <= MIGRATIONS.length; steps++) {
      const place = await databases.place();
      const database = openDatabase({ database: place });
      const version = MIGRATIONS[steps - 1]?.version ?? 0;
      expect(await migrate(database, MIGRATIONS.slice(0, steps))).toBe(version);
      expect(await migrate(database)).toBe(LAST);
      expect(await migrate(database)).toBe(LAST);
      await database.close();
    }
  });

  test('leaves a database alone that a newer gateway wrote', async () => {
    const database = openDatabase({ database: await databases.place() });
    await migrate(database);
    await database.run(sql`INSERT INTO schema_migrations (version, name, applied) VALUES (${LAST + 1}, 'later', 0)`);
    await expect(migrate(database)).rejects.toThrow(DatabaseTooNew);
    await expect(migrate(database)).rejects.toThrow(`version ${LAST + 1}`);
    await database.close();
  });

  test('leaves a database alone that was written before the first release', async () => {
    const database = openDatabase({ database: await databases.place() });
    const early = { version: 4, name: 'early', statements: () => ['CREATE TABLE requests (id TEXT)'] };
    await migrate(database, [early]);
    await expect(migrate(database)).rejects.toThrow(DatabaseTooOld);
    expect(await database.values(sql`SELECT count(*) FROM requests`)).toHaveLength(1);
    await database.close();
  });

  test('undoes a step that fails', async () => {
    const database = openDatabase({ database: await databases.place() });
    const broken = {
      version: LAST + 1,
      name: 'broken',
      statements: () => ['CREATE TABLE half (x TEXT)', 'no statement'],
    };
    await expect(migrate(database, [...MIGRATIONS, broken])).rejects.toThrow();
    expect(await migrate(database)).toBe(LAST);
    await expect(database.values(sql`SELECT x FROM half`)).rejects.toThrow();
    await database.close();
  });

  test.skipIf(kind === 'memory')(
    'is done once when several start at the same time',
    async () => {
      const place = await databases.place();
      const script = join(import.meta.dir, 'start-ledger.ts');
      const processes = ['0', '1', '2', '3'].map((journal) =>
        Bun.spawn([process.execPath, script, place, journal], {
          stdin: 'ignore',
          stdout: 'inherit',
          stderr: 'inherit',
        }),
      );
      expect(await Promise.all(processes.map(({ exited }) => exited))).toEqual([0, 0, 0, 0]);
      const ledger = openLedger({ database: place });
      expect(await ledger.positions()).toHaveLength(4);
      const applied = await ledger.database.values(sql`SELECT count(*) FROM schema_migrations`);
      expect(Number(applied[0]?.[0])).toBe(MIGRATIONS.length);
      await ledger.close();
    },
    30_000,
  );

  test.skipIf(kind === 'memory')('is left to the gateway by whoever only reads', async () => {
    const place = await databases.place();
    await expect(openLedgerForReading({ database: place })).rejects.toThrow();
    const gateway = openLedger({ database: place });
    await gateway.write({ records: tableOf([priced(makeRecord(TIME))]), payloads: [], positions: [] });
    const reader = await openLedgerForReading({ database: place });
    const range = { from: TIME - 1, to: TIME + 1 };
    expect((await reader.queries.requests(range)).items).toHaveLength(1);
    await gateway.write({ records: tableOf([priced(makeRecord(TIME))]), payloads: [], positions: [] });
    expect((await reader.queries.requests(range)).items).toHaveLength(2);
    expect((await reader.queries.stats()).schemaVersion).toBe(LAST);
    await Promise.all([reader.close(), gateway.close()]);
  });
});
