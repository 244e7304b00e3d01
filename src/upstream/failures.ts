import { UpstreamError, type UpstreamFailure } from './port.ts';

/** Why a connection failed, in words, by the system's or the TLS library's code. */
const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'the connection was closed while it was being set up',
  EHOSTUNREACH: 'host unreachable',
  ENETUNREACH: 'network unreachable',
  ENOTFOUND: 'host not found',
  ETIMEDOUT: 'timed out',
  EPROTO: 'the TLS handshake failed; does the server speak TLS on this port?',
};

const UNTRUSTED_CERTIFICATE = new Set([
  'CERT_UNTRUSTED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
]);

/** The `code` of an error of the runtime, or an empty string. */
export function errorCode(error: unknown): string {
  if (typeof error !== 'object' || error === null || !('code' in error)) return '';
  return typeof error.code === 'string' ? error.code : '';
}

/** `label` is `host:port`. The message says what to do where we know; it never holds a header. */
export function connectFailure(label: string, error: unknown, dispatched: boolean): UpstreamError {
  return new UpstreamError('connect_failed', `Cannot connect to ${label}: ${reason(error)}.`, dispatched, error);
}

function reason(error: unknown): string {
  const code = errorCode(error);
  const detail = error instanceof Error ? error.message.replace(/\.$/, '') : String(error);
  if (UNTRUSTED_CERTIFICATE.has(code)) {
    return (
      `the certificate is not trusted (${detail}); if a private certificate authority signed it, ` +
      "start the gateway with NODE_EXTRA_CA_CERTS set to that authority's PEM file"
    );
  }
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') return `the certificate is for another host (${detail})`;
  if (code.startsWith('CERT_')) return `the certificate is not valid (${detail})`;
  return REASONS[code] ?? detail;
}

const TIMEOUTS = {
  connect_timeout: 'No connection to',
  first_byte_timeout: 'No response from',
  idle_timeout: 'No further bytes of the response from',
  total_timeout: 'No complete response from',
} as const satisfies Partial<Record<UpstreamFailure, string>>;

export type TimeoutFailure = keyof typeof TIMEOUTS;

export function timeoutFailure(
  failure: TimeoutFailure,
  label: string,
  milliseconds: number,
  dispatched: boolean,
): UpstreamError {
  return new UpstreamError(failure, `${TIMEOUTS[failure]} ${label} within ${milliseconds} ms.`, dispatched);
}

export function closedFailure(label: string, error: unknown, dispatched: boolean): UpstreamError {
  const code = errorCode(error);
  const suffix = code === '' ? '' : ` (${code})`;
  return new UpstreamError(
    'closed',
    `${label} closed the connection before the response was whole${suffix}.`,
    dispatched,
    error,
  );
}

export function badResponse(label: string, detail: string): UpstreamError {
  return new UpstreamError('bad_response', `The response of ${label} is not valid: ${detail}.`, true);
}

export function cancelledFailure(dispatched: boolean): UpstreamError {
  return new UpstreamError('cancelled', 'The request was cancelled.', dispatched);
}

export function tooLargeFailure(label: string, limit: number): UpstreamError {
  return new UpstreamError('too_large', `The response of ${label} is larger than ${limit} bytes.`, true);
}
