import { isIP } from 'node:net';
import { isPublicAddress } from './addresses.ts';
import { EgressError } from './egress-error.ts';

/** Names that resolve inside an organisation or a machine only. https://www.rfc-editor.org/rfc/rfc6761, rfc6762, rfc8375 */
const INSIDE = /(?:^|\.)(?:localhost|localdomain|local|internal|intranet|private|corp|home|lan|home\.arpa|svc)$/;

export interface UrlRules {
  readonly allowHttp: boolean;
  readonly isAllowed: (address: string) => boolean;
}

export const PUBLIC_HTTPS: UrlRules = { allowHttp: false, isAllowed: isPublicAddress };

/**
 * Reads a URL that came from outside and refuses it with an EgressError for what can be seen without the network: its
 * scheme, user information, a literal address that is not public, a name that only insiders can resolve. Odd forms of
 * an address, such as `0x7f.1` or `2130706433`, are normalised before they are looked at.
 */
export function checkUrl(text: string, { allowHttp, isAllowed }: UrlRules): URL {
  if (!URL.canParse(text)) throw new EgressError('refused', 'it is not a valid URL');
  const url = new URL(text);
  if (url.protocol !== 'https:' && !(allowHttp && url.protocol === 'http:')) {
    throw new EgressError('refused', allowHttp ? 'only http and https are allowed' : 'only https is allowed');
  }
  if (url.username !== '' || url.password !== '') throw new EgressError('refused', 'it holds a user name or password');
  const hostname = hostOf(url);
  if (isIP(hostname) !== 0) {
    if (!isAllowed(hostname)) throw new EgressError('refused', 'its address is not public');
  } else if (!hostname.includes('.') || INSIDE.test(hostname)) {
    throw new EgressError('refused', 'its host name is not public');
  }
  return url;
}

/** Without the brackets of an IPv6 address and the dot that may end a name. */
export function hostOf(url: URL): string {
  return url.hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
}
