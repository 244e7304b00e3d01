import type { Exchange } from './exchange.ts';

const hundredths = (milliseconds: number): number => Math.round(milliseconds * 100) / 100;

/**
 * The headers of a 200. Times are in milliseconds: https://www.w3.org/TR/server-timing/ and the names that MLflow's
 * clients know. A stream's are those of its first byte.
 */
export function answerHeaders(exchange: Exchange): Record<string, string> {
  const { isStream, upstreamStartedAt, incoming } = exchange;
  const now = performance.now();
  const upstreamEnd = isStream ? exchange.firstByteAt : exchange.upstreamEndedAt;
  const upstream = upstreamEnd - upstreamStartedAt;
  const total = now - incoming.startedAt;
  const own = hundredths(total - upstream);
  const headers: Record<string, string> = {
    'content-type': isStream ? 'text/event-stream; charset=utf-8' : 'application/json',
    'server-timing': `gateway;dur=${own}, upstream;dur=${hundredths(upstream)}`,
    'x-mlflow-gateway-duration-ms': String(hundredths(total)),
  };
  if (isStream) {
    headers['cache-control'] = 'no-cache';
    headers['x-accel-buffering'] = 'no';
  } else {
    headers['x-mlflow-gateway-overhead-duration-ms'] = String(own);
  }
  return exchange.headers ? { ...headers, ...exchange.headers } : headers;
}
