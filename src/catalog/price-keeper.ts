import type { Database } from '../storage/database/database.ts';
import { settingChangedAt } from '../storage/settings.ts';
import type { Log } from '../telemetry/log.ts';
import type { Catalog } from './catalog.ts';
import { CATALOG_SETTING, catalogInForce, storeCatalog } from './stored-catalog.ts';

export interface PriceKeeperOptions {
  readonly database: Database;
  /** Whether the published prices are downloaded once a day. */
  readonly refreshes: boolean;
  /** Names the proxies, if any. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly log: Log;
  /** Another catalog is in force. */
  changed(catalog: Catalog): void;
  /** It downloaded prices and stored them; `date` is theirs. */
  refreshed?(details: { readonly from: string; readonly date: string }): Promise<void>;
}

const LOOK_MILLISECONDS = 5 * 60_000;
const DAY_MILLISECONDS = 86_400_000;
/** After a start, and spread so that nodes do not all ask at once. */
const FIRST_REFRESH_MILLISECONDS = 10 * 60_000;

/**
 * Keeps a gateway's prices those of the catalog in its database: takes over what another node or a command has stored there,
 * and refreshes it daily where that is configured. A network that is not there changes nothing.
 */
export class PriceKeeper {
  readonly #options: PriceKeeperOptions;
  #stored: number | null = null;
  #nextRefresh: number;
  #timer: ReturnType<typeof setTimeout> | null = null;
  #isStopped = false;

  constructor(options: PriceKeeperOptions) {
    this.#options = options;
    this.#nextRefresh = Date.now() + FIRST_REFRESH_MILLISECONDS * (0.5 + Math.random());
  }

  /** Looks at once, and now and then from here on. */
  async start(): Promise<void> {
    await this.#look();
    if (this.#isStopped) return;
    this.#timer = setTimeout(() => void this.start(), LOOK_MILLISECONDS);
    this.#timer.unref();
  }

  stop(): void {
    this.#isStopped = true;
    if (this.#timer) clearTimeout(this.#timer);
  }

  async #look(): Promise<void> {
    try {
      if (this.#options.refreshes && Date.now() >= this.#nextRefresh) await this.#refresh();
      const stored = await settingChangedAt(this.#options.database, CATALOG_SETTING);
      if (stored === null || stored === this.#stored) return;
      this.#options.changed(await catalogInForce(this.#options.database));
      this.#stored = stored;
    } catch (error) {
      this.#options.log.warning('the prices stay as they are', { error: messageOf(error) });
    }
  }

  async #refresh(): Promise<void> {
    this.#nextRefresh = Date.now() + DAY_MILLISECONDS;
    const { database, environment, log } = this.#options;
    // Its way to the network takes memory that most gateways never need here.
    const { fetchPrices, newCatalog, PUBLISHED_PRICES } = await import('./refresh.ts');
    const today = new Date().toISOString().slice(0, 10);
    const current = await catalogInForce(database);
    if (current.origin.date >= today) return;
    const text = await fetchPrices(PUBLISHED_PRICES, environment);
    await storeCatalog(database, newCatalog(text, PUBLISHED_PRICES, current.file, today));
    await this.#options.refreshed?.({ from: PUBLISHED_PRICES, date: today });
    log.info('the prices are refreshed', { from: PUBLISHED_PRICES });
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
