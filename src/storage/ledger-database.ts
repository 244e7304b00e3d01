import type { AuditEvent } from '../core/audit/audit-event.ts';
import { type AuditQueries, DatabaseAudit } from './audit/audit-queries.ts';
import { appendAudit } from './audit/audit-writer.ts';
import type { Database } from './database/database.ts';
import { openDatabase } from './database/open-database.ts';
import { sql } from './database/sql.ts';
import type { LedgerQueries, TimeRange } from './ledger-queries.ts';
import type { JournalPosition, LedgerBatch, LedgerWriter } from './ledger-store.ts';
import { Maintenance, type MaintenanceOptions, mergeAll } from './maintenance.ts';
import { migrate, requireSchema } from './migrations/migrate.ts';
import { DatabaseQueries } from './queries.ts';
import { mergeBlocks } from './records/merge-blocks.ts';
import { type CostCorrection, correctCosts } from './repricing.ts';
import { MERGED_FROM, mergeDeltas } from './rollups/compactor.ts';
import { LabelWriter } from './rollups/label-writer.ts';
import { type RollupCheck, verifyRollups } from './rollups/verify.ts';
import { writeBatch } from './write-batch.ts';

export interface LedgerOptions {
  /** A path, `:memory:`, or a URL of PostgreSQL. */
  readonly database: string;
}

/** The ledger in its database: what writes to it and what answers questions. */
export class LedgerDatabase implements LedgerWriter {
  readonly database: Database;
  readonly queries: LedgerQueries;
  readonly audit: AuditQueries;
  readonly #labels = new LabelWriter();
  #ready: Promise<unknown> | null = null;
  #unmerged = 0;
  #maintenance: Maintenance | null = null;

  constructor(database: Database) {
    this.database = database;
    this.queries = new DatabaseQueries(database, () => this.prepare());
    this.audit = new DatabaseAudit(database, () => this.prepare());
  }

  async write(batch: LedgerBatch): Promise<void> {
    await this.prepare();
    await writeBatch(this.database, this.#labels, batch);
    if (batch.records.size > 0) await this.#mergeNowAndThen();
  }

  async positions(): Promise<readonly JournalPosition[]> {
    await this.prepare();
    const rows = await this.database.values(sql`SELECT journal, position FROM journal_positions`);
    return rows.map(([journal, position]) => ({ journal: String(journal), position: Number(position) }));
  }

  /** For commands that change something beside the gateway, which notes its own events with its records. */
  async note(event: AuditEvent): Promise<void> {
    await this.prepare();
    await this.database.transaction((transaction) => appendAudit(transaction, [event]));
  }

  /** The schema, once. Done by the first call of the others; what fails is tried again by the next. */
  prepare(): Promise<unknown> {
    this.#ready ??= migrate(this.database).catch((error: unknown) => {
      this.#ready = null;
      throw error;
    });
    return this.#ready;
  }

  /** Gives requests other costs and keeps those before; roll-ups follow. Gives how many were changed. */
  async correctCosts(corrections: readonly CostCorrection[], why: string): Promise<number> {
    await this.prepare();
    return correctCosts(this.database, this.#labels, corrections, why, Date.now());
  }

  /**
   * From now on does what has to be done now and then, once a minute and in small steps: roll-ups of days that ended, and
   * retention. Called again, it goes on with other settings.
   */
  keep(options: MaintenanceOptions): void {
    if (this.#maintenance) this.#maintenance.configure(options);
    else this.#maintenance = new Maintenance(this.database, options);
  }

  /** Brings all that was written into roll-ups. Questions are answered rightly without it, but slowly after a while. */
  async maintain(now: number): Promise<void> {
    await this.prepare();
    await mergeAll(this.database, now, async () => {});
  }

  /** Whether roll-ups are what the rows add up to. */
  async verify(range: TimeRange): Promise<RollupCheck> {
    await this.prepare();
    return verifyRollups(this.database, range);
  }

  async close(): Promise<void> {
    await this.#maintenance?.stop();
    await this.database.close();
  }

  async #mergeNowAndThen(): Promise<void> {
    this.#unmerged++;
    if (this.#unmerged < MERGED_FROM) return;
    this.#unmerged = 0;
    // The batch is written, whatever comes of this: it is tried again, and questions know both.
    await mergeDeltas(this.database).catch(() => 0);
    await mergeBlocks(this.database).catch(() => 0);
  }
}

export function openLedger({ database }: LedgerOptions): LedgerDatabase {
  return new LedgerDatabase(openDatabase({ database }));
}

/** For commands beside a gateway that runs: changes nothing, and needs a database that a gateway prepared. */
export async function openLedgerForReading({ database }: LedgerOptions): Promise<{
  readonly queries: LedgerQueries;
  readonly audit: AuditQueries;
  close(): Promise<void>;
}> {
  const opened = openDatabase({ database, readOnly: true });
  try {
    await requireSchema(opened);
  } catch (error) {
    await opened.close();
    throw error;
  }
  const ready = async () => {};
  return {
    queries: new DatabaseQueries(opened, ready),
    audit: new DatabaseAudit(opened, ready),
    close: () => opened.close(),
  };
}
