import { badResponse, closedFailure, connectFailure, errorCode } from '../failures.ts';
import type { UpstreamError } from '../port.ts';

/** Codes of `fetch` that can only come before a byte of the request was sent. */
const CONNECT_CODES = new Set([
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EPROTO',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'ETIMEDOUT',
]);

const CLOSED_CODES = new Set(['ECONNRESET', 'EPIPE', 'ConnectionClosed']);

/** An error of `fetch` as the port names it. `proxyLabel` is `host:port` of the proxy, or null. */
export function fetchFailure(error: unknown, label: string, proxyLabel: string | null): UpstreamError {
  const code = errorCode(error);
  const way = proxyLabel === null ? label : `${label} through the proxy ${proxyLabel}`;
  if (code === 'ERR_PROXY_TUNNEL' || CONNECT_CODES.has(code) || /^(CERT|UNABLE|DEPTH|SELF_SIGNED)_/.test(code)) {
    return connectFailure(way, error, false);
  }
  if (CLOSED_CODES.has(code)) return closedFailure(way, error, true);
  return badResponse(way, code === '' ? 'it could not be read' : code);
}
