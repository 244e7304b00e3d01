import type { AuditCheck, AuditEntry, AuditHead, AuditRow } from '../../core/audit/audit-chain.ts';
import type { Database } from '../database/database.ts';
import { type AuditCheckStep, type AuditQuery, auditRows, checkAudit, listAudit } from './audit-reader.ts';

/** What can be asked of the audit trail. Plain data, as with `LedgerQueries`. */
export interface AuditQueries {
  /** Newest first. */
  auditList(query: AuditQuery): Promise<readonly AuditEntry[]>;
  /** As they are kept, oldest first, behind a sequence number. */
  auditRows(query: { readonly after: number; readonly limit: number }): Promise<readonly AuditRow[]>;
  /** One step of a check of the whole trail. `anchor` is an entry that was remembered elsewhere. */
  auditCheck(question: { readonly check?: AuditCheck; readonly anchor?: AuditHead | null }): Promise<AuditCheckStep>;
}

export class DatabaseAudit implements AuditQueries {
  readonly #database: Database;
  readonly #ready: () => Promise<unknown>;

  /** `ready` resolves once there are tables to ask. */
  constructor(database: Database, ready: () => Promise<unknown>) {
    this.#database = database;
    this.#ready = ready;
  }

  async auditList(query: AuditQuery): Promise<readonly AuditEntry[]> {
    await this.#ready();
    return listAudit(this.#database, query);
  }

  async auditRows({ after, limit }: Parameters<AuditQueries['auditRows']>[0]): Promise<readonly AuditRow[]> {
    await this.#ready();
    return auditRows(this.#database, after, limit);
  }

  async auditCheck(step: Parameters<AuditQueries['auditCheck']>[0]): Promise<AuditCheckStep> {
    await this.#ready();
    return checkAudit(this.#database, step);
  }
}
