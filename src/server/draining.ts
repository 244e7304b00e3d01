import { GatewayError } from '../core/errors.ts';

/** What still answers while the gateway drains: load balancers and monitoring look on. */
export const ABOUT_THE_GATEWAY: ReadonlySet<string> = new Set(['/health', '/metrics']);

/** The answer to a request that comes while the gateway drains; its connection closes afterwards. */
export function draining(): GatewayError {
  return new GatewayError('draining', 'The gateway is stopping. Try again.', { headers: { 'retry-after': '1' } });
}
