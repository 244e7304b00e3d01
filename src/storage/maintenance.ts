import type { RetentionSettings } from '../config/retention.ts';
import type { Database } from './database/database.ts';
import { mergeBlocks } from './records/merge-blocks.ts';
import { enforceRetention, type Purged } from './retention.ts';
import { mergeDeltas, sumUpDay } from './rollups/compactor.ts';

export interface MaintenanceOptions {
  readonly retention: RetentionSettings;
  /** Told of what went wrong; it is tried again later. */
  report(error: unknown): void;
  /** Told of what was deleted, if anything was. */
  purged?(rows: Purged): Promise<void>;
}

const INTERVAL = 60_000;
const RETENTION_INTERVAL = 15 * 60_000;

/** Keeps roll-ups merged and removes what is too old, now and then and in small steps. */
export class Maintenance {
  readonly #database: Database;
  readonly #timer: Timer;
  #options: MaintenanceOptions;
  #running: Promise<void> | null = null;
  #stopped = false;
  #lastRetention = 0;

  constructor(database: Database, options: MaintenanceOptions) {
    this.#database = database;
    this.#options = options;
    this.#timer = setInterval(() => this.#tick(), INTERVAL);
    this.#timer.unref();
    this.#tick();
  }

  /** Another configuration is in force. */
  configure(options: MaintenanceOptions): void {
    this.#options = options;
    this.#lastRetention = 0;
  }

  /** Resolves when nothing of it is under way. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearInterval(this.#timer);
    await this.#running;
  }

  #tick(): void {
    if (this.#running !== null) return;
    this.#running = this.#work()
      .catch((error: unknown) => {
        if (!this.#stopped) this.#options.report(error);
      })
      .finally(() => {
        this.#running = null;
      });
  }

  async #work(): Promise<void> {
    const now = Date.now();
    await mergeAll(this.#database, now, () => this.#pause());
    if (now - this.#lastRetention < RETENTION_INTERVAL) return;
    const rows = await enforceRetention(this.#database, this.#options.retention, now, () => this.#pause());
    this.#lastRetention = now;
    if (Object.keys(rows).length > 0) await this.#options.purged?.(rows);
  }

  /** Lets batches and questions have their turn. */
  async #pause(): Promise<void> {
    await Bun.sleep(5);
    if (this.#stopped) throw new Error('the maintenance of the ledger was told to stop');
  }
}

/** Merges what was written, and sums up days that ended. */
export async function mergeAll(database: Database, now: number, pause: () => Promise<void>): Promise<void> {
  while ((await mergeDeltas(database)) > 0) await pause();
  while ((await mergeBlocks(database)) > 0) await pause();
  while (await sumUpDay(database, now)) await pause();
}
