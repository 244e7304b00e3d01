import type { Picodollars, Pricing } from './pricing.ts';
import type { RequestRecord } from './request-record.ts';

export interface PricedRecord {
  readonly record: RequestRecord;
  readonly pricing: Pricing;
}

/** What the requests of one model of an endpoint cost. */
export interface CostSum {
  readonly endpoint: string;
  readonly provider: string | null;
  readonly model: string | null;
  readonly cost: Picodollars;
  /** Of the requests whose cost the provider told too: what we calculated, and what it said. */
  readonly compared: Picodollars;
  readonly reported: Picodollars;
  /** Requests that were served and whose cost is not known, by the reason. */
  readonly unpriced: ReadonlyMap<string, number>;
}

/** Requests that ended, as the ledger takes them over. What is asked of them is made when it is asked. */
export interface RecordBatch {
  readonly size: number;
  priced(): readonly PricedRecord[];
  costs(): readonly CostSum[];
}

interface Sink<Told> {
  /** Never throws, and waits for nobody: what a sink cannot get rid of it drops and counts. */
  take(told: Told): void;
  /** Another configuration is in force, or a log file was moved away. */
  reopen?(): void;
  /** Sends what it still holds, within a few seconds at most. */
  close(): Promise<void>;
}

/** Whoever is told of each request that ended: the request log, the traces. */
export type RecordSink = Sink<readonly PricedRecord[]>;

/** Whoever is told of all that the ledger takes over at once. */
export type BatchSink = Sink<RecordBatch>;
