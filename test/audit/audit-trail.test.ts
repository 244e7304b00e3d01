import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type AuditCheck,
  type AuditHead,
  type AuditRow,
  BEGINNING,
  checkEnd,
  checkRows,
  EMPTY_HEAD,
  sealEvent,
} from '../../src/core/audit/audit-chain.ts';
import { type AuditEvent, auditText, readAuditText } from '../../src/core/audit/audit-event.ts';
import { canonicalJson } from '../../src/core/audit/canonical-json.ts';
import { fixed, sql } from '../../src/storage/database/sql.ts';
import { type LedgerDatabase, openLedger } from '../../src/storage/ledger-database.ts';
import { tableOf } from '../../src/storage/records/write-record.ts';
import { hasPostgres, startPostgres, type TestPostgres } from '../support/postgres.ts';

let next = 0;

function event(more: Partial<AuditEvent> = {}): AuditEvent {
  next++;
  return {
    id: `event-${next}`,
    time: 1_700_000_000_000 + next,
    node: 'n',
    actor: 'token',
    action: 'payload.view',
    object: `request ${next}`,
    outcome: 'ok',
    address: '192.0.2.7',
    details: { b: [1, { z: null, a: 'é' }], a: true },
    ...more,
  };
}

function chain(length: number): AuditRow[] {
  const rows: AuditRow[] = [];
  let head: AuditHead = EMPTY_HEAD;
  for (let index = 0; index < length; index++) {
    const row = sealEvent(event(), head);
    rows.push(row);
    head = row;
  }
  return rows;
}

const headOf = (rows: readonly AuditRow[]): AuditHead => {
  const last = rows.at(-1);
  return last === undefined ? EMPTY_HEAD : { sequence: last.sequence, hash: last.hash };
};

/** In steps of `step` rows, as a long trail is checked. */
function verdict(rows: readonly AuditRow[], head: AuditHead, anchor: AuditHead | null = null, step = 3): string | null {
  let check: AuditCheck = BEGINNING;
  for (let index = 0; index < rows.length; index += step) {
    check = checkRows(check, rows.slice(index, index + step), anchor);
  }
  const { fault } = checkEnd(check, head, anchor);
  return fault === null ? null : `${fault.sequence}: ${fault.problem}`;
}

describe('a chain of entries', () => {
  const rows = chain(10);
  const head = headOf(rows);
  const at = (sequence: number): AuditRow => rows[sequence - 1] as AuditRow;
  const changed = (sequence: number, change: (row: AuditRow) => AuditRow): AuditRow[] =>
    rows.map((row) => (row.sequence === sequence ? change(row) : row));
  const renumbered = (list: readonly AuditRow[]): AuditRow[] =>
    list.map((row, index) => ({ ...row, sequence: index + 1 }));

  test('is intact as it was written', () => {
    expect(verdict(rows, head)).toBeNull();
    expect(verdict([], EMPTY_HEAD)).toBeNull();
    for (let step = 1; step < 12; step++) expect(verdict(rows, head, at(4), step)).toBeNull();
  });

  test.each([1, 5, 10])('shows that entry %d was altered', (sequence) => {
    const altered = (row: AuditRow) => ({ ...row, entry: row.entry.replace('"ok"', '"failed"') });
    expect(verdict(changed(sequence, altered), head)).toBe(`${sequence}: entry altered`);
    expect(
      verdict(
        changed(sequence, (row) => ({ ...row, hash: `${row.hash.slice(1)}0` })),
        head,
      ),
    ).toBe(`${sequence}: entry altered`);
    expect(
      verdict(
        changed(sequence, (row) => ({ ...row, time: 1 })),
        head,
      ),
    ).toBe(`${sequence}: entry altered`);
    expect(
      verdict(
        changed(sequence, (row) => ({ ...row, entry: 'no JSON' })),
        head,
      ),
    ).toBe(`${sequence}: entry altered`);
  });

  test.each([1, 5, 10])('shows that entry %d was replaced by one with a right hash', (sequence) => {
    const before = sequence === 1 ? EMPTY_HEAD : at(sequence - 1);
    expect(
      verdict(
        changed(sequence, () => sealEvent(event(), before)),
        head,
      ),
    ).toBe(`${sequence}: entry replaced`);
  });

  test.each([1, 5, 9])('shows that entry %d is gone', (sequence) => {
    const rest = rows.filter((row) => row.sequence !== sequence);
    expect(verdict(rest, head)).toBe(`${sequence}: entry missing`);
    expect(verdict(renumbered(rest), head)).toStartWith(`${sequence}: `);
  });

  test('shows that entries were swapped', () => {
    const swapped = rows.map((row) => (row.sequence === 4 ? at(5) : row.sequence === 5 ? at(4) : row));
    expect(verdict(renumbered(swapped), head)).toBe('4: order changed');
  });

  test('shows that an entry was put in between', () => {
    const forged = sealEvent(event(), at(4));
    expect(verdict(renumbered([...rows.slice(0, 4), forged, ...rows.slice(4)]), head)).toBe('5: entry inserted');
  });

  test.each([1, 3, 10])('shows that the last %d are gone', (count) => {
    expect(verdict(rows.slice(0, 10 - count), head)).toBe(`${11 - count}: end missing`);
  });

  test('shows that one was added that nobody wrote', () => {
    expect(verdict([...rows, sealEvent(event(), at(10))], head)).toBe('11: entry added');
  });

  test('written anew to its end is told by an entry that was noted elsewhere', () => {
    const other = chain(10);
    expect(verdict(other, headOf(other))).toBeNull();
    expect(verdict(other, headOf(other), at(7))).toBe('7: anchor differs');
    expect(verdict(other.slice(0, 5), headOf(other.slice(0, 5)), at(7))).toBe('6: end missing');
  });
});

