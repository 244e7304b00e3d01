import { BlockList, isIP, isIPv4 } from 'node:net';

/**
 * Blocks that lead nowhere on the public internet.
 * https://www.iana.org/assignments/iana-ipv4-special-registry
 */
const CLOSED_V4 = blocks('ipv4', [
  ['0.0.0.0', 8], // this host
  ['10.0.0.0', 8], // private
  ['100.64.0.0', 10], // shared by carriers (RFC 6598); also metadata of one cloud
  ['127.0.0.0', 8], // loopback
  ['169.254.0.0', 16], // link-local; metadata of most clouds
  ['168.63.129.16', 32], // a cloud's virtual host, reachable only from its machines
  ['172.16.0.0', 12], // private
  ['192.0.0.0', 24], // protocol assignments; metadata of one cloud
  ['192.0.2.0', 24], // documentation
  ['192.88.99.0', 24], // relays from IPv6, given up
  ['192.168.0.0', 16], // private
  ['198.18.0.0', 15], // benchmarks
  ['198.51.100.0', 24], // documentation
  ['203.0.113.0', 24], // documentation
  ['224.0.0.0', 4], // multicast
  ['240.0.0.0', 4], // reserved, and broadcast
]);

/** Everything else is unassigned, unique-local, link-local, multicast or another special form. */
const GLOBAL_UNICAST_V6 = blocks('ipv6', [['2000::', 3]]);

/** https://www.iana.org/assignments/iana-ipv6-special-registry */
const CLOSED_V6 = blocks('ipv6', [
  ['2001::', 23], // protocol assignments, with the tunnels of Teredo and ORCHID
  ['2001:db8::', 32], // documentation
  ['2002::', 16], // tunnels that carry an IPv4 address (6to4)
  ['3fff::', 20], // documentation
]);

/** NAT64: the last 32 bits are an IPv4 address. https://www.rfc-editor.org/rfc/rfc6052 */
const NAT64 = '64:ff9b:0:0:0:0:';

function blocks(
  family: 'ipv4' | 'ipv6',
  subnets: ReadonlyArray<readonly [address: string, prefix: number]>,
): BlockList {
  const list = new BlockList();
  for (const [address, prefix] of subnets) list.addSubnet(address, prefix, family);
  return list;
}

/**
 * Whether an IP address, without brackets, belongs to the public internet. False for private, loopback, link-local,
 * unique-local, multicast and metadata addresses, in IPv6 clothes too, and for a text that is no address.
 */
export function isPublicAddress(address: string): boolean {
  if (isIPv4(address)) return !CLOSED_V4.check(address, 'ipv4');
  if (isIP(address) !== 6) return false;
  const words = expand(address);
  if (!words) return false;
  const embedded = words.slice(0, 6).join(':');
  if (`${embedded}:` === NAT64) return isPublicAddress(lastAddress(words));
  // Written out, so that no other notation of an address slips past the comparison.
  const canonical = words.join(':');
  return GLOBAL_UNICAST_V6.check(canonical, 'ipv6') && !CLOSED_V6.check(canonical, 'ipv6');
}

/** The eight groups in lower-case hexadecimal without leading zeros; null for a zone or another form that URLs do not know. */
function expand(address: string): string[] | null {
  const url = `http://[${address}]/`;
  if (!URL.canParse(url)) return null;
  const [head = '', tail] = new URL(url).hostname.slice(1, -1).split('::');
  const left = head === '' ? [] : head.split(':');
  if (tail === undefined) return left;
  const right = tail === '' ? [] : tail.split(':');
  return [...left, ...Array<string>(8 - left.length - right.length).fill('0'), ...right];
}

function lastAddress(words: readonly string[]): string {
  const [high = 0, low = 0] = words.slice(6).map((word) => Number.parseInt(word, 16));
  return [high >> 8, high & 255, low >> 8, low & 255].join('.');
}
