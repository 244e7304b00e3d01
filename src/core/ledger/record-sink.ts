import type { Pricing } from './pricing.ts';
import type { RequestRecord } from './request-record.ts';

export interface PricedRecord {
  readonly record: RequestRecord;
  readonly pricing: Pricing;
}

/** Whoever is told of the requests that ended: the request log, the traces, the metrics of cost. */
export interface RecordSink {
  /** Never throws, and waits for nobody: what a sink cannot get rid of it drops and counts. */
  take(records: readonly PricedRecord[]): void;
  /** Another configuration is in force, or a log file was moved away. */
  reopen?(): void;
  /** Sends what it still holds, within a few seconds at most. */
  close(): Promise<void>;
}
