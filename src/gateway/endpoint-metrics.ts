import { errorClass } from '../core/ledger/error-class.ts';
import { completionTokens, type Usage } from '../core/neutral/usage.ts';
import {
  type Counter,
  DURATION_BUCKETS,
  GAP_BUCKETS,
  type Histogram,
  type Metrics,
  OVERHEAD_BUCKETS,
} from '../telemetry/metrics.ts';
import type { Exchange } from './exchange.ts';

/** The buckets of usage, which add up, and what the metrics call them. */
const TOKEN_TYPES = [
  ['input', 'input'],
  ['cacheRead', 'cache_read'],
  ['cacheWrite', 'cache_write'],
  ['cacheWriteLong', 'cache_write_long'],
  ['inputAudio', 'input_audio'],
  ['inputImage', 'input_image'],
  ['output', 'output'],
  ['reasoning', 'reasoning'],
  ['outputAudio', 'output_audio'],
  ['outputImage', 'output_image'],
] as const satisfies ReadonlyArray<readonly [keyof Usage, string]>;

/** A client that left is recorded with nginx's status for it. */
const CLIENT_CLOSED = 499;

/** Whose metrics they are. Each value comes from the configuration, never from a request. */
export interface EndpointLabels {
  readonly endpoint: string;
  readonly provider: string;
  readonly model: string;
}

/** For requests that end before their endpoint is known. */
export const NO_ENDPOINT: EndpointLabels = { endpoint: '', provider: '', model: '' };

/** The handles of one endpoint's metrics, made when its snapshot is compiled; counting is an addition. */
export class EndpointMetrics {
  readonly #metrics: Metrics;
  readonly #labels: EndpointLabels;
  readonly #byStatus = new Map<number, Counter>();
  readonly #byError = new Map<string, Counter>();
  /** In the order of TOKEN_TYPES; those that nobody used yet are null. */
  readonly #tokens: Array<Counter | null> = TOKEN_TYPES.map(() => null);
  readonly #duration: Histogram;
  readonly #overhead: Histogram;
  /** These two belong to streams; made with the first. */
  #firstToken: Histogram | null = null;
  #tokenGap: Histogram | null = null;

  constructor(metrics: Metrics, labels: EndpointLabels) {
    this.#metrics = metrics;
    this.#labels = { ...labels };
    this.#duration = this.#histogram(
      'sluice_request_duration_seconds',
      'From the request’s arrival to the last byte of its answer.',
      DURATION_BUCKETS,
    );
    this.#overhead = this.#histogram(
      'sluice_overhead_seconds',
      'The gateway’s own share of the time to the first byte of the answer.',
      OVERHEAD_BUCKETS,
    );
    // Prometheus sees no increase in a series that begins at 1, and even one of these must raise an alert.
    this.#errors('internal', errorClass('internal'));
  }

  /** Counts an exchange that has ended. `now` is on the clock of `performance.now()`. */
  count(exchange: Exchange, now: number): void {
    const { usage } = exchange;
    const { startedAt } = exchange.incoming;
    const status = exchange.clientGone ? CLIENT_CLOSED : exchange.status;
    this.#requests(status).add(1);
    this.#duration.observe((now - startedAt) / 1000);
    if (exchange.clientGone) this.#errors('client_closed', 'cancelled').add(1);
    else if (exchange.error !== null) this.#errors(exchange.error.code, errorClass(exchange.error.code)).add(1);
    else if (status >= 400) this.#errors('upstream_error', 'upstream').add(1);
    this.#countOverhead(exchange, startedAt, now);
    if (usage !== null) this.#countTokens(usage);
    if (exchange.firstTokenAt > 0) this.#countStream(exchange.firstTokenAt, startedAt, now, usage);
  }

  #countOverhead(exchange: Exchange, startedAt: number, now: number): void {
    const { firstByteAt, upstreamStartedAt, upstreamEndedAt } = exchange;
    if (firstByteAt === 0) return;
    const own = exchange.isStream
      ? upstreamStartedAt - startedAt
      : now - startedAt - (upstreamEndedAt - upstreamStartedAt);
    this.#overhead.observe(own / 1000);
  }

  #countTokens(usage: Usage): void {
    for (let index = 0; index < TOKEN_TYPES.length; index += 1) {
      const type = TOKEN_TYPES[index];
      const amount = type === undefined ? 0 : usage[type[0]];
      if (amount > 0) this.#tokenCounter(index).add(amount);
    }
  }

  #countStream(firstTokenAt: number, startedAt: number, now: number, usage: Usage | null): void {
    this.#firstToken ??= this.#histogram(
      'sluice_time_to_first_token_seconds',
      'From the request’s arrival to the first token of its stream.',
      DURATION_BUCKETS,
    );
    this.#firstToken.observe((firstTokenAt - startedAt) / 1000);
    const gaps = usage === null ? 0 : completionTokens(usage) - 1;
    if (gaps < 1) return;
    this.#tokenGap ??= this.#histogram(
      'sluice_inter_token_seconds',
      'The mean time between two tokens of a stream, after its first.',
      GAP_BUCKETS,
    );
    this.#tokenGap.observe((now - firstTokenAt) / 1000 / gaps);
  }

  #requests(status: number): Counter {
    const known = this.#byStatus.get(status);
    if (known) return known;
    const counter = this.#metrics.counter('sluice_requests_total', 'Requests answered, by status.', {
      ...this.#labels,
      status: String(status),
    });
    this.#byStatus.set(status, counter);
    return counter;
  }

  #errors(code: string, errors: string): Counter {
    const known = this.#byError.get(code);
    if (known) return known;
    const counter = this.#metrics.counter('sluice_errors_total', 'Requests that failed, by whose failure it was.', {
      ...this.#labels,
      class: errors,
      code,
    });
    this.#byError.set(code, counter);
    return counter;
  }

  #tokenCounter(index: number): Counter {
    const known = this.#tokens[index];
    if (known) return known;
    const counter = this.#metrics.counter(
      'sluice_tokens_total',
      'Tokens as the providers counted them, in buckets that add up.',
      { ...this.#labels, type: TOKEN_TYPES[index]?.[1] ?? '' },
    );
    this.#tokens[index] = counter;
    return counter;
  }

  #histogram(name: string, help: string, bounds: readonly number[]): Histogram {
    return this.#metrics.histogram(name, help, bounds, { ...this.#labels });
  }
}