describe('an entry', () => {
  test('is the same text, however its members were ordered', () => {
    expect(canonicalJson({ b: 1, a: { d: [{ z: 1, y: undefined }], c: 'x' } })).toBe(
      '{"a":{"c":"x","d":[{"z":1}]},"b":1}',
    );
    expect(canonicalJson({ a: '\ud800\0' })).toBe('{"a":"\ufffd\ufffd"}');
  });

  test('comes back from the journal with its process', () => {
    const { node, ...rest } = event();
    expect(readAuditText(auditText(rest), 'n2')).toEqual({ ...rest, node: 'n2' });
    expect(readAuditText('{"id":"a record"}', node)).toBeNull();
    expect(readAuditText('{"audit":{', node)).toBeNull();
  });
});

const folder = mkdtempSync(join(tmpdir(), 'sluice-audit-'));
let postgres: TestPostgres | null = null;
afterAll(async () => {
  await postgres?.close();
  rmSync(folder, { recursive: true, force: true });
});

const DATABASES: ReadonlyArray<readonly [name: string, isThere: boolean, create: () => Promise<string>]> = [
  ['SQLite', true, async () => join(folder, `${crypto.randomUUID()}.db`)],
  [
    'PostgreSQL',
    hasPostgres,
    async () => {
      postgres ??= await startPostgres();
      return postgres.createDatabase();
    },
  ],
];

