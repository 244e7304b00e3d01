import type { RequestLogSettings } from '../config/telemetry-types.ts';
import type { PricedRecord, RecordSink } from '../core/ledger/record-sink.ts';
import { LineWriter } from './line-writer.ts';
import type { Log } from './log.ts';
import type { Metrics } from './metrics.ts';
import { jsonLine, textLine } from './request-log-line.ts';

const CLOSE_MILLISECONDS = 1000;

/** One line a request, written in batches by the thread that takes the records over. */
export class RequestLog implements RecordSink {
  readonly #writer: LineWriter;
  readonly #line: (priced: PricedRecord) => string;

  constructor(settings: RequestLogSettings, metrics: Metrics, log: Log) {
    const dropped = metrics.counter(
      'sluice_request_log_dropped_lines_total',
      'Lines of the request log that could not be written.',
    );
    this.#line = settings.format === 'json' ? jsonLine : textLine;
    this.#writer = new LineWriter({
      to: settings.to,
      onDropped: (lines) => dropped.add(lines),
      onTrouble: (error) => {
        if (error === null) log.info('the request log is written again');
        else log.warning('the request log cannot be written; its lines are dropped', { error: error.message });
      },
    });
  }

  take(records: readonly PricedRecord[]): void {
    this.#writer.write(records.map(this.#line));
  }

  reopen(): void {
    this.#writer.reopen();
  }

  close(): Promise<void> {
    return this.#writer.close(CLOSE_MILLISECONDS);
  }
}
