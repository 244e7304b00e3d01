import type { Metrics } from './metrics.ts';

const WRITE_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** How far the ledger is behind the requests. */
export interface JournalLag {
  /** The age of the oldest record that is not in the database yet; 0 when all are. */
  seconds(): number;
  records(): number;
}

/** What the thread that takes the records over tells of its work. */
export interface LedgerMetrics {
  /** A batch is in the database. */
  written(records: number, seconds: number): void;
  /** The database did not take a batch; it is tried again. */
  failed(): void;
  /** Records that cannot be kept. */
  dropped(records: number): void;
}

export function ledgerMetrics(metrics: Metrics, lag: JournalLag): LedgerMetrics {
  metrics.gauge(
    'sluice_journal_lag_seconds',
    'The age of the oldest record that is not in the database yet.',
    lag.seconds,
  );
  metrics.gauge('sluice_journal_lag_records', 'Records that are not in the database yet.', lag.records);
  const records = metrics.counter('sluice_ledger_records_total', 'Records that the database has taken.');
  const duration = metrics.histogram(
    'sluice_ledger_write_seconds',
    'How long the database took for a batch of records.',
    WRITE_BUCKETS,
  );
  const failures = metrics.counter(
    'sluice_ledger_failed_writes_total',
    'Batches that the database did not take; they are tried again.',
  );
  const dropped = metrics.counter(
    'sluice_journal_dropped_records_total',
    'Records that were lost: there was no room for them, or they could not be read or written.',
  );
  return {
    written: (count, seconds) => {
      records.add(count);
      duration.observe(seconds);
    },
    failed: () => failures.add(1),
    dropped: (count) => dropped.add(count),
  };
}
