import type { AuditNote } from '../../core/audit/audit-event.ts';
import type { AuditQueries } from '../../storage/audit/audit-queries.ts';

/** The audit trail: what is noted in it, and what is asked. */
export interface AuditSource extends AuditQueries {
  /** Never throws and waits for nobody. */
  record(note: AuditNote): void;
}
