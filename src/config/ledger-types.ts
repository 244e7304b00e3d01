import type { Secret } from '../core/secret.ts';
import type { RetentionSettings } from './retention.ts';

/** Where requests are accounted for. */
export type DatabaseSettings =
  | { readonly kind: 'off' }
  | { readonly kind: 'memory' }
  /** `isDefault`: nobody asked for this place. */
  | { readonly kind: 'sqlite'; readonly path: string; readonly isDefault: boolean }
  /** The URL may have a password in it. */
  | { readonly kind: 'postgres'; readonly url: Secret };

export interface LedgerSettings {
  readonly database: DatabaseSettings;
  readonly journal: JournalSettings;
  /** Whether the published prices are downloaded once a day. */
  readonly refreshesPrices: boolean;
  readonly retention: RetentionSettings;
}

export interface JournalSettings {
  /** The folder of all journals; null where nothing is to be kept on a disk. */
  readonly folder: string | null;
  readonly isDefault: boolean;
  /** Bytes. */
  readonly limit: number;
}
