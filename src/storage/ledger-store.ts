import type { AuditEvent } from '../core/audit/audit-event.ts';
import type { RecordColumns } from './records/record-columns.ts';

/** How far a journal has been taken over. */
export interface JournalPosition {
  readonly journal: string;
  readonly position: number;
  /** Where a batch begins in it; absent where that is not known. */
  readonly from?: number;
}

/** The captured texts of one request, redacted. */
export interface Payload {
  readonly requestId: string;
  readonly request: string;
  /** A stream's as assembled; null where none was complete enough. */
  readonly response: string | null;
  /** How many spans were redacted, by kind. */
  readonly redactions: Readonly<Record<string, number>>;
  /** Something was cut off to keep within the limit. */
  readonly truncated: boolean;
}

export interface LedgerBatch {
  /** For the audit trail, in the order in which they happened. */
  readonly events?: readonly AuditEvent[];
  readonly records: RecordColumns;
  readonly payloads: readonly Payload[];
  readonly positions: readonly JournalPosition[];
}

/** What the ledger writes. One writer a node; several nodes may share a database. */
export interface LedgerWriter {
  /**
   * In one transaction: records, roll-ups, payloads and positions. Records whose id is known already change nothing, so
   * a batch may be given again; where its positions say that it is new, nobody looks. Rejects when the database cannot take it now.
   */
  write(batch: LedgerBatch): Promise<void>;
  positions(): Promise<readonly JournalPosition[]>;
}
