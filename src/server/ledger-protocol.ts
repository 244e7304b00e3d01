import type { CatalogQueries } from '../catalog/search.ts';
import type { Capture } from '../core/capture/capture.ts';
import type { AuditQueries } from '../storage/audit/audit-queries.ts';
import type { LedgerQueries } from '../storage/ledger-queries.ts';
import type { LogFormat, LogLevel } from '../telemetry/log.ts';
import type { Family } from '../telemetry/metrics.ts';
import type { PackedConfig } from './packed-config.ts';

export interface LedgerThreadSettings {
  readonly config: PackedConfig;
  readonly node: string;
  readonly control: SharedArrayBuffer;
  readonly log: { readonly level: LogLevel; readonly format: LogFormat };
  /** Where journals of ended processes may lie; null where nothing is kept on a disk. */
  readonly place: string | null;
  /** The configured database cannot be written, and nobody asked for it: one in memory takes its place. */
  readonly inMemory: boolean;
}

/** From a worker, by way of the supervisor. */
export type FromJournal =
  /** A segment to be read from now on: shared memory, or a file. */
  | {
      readonly type: 'segment';
      readonly worker: number;
      readonly memory: SharedArrayBuffer | null;
      readonly path: string | null;
    }
  /** There are records, and the ledger sleeps. */
  | { readonly type: 'wake' }
  /** The texts of a request. */
  | { readonly type: 'capture'; readonly capture: Capture };

export type ToLedger =
  | { readonly type: 'start'; readonly settings: LedgerThreadSettings }
  | FromJournal
  | { readonly type: 'ask'; readonly id: number; readonly name: string; readonly question: unknown }
  | { readonly type: 'collect'; readonly id: number }
  /** Another configuration is in force. */
  | { readonly type: 'apply'; readonly config: PackedConfig }
  /** Log files may have been moved away. */
  | { readonly type: 'reopen' }
  | { readonly type: 'stop'; readonly deadlineMs: number };

/** Everything that may be asked of the ledger's thread, by name. */
export type LedgerQuestion = keyof LedgerQueries | keyof CatalogQueries | keyof AuditQueries;

export type LedgerAnswer =
  | { readonly ok: true; readonly value: unknown }
  /** `error` is the name of the error's class, which does not come along. */
  | { readonly ok: false; readonly error: string; readonly message: string };

export type FromLedger =
  /** It receives messages now; those sent before would be lost. */
  | { readonly type: 'ready' }
  | { readonly type: 'answer'; readonly id: number; readonly answer: LedgerAnswer }
  | { readonly type: 'metrics'; readonly id: number; readonly families: readonly Family[] }
  /** `isEmpty`: everything that was written is in the database. */
  | { readonly type: 'stopped'; readonly isEmpty: boolean };
