import { completionTokens, promptTokens } from '../core/neutral/usage.ts';
import {
  type Counter,
  DURATION_BUCKETS,
  type Histogram,
  type Metrics,
  OVERHEAD_BUCKETS,
} from '../telemetry/metrics.ts';
import type { Exchange } from './exchange.ts';

/** The handles of one endpoint's metrics, made when its snapshot is compiled. */
export interface EndpointMetrics {
  requests(status: number): Counter;
  readonly duration: Histogram;
  readonly overhead: Histogram;
  readonly promptTokens: Counter;
  readonly completionTokens: Counter;
  /** Those of the prompt that were read from a cache, and written to one; those of the completion that were thought. */
  readonly cacheReadTokens: Counter;
  readonly cacheWriteTokens: Counter;
  readonly reasoningTokens: Counter;
}

export function endpointMetrics(metrics: Metrics, endpoint: string, provider: string): EndpointMetrics {
  const labels = { endpoint, provider };
  const byStatus = new Map<number, Counter>();
  const tokens = (type: string) =>
    metrics.counter('sluice_tokens_total', 'Tokens as the providers counted them.', { ...labels, type });
  return {
    requests: (status) => {
      const known = byStatus.get(status);
      if (known) return known;
      const counter = metrics.counter('sluice_requests_total', 'Requests answered, by status.', {
        ...labels,
        status: String(status),
      });
      byStatus.set(status, counter);
      return counter;
    },
    duration: metrics.histogram(
      'sluice_request_duration_seconds',
      'From the request’s arrival to the last byte of its answer.',
      DURATION_BUCKETS,
      labels,
    ),
    overhead: metrics.histogram(
      'sluice_overhead_seconds',
      'The gateway’s own share of the time to the first byte of the answer.',
      OVERHEAD_BUCKETS,
      labels,
    ),
    promptTokens: tokens('prompt'),
    completionTokens: tokens('completion'),
    cacheReadTokens: tokens('cache_read'),
    cacheWriteTokens: tokens('cache_write'),
    reasoningTokens: tokens('reasoning'),
  };
}

/** A client that left is recorded with nginx's status for it. */
const CLIENT_CLOSED = 499;

/** Accounts for an exchange at its end, once, whichever way it ended. */
export function settle(exchange: Exchange): void {
  if (exchange.settled) return;
  exchange.settled = true;
  const { endpoint, usage } = exchange;
  if (!endpoint) return;
  const { metrics } = endpoint;
  const { startedAt } = exchange.incoming;
  const now = performance.now();
  metrics.requests(exchange.clientGone ? CLIENT_CLOSED : exchange.status).add(1);
  metrics.duration.observe((now - startedAt) / 1000);
  const { firstByteAt, upstreamStartedAt, upstreamEndedAt } = exchange;
  if (firstByteAt > 0) {
    const own = exchange.isStream
      ? upstreamStartedAt - startedAt
      : now - startedAt - (upstreamEndedAt - upstreamStartedAt);
    metrics.overhead.observe(own / 1000);
  }
  if (usage) {
    metrics.promptTokens.add(promptTokens(usage));
    metrics.completionTokens.add(completionTokens(usage));
    metrics.cacheReadTokens.add(usage.cacheRead);
    metrics.cacheWriteTokens.add(usage.cacheWrite + usage.cacheWriteLong);
    metrics.reasoningTokens.add(usage.reasoning);
  }
}
