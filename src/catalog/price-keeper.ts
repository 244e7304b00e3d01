import type { Database } from '../storage/database/database.ts';
import { settingChangedAt } from '../storage/settings.ts';
import type { Log } from '../telemetry/log.ts';
import type { EgressOptions } from '../upstream/egress/egress-client.ts';
import type { Catalog } from './catalog.ts';
import { CATALOG_SETTING, catalogInForce, storeCatalog } from './stored-catalog.ts';

export interface PriceKeeperOptions {
  readonly database: Database;
  /** Whether the published prices are downloaded once a day. */
  readonly refreshes: boolean;
  /** How they are fetched. `environment` names the proxies, if any; the rest is for servers of tests. */
  readonly egress: Pick<EgressOptions, 'environment'> & Partial<EgressOptions>;
  /** Where they are published, when it is not the usual place. */
  readonly from?: string;
  readonly pauses?: Partial<typeof PAUSES>;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
  readonly log: Log;
  /** Another catalog is in force. */
  changed(catalog: Catalog): void;
  /** It downloaded prices and stored them; `date` is theirs. */
  refreshed?(details: { readonly from: string; readonly date: string }): Promise<void>;
}

/** In milliseconds. */
const PAUSES = {
  /** Between two looks at what others have stored. */
  look: 5 * 60_000,
  /** From the start to the first download; spread, so that nodes do not all ask at once. */
  first: 10 * 60_000,
  refresh: 86_400_000,
  /** After a download that failed: a network that is away for a minute must not cost a day. */
  retry: 3_600_000,
};

/**
 * Keeps a gateway's prices those of the catalog in its database: takes over what another node or a command has stored there,
 * and refreshes it daily where that is configured. A network that is not there changes nothing.
 */
export class PriceKeeper {
  readonly #options: PriceKeeperOptions;
  readonly #pauses: typeof PAUSES;
  readonly #now: () => number;
  readonly #stop = new AbortController();
  #refreshes: boolean;
  #stored: number | null = null;
  #nextRefresh: number;
  #timer: ReturnType<typeof setTimeout> | null = null;

  constructor(options: PriceKeeperOptions) {
    this.#options = options;
    this.#pauses = { ...PAUSES, ...options.pauses };
    this.#now = options.now ?? Date.now;
    this.#refreshes = options.refreshes;
    this.#nextRefresh = this.#now() + this.#pauses.first * (0.5 + Math.random());
  }

  /**
   * Looks into the database at once, and now and then from here on. Downloads come later and by themselves: the ledger
   * waits for this, and a server that hangs must not keep records from being written.
   */
  async start(): Promise<void> {
    await this.#look();
    this.#schedule();
  }

  /** Another configuration says whether prices are downloaded. */
  configure(refreshes: boolean): void {
    this.#refreshes = refreshes;
  }

  stop(): void {
    this.#stop.abort();
    if (this.#timer) clearTimeout(this.#timer);
  }

  #schedule(): void {
    if (this.#timer) clearTimeout(this.#timer);
    if (this.#stop.signal.aborted) return;
    this.#timer = setTimeout(() => void this.#turn(), this.#pauses.look);
    this.#timer.unref();
  }

  async #turn(): Promise<void> {
    if (this.#refreshes && this.#now() >= this.#nextRefresh) await this.#refresh();
    await this.#look();
    this.#schedule();
  }

  async #look(): Promise<void> {
    const { database, changed, log } = this.#options;
    try {
      const stored = await settingChangedAt(database, CATALOG_SETTING);
      if (stored === null || stored === this.#stored) return;
      changed(await catalogInForce(database));
      this.#stored = stored;
    } catch (error) {
      if (this.#stop.signal.aborted) return;
      log.warning('the prices stay as they are', { error: messageOf(error) });
    }
  }

  async #refresh(): Promise<void> {
    // Its way to the network takes memory that most gateways never need here.
    const { PUBLISHED_PRICES } = await import('./refresh.ts');
    const { from = PUBLISHED_PRICES, log } = this.#options;
    this.#nextRefresh = this.#now() + this.#pauses.refresh;
    try {
      await this.#download(from);
    } catch (error) {
      if (this.#stop.signal.aborted) return;
      this.#nextRefresh = this.#now() + this.#pauses.retry;
      log.warning('the published prices cannot be had; those there are stay in force', {
        from,
        error: messageOf(error),
      });
    }
  }

  async #download(from: string): Promise<void> {
    const { database, egress, log } = this.#options;
    const { fetchPrices, newCatalog } = await import('./refresh.ts');
    const today = new Date(this.#now()).toISOString().slice(0, 10);
    // Another node may have done it.
    if ((await catalogInForce(database)).origin.date >= today) return;
    const text = await fetchPrices(from, egress, this.#stop.signal);
    const { file } = await catalogInForce(database);
    await storeCatalog(database, newCatalog(text, from, file, today));
    log.info('the prices are refreshed', { from });
    await this.#options.refreshed?.({ from, date: today });
  }
}

/** With what lies behind it, such as why a server cannot be reached. */
function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message} (${error.cause.message})` : error.message;
}
