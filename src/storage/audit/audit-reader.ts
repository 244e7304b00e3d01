import {
  type AuditCheck,
  type AuditEntry,
  type AuditHead,
  type AuditRow,
  BEGINNING,
  checkEnd,
  checkRows,
  readEntryOf,
} from '../../core/audit/audit-chain.ts';
import type { Database, Dialect, Queryable } from '../database/database.ts';
import { joined, type Sql, sql, storableText } from '../database/sql.ts';
import { readHead } from './audit-writer.ts';

export interface AuditQuery {
  /** Milliseconds since 1970; the end is not part of it. */
  readonly from: number;
  readonly to: number;
  readonly action: string | null;
  readonly actor: string | null;
  readonly outcome: string | null;
  /** Entries before this sequence number; null for the newest. */
  readonly before: number | null;
  /** 1,000 at most. */
  readonly limit: number;
}

const MOST_ENTRIES = 1000;
const CHECKED_AT_ONCE = 2000;

/** Newest first. */
export async function listAudit(database: Database, query: AuditQuery): Promise<readonly AuditEntry[]> {
  const { from, to, before } = query;
  const limit = Math.max(1, Math.min(MOST_ENTRIES, query.limit));
  const conditions = [
    sql`time >= ${from}`,
    sql`time < ${to}`,
    ...(before === null ? [] : [sql`seq < ${before}`]),
    ...(['action', 'actor', 'outcome'] as const).flatMap((name) => condition(database.dialect, name, query[name])),
  ];
  const where = joined(conditions, ' AND ');
  const rows = await readRows(database, sql`WHERE ${where} ORDER BY seq DESC LIMIT ${limit}`);
  return rows.flatMap((row) => readEntryOf(row) ?? []);
}

function condition({ member }: Dialect, name: 'action' | 'actor' | 'outcome', value: string | null): Sql[] {
  return value === null ? [] : [sql`${member(sql`entry`, name)} = ${storableText(value)}`];
}

/** Rows after a sequence number, oldest first. */
export function auditRows(database: Queryable, after: number, limit = CHECKED_AT_ONCE): Promise<readonly AuditRow[]> {
  return readRows(database, sql`WHERE seq > ${after} ORDER BY seq LIMIT ${limit}`);
}

async function readRows(reader: Queryable, rest: Sql): Promise<readonly AuditRow[]> {
  const rows = await reader.values(sql`SELECT seq, time, entry, hash FROM audit ${rest}`);
  return rows.map(([sequence, time, entry, hash]) => ({
    sequence: Number(sequence),
    time: Number(time),
    entry: String(entry),
    hash: String(hash),
  }));
}

export interface AuditCheckStep {
  readonly check: AuditCheck;
  /** Nothing is left to look at. */
  readonly isOver: boolean;
  /** The last entry that was written. */
  readonly head: AuditHead;
}

/**
 * Goes on with a check for some thousand entries. It ends where the trail ended when this step looked, so that what is
 * written meanwhile is no fault.
 */
export async function checkAudit(
  database: Database,
  { check = BEGINNING, anchor = null }: { readonly check?: AuditCheck; readonly anchor?: AuditHead | null },
): Promise<AuditCheckStep> {
  const { rows, head } = await database.snapshot(async (reader) => ({
    head: await readHead(reader),
    rows: await auditRows(reader, check.head.sequence),
  }));
  const next = checkRows(check, rows, anchor);
  if (rows.length === CHECKED_AT_ONCE && next.fault === null) return { check: next, isOver: false, head };
  return { check: checkEnd(next, head, anchor), isOver: true, head };
}
