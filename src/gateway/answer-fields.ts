import type { GatewayError } from '../core/errors.ts';
import type { Exchange } from './exchange.ts';

const DIGITS = Array.from({ length: 100 }, (_, index) => String(index).padStart(2, '0'));

/** Milliseconds with two decimals. By whole numbers, because writing a double out costs ten times as much. */
function decimal(milliseconds: number): string {
  const hundredths = Math.max(0, (milliseconds * 100 + 0.5) | 0);
  return `${(hundredths / 100) | 0}.${DIGITS[hundredths % 100]}`;
}

const STREAM_TYPES = {
  sse: 'content-type: text/event-stream; charset=utf-8\r\n',
  'json-list': 'content-type: application/json\r\n',
} as const;

/**
 * The header lines of a 200. Times are in milliseconds: https://www.w3.org/TR/server-timing/ and the names that
 * MLflow's clients know. A stream's are those of its first byte.
 */
export function answerFields(exchange: Exchange): string {
  const { isStream, upstreamStartedAt, incoming } = exchange;
  const upstreamEnd = isStream ? exchange.firstByteAt : exchange.upstreamEndedAt;
  const upstream = upstreamEnd - upstreamStartedAt;
  const now = performance.now();
  if (!isStream) exchange.endedAt = now;
  const total = now - incoming.startedAt;
  const own = decimal(total - upstream);
  const timing = `x-request-id: ${exchange.id}\r\nserver-timing: gateway;dur=${own}, upstream;dur=${decimal(upstream)}\r\nx-mlflow-gateway-duration-ms: ${decimal(total)}\r\n`;
  const fields = isStream
    ? `${STREAM_TYPES[incoming.path.framing]}${timing}cache-control: no-cache\r\nx-accel-buffering: no\r\n`
    : `content-type: application/json\r\n${timing}x-mlflow-gateway-overhead-duration-ms: ${own}\r\n`;
  const { headers, changes, upstreamRequestId } = exchange;
  const more = changes === null && upstreamRequestId === null ? fields : fields + fieldLines(upstreamHeaders(exchange));
  return headers === null ? more : more + fieldLines(headers);
}

/** What the upstream could not take, and how it named the request. */
function upstreamHeaders({ changes, upstreamRequestId }: Exchange): Record<string, string> {
  return {
    ...(changes !== null && { 'x-sluice-changed': changes }),
    ...(upstreamRequestId !== null && { 'x-sluice-upstream-request-id': upstreamRequestId }),
  };
}

export function errorFields(exchange: Exchange, error: GatewayError): string {
  return `content-type: application/json\r\nx-request-id: ${exchange.id}\r\n${fieldLines({ ...upstreamHeaders(exchange), ...exchange.headers, ...error.headers })}`;
}

/** Header lines. What could end a line is left out of a value: some come from an upstream. */
export function fieldLines(headers: Readonly<Record<string, string>>): string {
  let lines = '';
  for (const name in headers) {
    const value = headers[name] ?? '';
    lines += `${name}: ${UNPRINTABLE.test(value) ? value.replaceAll(UNPRINTABLES, '') : value}\r\n`;
  }
  return lines;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not pass
const UNPRINTABLE = /[\x00-\x08\x0a-\x1f\x7f]|[^\x00-\xff]/;
const UNPRINTABLES = new RegExp(UNPRINTABLE, 'g');
