import type { OtlpSettings } from '../../config/telemetry-types.ts';
import type { PricedRecord, RecordSink } from '../../core/ledger/record-sink.ts';
import type { Log } from '../log.ts';
import type { Counter, Metrics } from '../metrics.ts';
import { compileSampler, type Sampler } from '../sampler.ts';
import type { ProviderNames } from './attributes.ts';
import type { Exporter } from './exporter.ts';
import { spansOf } from './span-data.ts';

/** Requests that one call tells of; each has a span and one for every attempt. */
const BATCH_SIZE = 256;
/** How long requests are collected before they are sent. */
const DELAY_MILLISECONDS = 1000;
const CLOSE_MILLISECONDS = 3000;

export interface OtlpSinkOptions {
  readonly settings: OtlpSettings;
  readonly providerNames: ProviderNames;
  readonly metrics: Metrics;
  readonly log: Log;
}

/**
 * Sends spans, and the metrics of the GenAI conventions, to an OpenTelemetry collector. A collector that is slow or down
 * costs nobody anything but its spans: so many requests wait, those beyond are dropped and counted.
 */
export class OtlpSink implements RecordSink {
  readonly #options: OtlpSinkOptions;
  readonly #sampler: Sampler;
  readonly #exported: Counter;
  readonly #dropped: (reason: 'queue_full' | 'failed') => Counter;
  #queue: PricedRecord[] = [];
  /** Loaded with the first record. */
  #exporter: Promise<Exporter> | null = null;
  #timer: ReturnType<typeof setTimeout> | null = null;
  #sending: Promise<void> | null = null;
  #isClosing = false;
  #isInTrouble = false;

  constructor(options: OtlpSinkOptions) {
    const { settings, metrics } = options;
    this.#options = options;
    this.#sampler = compileSampler(settings.sampler);
    this.#exported = metrics.counter('sluice_otlp_exported_spans_total', 'Spans that the collector has taken.');
    const dropped = (reason: string) =>
      metrics.counter('sluice_otlp_dropped_total', 'Requests whose spans were dropped, by the reason.', { reason });
    const counters = { queue_full: dropped('queue_full'), failed: dropped('failed') };
    this.#dropped = (reason) => counters[reason];
    metrics.gauge('sluice_otlp_queue_size', 'Requests whose spans wait to be sent.', () => this.#queue.length);
  }

  take(records: readonly PricedRecord[]): void {
    const room = this.#options.settings.queueSize - this.#queue.length;
    if (records.length <= room) this.#queue.push(...records);
    else {
      this.#queue.push(...records.slice(0, Math.max(0, room)));
      this.#dropped('queue_full').add(records.length - Math.max(0, room));
    }
    if (this.#queue.length >= BATCH_SIZE) this.#send();
    else this.#timer ??= setTimeout(() => this.#send(), DELAY_MILLISECONDS);
  }

  async close(): Promise<void> {
    this.#isClosing = true;
    const deadline = new Promise<void>((resolve) => setTimeout(resolve, CLOSE_MILLISECONDS).unref());
    this.#send();
    const finish = async () => {
      await this.#sending;
      await (await this.#exporter)?.close();
    };
    await Promise.race([finish().catch(() => undefined), deadline]);
  }

  /** One call after the other, so that a slow collector fills the queue rather than the memory. */
  #send(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#sending ??= this.#sendAll().finally(() => {
      this.#sending = null;
      if (this.#queue.length > 0) this.#timer ??= setTimeout(() => this.#send(), DELAY_MILLISECONDS);
    });
  }

  async #sendAll(): Promise<void> {
    do {
      const batch = this.#queue.splice(0, BATCH_SIZE);
      try {
        await this.#sendBatch(batch);
        this.#recovered();
      } catch (error) {
        this.#dropped('failed').add(batch.length);
        this.#troubled(error);
      }
    } while (this.#queue.length >= BATCH_SIZE || (this.#isClosing && this.#queue.length > 0));
  }

  async #sendBatch(batch: readonly PricedRecord[]): Promise<void> {
    const { settings, providerNames } = this.#options;
    this.#exporter ??= import('./exporter.ts').then(({ createExporter }) => createExporter(settings, providerNames));
    const exporter = await this.#exporter;
    exporter.measure(batch);
    if (settings.traces === null) return;
    const spans = batch.flatMap((priced) => spansOf(priced, providerNames, this.#sampler));
    if (spans.length === 0) return;
    await exporter.send(spans);
    this.#exported.add(spans.length);
  }

  #troubled(error: unknown): void {
    if (this.#isInTrouble) return;
    this.#isInTrouble = true;
    this.#options.log.warning('the OpenTelemetry collector does not take spans; they are dropped', {
      error: error instanceof Error ? error.message : String(error),
    });
  }

  #recovered(): void {
    if (!this.#isInTrouble) return;
    this.#isInTrouble = false;
    this.#options.log.info('the OpenTelemetry collector takes spans again');
  }
}
