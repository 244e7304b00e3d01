import type { TelemetrySettings } from '../config/telemetry-types.ts';
import type { BatchSink, RecordBatch, RecordSink } from '../core/ledger/record-sink.ts';
import { CostMetrics } from './cost-metrics.ts';
import type { Log } from './log.ts';
import type { Metrics } from './metrics.ts';
import type { ProviderNames } from './otlp/attributes.ts';
import { OtlpSink } from './otlp/otlp-sink.ts';
import { RequestLog } from './request-log.ts';

export interface SinkOptions {
  readonly metrics: Metrics;
  readonly log: Log;
  /** What OpenTelemetry's conventions call the providers. */
  readonly providerNames: ProviderNames;
}

/** Everybody who is told of the requests: the metrics of cost, and as configured the request log and the collector. */
export class RecordSinks implements BatchSink {
  readonly #options: SinkOptions;
  readonly #cost: CostMetrics;
  #configured: readonly RecordSink[] = [];
  /** Those of an earlier configuration that still send what they hold. */
  readonly #leaving = new Set<Promise<void>>();

  constructor(settings: TelemetrySettings, options: SinkOptions) {
    this.#options = options;
    this.#cost = new CostMetrics(options.metrics);
    this.configure(settings);
  }

  /** Puts other settings in force. What was told before goes where it was to go. */
  configure({ requestLog, otlp }: TelemetrySettings): void {
    const { metrics, log, providerNames } = this.#options;
    for (const sink of this.#configured) {
      const closed = sink.close().finally(() => this.#leaving.delete(closed));
      this.#leaving.add(closed);
    }
    this.#configured = [
      ...(requestLog === null ? [] : [new RequestLog(requestLog, metrics, log)]),
      ...(otlp === null ? [] : [new OtlpSink({ settings: otlp, providerNames, metrics, log })]),
    ];
  }

  take(batch: RecordBatch): void {
    this.#cost.take(batch.costs());
    if (this.#configured.length === 0) return;
    const records = batch.priced();
    for (const sink of this.#configured) sink.take(records);
  }

  reopen(): void {
    for (const sink of this.#configured) sink.reopen?.();
  }

  async close(): Promise<void> {
    await Promise.allSettled([...this.#leaving, ...this.#configured.map((sink) => sink.close())]);
  }
}
