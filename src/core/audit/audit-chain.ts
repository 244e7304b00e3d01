import { createHash } from 'node:crypto';
import type { AuditEvent } from './audit-event.ts';
import { canonicalJson } from './canonical-json.ts';

/** One row of the trail. */
export interface AuditRow {
  readonly sequence: number;
  readonly time: number;
  /** The entry as canonical JSON: what the hash is made of. It holds the hash of the entry before. */
  readonly entry: string;
  /** SHA-256 of `entry`, in hex. */
  readonly hash: string;
}

/** One entry of the trail. */
export interface AuditEntry extends AuditEvent {
  /** From 1, without gaps. */
  readonly sequence: number;
  readonly previousHash: string;
  readonly hash: string;
}

/** The last entry; of an empty trail, sequence 0 and the hash that the first entry follows. */
export interface AuditHead {
  readonly sequence: number;
  readonly hash: string;
}

export const EMPTY_HEAD: AuditHead = { sequence: 0, hash: '0'.repeat(64) };

/** The row for an event that follows `head`. */
export function sealEvent(event: AuditEvent, head: AuditHead): AuditRow {
  const sequence = head.sequence + 1;
  const entry = canonicalJson({ ...event, sequence, previous: head.hash });
  return { sequence, time: event.time, entry, hash: sha256(entry) };
}

/** Null for a row that holds no entry. */
export function readEntryOf({ entry, hash }: AuditRow): AuditEntry | null {
  try {
    const { previous, ...event } = JSON.parse(entry) as AuditEntry & { readonly previous: string };
    return typeof event.sequence === 'number' ? { ...event, previousHash: previous, hash } : null;
  } catch {
    return null;
  }
}

export type AuditProblem =
  /** The content is not what the hash was made of. */
  | 'entry altered'
  /** The entry was replaced by another, with a hash of its own: the entry that follows tells. */
  | 'entry replaced'
  /** One or more before this one are gone. */
  | 'entry missing'
  /** Its place in the trail is not the one that it says itself. */
  | 'order changed'
  /** It follows an entry that is not the one before it. */
  | 'entry inserted'
  /** The trail ends before the last entry that was written. */
  | 'end missing'
  /** The trail goes on after the last entry that was written. */
  | 'entry added'
  /** An entry that was remembered elsewhere is not in the trail. */
  | 'anchor differs';

export interface AuditFault {
  readonly sequence: number;
  readonly problem: AuditProblem;
}

/** Where a check stands: plain data, so that it can go on in another call. */
export interface AuditCheck {
  readonly entries: number;
  readonly head: AuditHead;
  readonly fault: AuditFault | null;
}

export const BEGINNING: AuditCheck = { entries: 0, head: EMPTY_HEAD, fault: null };

/** Goes on with rows in the order of their sequence. After a fault nothing more is looked at. */
export function checkRows(check: AuditCheck, rows: readonly AuditRow[], anchor: AuditHead | null = null): AuditCheck {
  let { entries, head, fault } = check;
  for (const row of rows) {
    if (fault !== null) break;
    fault = faultOf(row, head, anchor);
    entries++;
    head = { sequence: row.sequence, hash: row.hash };
  }
  return { entries, head, fault };
}

function faultOf(row: AuditRow, before: AuditHead, anchor: AuditHead | null): AuditFault | null {
  const { sequence } = row;
  const fault = (problem: AuditProblem, at = sequence): AuditFault => ({ sequence: at, problem });
  if (sequence !== before.sequence + 1) return fault('entry missing', before.sequence + 1);
  if (sha256(row.entry) !== row.hash) return fault('entry altered');
  const entry = readEntryOf(row);
  if (entry === null) return fault('entry altered');
  if (entry.sequence === before.sequence && sequence > 1) return fault('entry inserted', before.sequence);
  if (entry.sequence !== sequence) return fault('order changed');
  if (entry.time !== row.time) return fault('entry altered');
  // With its own hash right, it is the entry before that is another than it was.
  if (entry.previousHash !== before.hash) {
    return fault('entry replaced', Math.max(1, sequence - 1));
  }
  return anchor !== null && anchor.sequence === sequence && anchor.hash !== row.hash ? fault('anchor differs') : null;
}

/** At the end of the rows: whether this is the end that was written last. */
export function checkEnd(check: AuditCheck, head: AuditHead, anchor: AuditHead | null = null): AuditCheck {
  if (check.fault !== null) return check;
  const { sequence } = check.head;
  const fault = (at: number, problem: AuditProblem): AuditCheck => ({ ...check, fault: { sequence: at, problem } });
  if (sequence < head.sequence) return fault(sequence + 1, 'end missing');
  if (sequence > head.sequence) return fault(head.sequence + 1, 'entry added');
  if (check.head.hash !== head.hash) return fault(sequence, 'entry replaced');
  return anchor !== null && anchor.sequence > sequence ? fault(sequence + 1, 'end missing') : check;
}

function sha256(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}
