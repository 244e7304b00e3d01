import type { Transport } from './port.ts';
import { createTransport } from './transport.ts';

let shared: Transport | null = null;

/**
 * The transport for what a provider asks on its own account, such as an access token. Providers are compiled from the
 * configuration alone and are handed no transport; with one of this thread's own, made at the first use, the rules of
 * the environment (proxies, certificate authorities) hold for these requests as for all others, and one pool of
 * connections serves every endpoint.
 */
export function sharedTransport(): Transport {
  shared ??= createTransport(process.env);
  return shared;
}
