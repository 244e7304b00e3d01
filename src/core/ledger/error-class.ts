import type { ErrorCode } from '../errors.ts';

/** Whose failure an error is: the client's, the gateway's, the upstream's, or nobody's, because the client left. */
export type ErrorClass = 'client' | 'gateway' | 'upstream' | 'cancelled';

const CLASSES: Readonly<Record<ErrorCode, ErrorClass>> = {
  invalid_request: 'client',
  invalid_body: 'client',
  forbidden: 'client',
  not_found: 'client',
  method_not_allowed: 'client',
  body_too_large: 'client',
  unsupported_encoding: 'client',
  rate_limited: 'client',
  client_closed: 'cancelled',
  internal: 'gateway',
  not_implemented: 'gateway',
  draining: 'gateway',
  upstream_unreachable: 'upstream',
  upstream_invalid: 'upstream',
  upstream_timeout: 'upstream',
  upstream_error: 'upstream',
};

export function errorClass(code: ErrorCode): ErrorClass {
  return CLASSES[code];
}
