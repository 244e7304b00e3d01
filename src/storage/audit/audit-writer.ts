import { type AuditHead, EMPTY_HEAD, sealEvent } from '../../core/audit/audit-chain.ts';
import type { AuditEvent } from '../../core/audit/audit-event.ts';
import type { Queryable, Transaction } from '../database/database.ts';
import { fixed, joined, sql, storableText } from '../database/sql.ts';
import { readSetting, writeSetting } from '../settings.ts';

const HEAD_SETTING = 'audit_head';

/**
 * Adds events to the trail, one writer at a time over all nodes, and says which one is the last now. Events that are there
 * already are left out.
 */
export async function appendAudit(transaction: Transaction, events: readonly AuditEvent[]): Promise<void> {
  if (events.length === 0) return;
  await transaction.lock('audit');
  const known = await knownIds(transaction, events);
  let head = await lastEntry(transaction);
  for (const event of events) {
    if (known.has(event.id)) continue;
    known.add(event.id);
    const { sequence, time, entry, hash } = sealEvent(event, head);
    await transaction.run(sql`INSERT INTO audit (seq, id, time, entry, hash)
      VALUES (${sequence}, ${storableText(event.id)}, ${time}, ${entry}, ${hash})`);
    head = { sequence, hash };
  }
  await writeSetting(transaction, HEAD_SETTING, JSON.stringify(head));
}

async function knownIds(reader: Queryable, events: readonly AuditEvent[]): Promise<Set<string>> {
  const ids = joined(
    events.map(({ id }) => sql`${storableText(id)}`),
    ', ',
  );
  const rows = await reader.values(sql`SELECT id FROM audit WHERE id IN (${ids})`);
  return new Set(rows.map(([id]) => String(id)));
}

/** What a new entry follows: where the end was cut off, the head that was written; then the gap shows. */
async function lastEntry(reader: Queryable): Promise<AuditHead> {
  const written = await readHead(reader);
  const [row] = await reader.values(sql`SELECT seq, hash FROM audit ORDER BY seq DESC ${fixed('LIMIT 1')}`);
  const last = row ? { sequence: Number(row[0]), hash: String(row[1]) } : EMPTY_HEAD;
  return written.sequence > last.sequence ? written : last;
}

/** The last entry that was written, as it was noted apart from the trail. */
export async function readHead(reader: Queryable): Promise<AuditHead> {
  const text = await readSetting(reader, HEAD_SETTING);
  return text === null ? EMPTY_HEAD : (JSON.parse(text) as AuditHead);
}
