import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { EgressError } from './egress-error.ts';

export type Resolver = (hostname: string) => Promise<readonly string[]>;

export async function systemResolver(hostname: string): Promise<readonly string[]> {
  const found = await lookup(hostname, { all: true, verbatim: true });
  return found.map(({ address }) => address);
}

/**
 * The addresses of a host, all of them allowed: a name that leads to one public and one private address is an attack
 * or a mistake. Rejects with an EgressError.
 */
export async function resolveAllowed(
  hostname: string,
  resolver: Resolver,
  isAllowed: (address: string) => boolean,
): Promise<readonly string[]> {
  const addresses = isIP(hostname) === 0 ? await resolve(hostname, resolver) : [hostname];
  if (addresses.length === 0) throw new EgressError('unreachable', 'its host name has no address');
  if (!addresses.every(isAllowed))
    throw new EgressError('refused', 'its host name leads to an address that is not public');
  return addresses;
}

async function resolve(hostname: string, resolver: Resolver): Promise<readonly string[]> {
  try {
    return await resolver(hostname);
  } catch (cause) {
    throw new EgressError('unreachable', 'its host name cannot be resolved', cause);
  }
}
