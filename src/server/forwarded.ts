import { BlockList, isIP } from 'node:net';

export interface TrustedProxies {
  /** The client's address: the socket's, or what a trusted proxy says of the one behind it. */
  clientAddress(socketAddress: string, forwardedFor: () => string | null): string;
}

/** `X-Forwarded-For` counts only as far as trusted proxies have written it; anybody can send the rest. */
export function trustProxies(blocks: readonly string[]): TrustedProxies {
  if (blocks.length === 0) return { clientAddress: plain };
  const list = new BlockList();
  for (const block of blocks) {
    const [address = '', prefix] = block.split('/');
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    if (isIP(address) === 0) continue;
    if (prefix === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(prefix), family);
  }
  const isTrusted = (address: string): boolean => {
    const version = isIP(address);
    return version !== 0 && list.check(address, version === 6 ? 'ipv6' : 'ipv4');
  };
  return {
    clientAddress(socketAddress, forwardedFor) {
      let address = plain(socketAddress);
      const hops =
        forwardedFor()
          ?.split(',')
          .map((hop) => plain(hop.trim())) ?? [];
      for (const hop of hops.reverse()) {
        if (!isTrusted(address) || isIP(hop) === 0) break;
        address = hop;
      }
      return address;
    },
  };
}

/** An IPv4 address that arrived on an IPv6 socket. */
function plain(address: string): string {
  return address.startsWith('::ffff:') ? address.slice('::ffff:'.length) : address;
}