describe.each(DATABASES)('the trail in %s', (name, isThere, create) => {
  describe.skipIf(!isThere)('', () => {
    let url = '';
    let ledger: LedgerDatabase;
    beforeAll(async () => {
      url = await create();
      ledger = openLedger({ database: url });
    });
    afterAll(() => ledger.close());

    const write = (events: readonly AuditEvent[], to = ledger) =>
      to.write({ records: tableOf([]), payloads: [], positions: [], events });
    const check = async (anchor: AuditHead | null = null) => {
      let step = await ledger.audit.auditCheck({ anchor });
      while (!step.isOver) step = await ledger.audit.auditCheck({ check: step.check, anchor });
      return step.check;
    };

    test('keeps what it was given, once', async () => {
      const events = [event({ action: 'config.apply', actor: 'file', address: null, object: null }), event(), event()];
      await write(events);
      await write(events);
      await write([...events, event({ outcome: 'denied' })]);
      const all = {
        from: 0,
        to: Number.MAX_SAFE_INTEGER,
        action: null,
        actor: null,
        outcome: null,
        before: null,
        limit: 10,
      };
      const list = await ledger.audit.auditList(all);
      expect(list.map(({ sequence }) => sequence)).toEqual([4, 3, 2, 1]);
      expect(list[3]).toMatchObject(events[0] ?? {});
      expect(list[2]?.previousHash).toBe(list[3]?.hash ?? '');
      expect((await ledger.audit.auditList({ ...all, action: 'config.apply' })).length).toBe(1);
      expect((await ledger.audit.auditList({ ...all, outcome: 'denied', actor: 'token' })).length).toBe(1);
      expect((await ledger.audit.auditList({ ...all, actor: "x' OR 1=1" })).length).toBe(0);
      expect((await ledger.audit.auditList({ ...all, before: 3, limit: 1 })).map(({ sequence }) => sequence)).toEqual([
        2,
      ]);
      expect(await check()).toMatchObject({ entries: 4, fault: null });
    });

    test('holds texts that databases have trouble with', async () => {
      await write([event({ object: '\0\ud800\'"\\;--%_😀', details: { '\0': '\0', __proto__: 1, 'x\ud800': 1 } })]);
      expect((await check()).fault).toBeNull();
    });

    test('refuses changes', async () => {
      for (const text of ["UPDATE audit SET hash = ''", 'DELETE FROM audit WHERE seq = 1']) {
        await expect(ledger.database.run(fixed(text))).rejects.toThrow('only ever added to');
      }
      if (name === 'PostgreSQL')
        await expect(ledger.database.run(fixed('TRUNCATE audit'))).rejects.toThrow('only ever');
      expect((await check()).fault).toBeNull();
    });

    test('does not fork when several nodes write it', async () => {
      const nodes = [
        ledger,
        openLedger({ database: url }),
        openLedger({ database: url }),
        openLedger({ database: url }),
      ];
      const before = (await check()).entries;
      for (let round = 0; round < 25; round++) {
        const writes = nodes.map((node, index) => () => write([event({ node: `node-${index}` }), event()], node));
        // Connections of one thread to one file of SQLite wait for each other for ever.
        if (name === 'SQLite') for (const one of writes) await one();
        else await Promise.all(writes.map((one) => one()));
      }
      expect(await check()).toMatchObject({ entries: before + 200, fault: null });
      await Promise.all(nodes.slice(1).map((node) => node.close()));
    });

    test('is checked in steps', async () => {
      await write(Array.from({ length: 4500 }, () => event()));
      const first = await ledger.audit.auditCheck({});
      expect(first).toMatchObject({ isOver: false, check: { entries: 2000, fault: null } });
      const whole = await check();
      expect(whole.fault).toBeNull();
      expect((await check(whole.head)).fault).toBeNull();
      const rows = await ledger.audit.auditRows({ after: 100, limit: 7 });
      expect(rows.map(({ sequence }) => sequence)).toEqual([101, 102, 103, 104, 105, 106, 107]);
    });

    test('shows who went behind the fence', async () => {
      await ledger.database.run(
        fixed(name === 'SQLite' ? 'DROP TRIGGER audit_no_update' : 'DROP TRIGGER audit_no_change ON audit'),
      );
      const rename = (entry: string) =>
        sql`UPDATE audit SET entry = replace(entry, 'payload.view', ${entry}) WHERE seq = 3`;
      await ledger.database.run(rename('payload.seen'));
      expect((await check()).fault).toEqual({ sequence: 3, problem: 'entry altered' });
      await ledger.database.run(
        sql`UPDATE audit SET entry = replace(entry, 'payload.seen', 'payload.view') WHERE seq = 3`,
      );
      expect((await check()).fault).toBeNull();
      if (name === 'SQLite') await ledger.database.run(fixed('DROP TRIGGER audit_no_delete'));
      const { entries } = await check();
      await ledger.database.run(sql`DELETE FROM audit WHERE seq > ${entries - 2}`);
      expect((await check()).fault).toEqual({ sequence: entries - 1, problem: 'end missing' });
      await write([event()]);
      expect((await check()).fault).toEqual({ sequence: entries - 1, problem: 'entry missing' });
    });
  });
});
