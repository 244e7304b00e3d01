import type { Exchange } from './exchange.ts';

const DIGITS = Array.from({ length: 100 }, (_, index) => String(index).padStart(2, '0'));

/** Milliseconds with two decimals. By whole numbers, because writing a double out costs ten times as much. */
function decimal(milliseconds: number): string {
  const hundredths = Math.max(0, (milliseconds * 100 + 0.5) | 0);
  return `${(hundredths / 100) | 0}.${DIGITS[hundredths % 100]}`;
}

/**
 * The headers of a 200. Times are in milliseconds: https://www.w3.org/TR/server-timing/ and the names that MLflow's
 * clients know. A stream's are those of its first byte.
 */
export function answerHeaders(exchange: Exchange): Record<string, string> {
  const { isStream, upstreamStartedAt, incoming } = exchange;
  const upstreamEnd = isStream ? exchange.firstByteAt : exchange.upstreamEndedAt;
  const upstream = upstreamEnd - upstreamStartedAt;
  const total = performance.now() - incoming.startedAt;
  const own = decimal(total - upstream);
  const headers: Record<string, string> = isStream
    ? {
        'content-type': 'text/event-stream; charset=utf-8',
        'server-timing': `gateway;dur=${own}, upstream;dur=${decimal(upstream)}`,
        'x-mlflow-gateway-duration-ms': decimal(total),
        'cache-control': 'no-cache',
        'x-accel-buffering': 'no',
      }
    : {
        'content-type': 'application/json',
        'server-timing': `gateway;dur=${own}, upstream;dur=${decimal(upstream)}`,
        'x-mlflow-gateway-duration-ms': decimal(total),
        'x-mlflow-gateway-overhead-duration-ms': own,
      };
  const { headers: added } = exchange;
  for (const name in added) headers[name] = added[name] ?? '';
  return headers;
}
