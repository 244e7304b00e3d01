import { isIP } from 'node:net';
import { GatewayError } from '../core/errors.ts';
import type { RequestHead } from './http/request-head.ts';

/**
 * Names that nobody can buy: the reserved ones, and those that networks and clusters use for themselves.
 * https://www.iana.org/assignments/special-use-domain-names
 */
const PRIVATE = ['localhost', 'local', 'internal', 'home.arpa', 'lan', 'svc', 'test'];

/** Whether a browser's page may call the gateway by the name in its `host`. */
export type HostRule = (host: string) => boolean;

/**
 * A site may make its own name resolve to any address that a visitor's browser reaches, and is then the gateway's own
 * site for the browser. It can do so only with a name that it owns: not with an address, nor with a private name.
 * `allowed` are the names of the gateway beside those; `*.` stands for any name below, and `*` for any at all.
 * https://en.wikipedia.org/wiki/DNS_rebinding
 */
export function hostRule(allowed: readonly string[]): HostRule {
  const names = new Set(allowed.map((name) => name.toLowerCase()));
  if (names.has('*')) return () => true;
  const suffixes = [...names].filter((name) => name.startsWith('*.')).map((name) => name.slice(1));
  return (host) => {
    const name = nameOf(host);
    if (isIP(name) !== 0 || !name.includes('.') || names.has(name)) return true;
    return PRIVATE.some((suffix) => name.endsWith(`.${suffix}`)) || suffixes.some((suffix) => name.endsWith(suffix));
  };
}

/** Without port, brackets, and the dot that ends a whole name. */
function nameOf(host: string): string {
  const literal = /^\[(.*)\](?::\d*)?$/.exec(host)?.[1];
  return (literal ?? host.replace(/:\d*$/, '').replace(/\.$/, '')).toLowerCase();
}

/** What is wrong with the name by which a page calls. Programs that are no browsers may use any. */
export function reboundProblem(head: RequestHead, isAllowed: HostRule): GatewayError | null {
  const host = head.header('host');
  if (host === null || isAllowed(host) || !mayBeRebound(head, host)) return null;
  return new GatewayError(
    'forbidden',
    `A web page calls the gateway as ${host}, a name that may be anybody's. If it is the gateway's, put it into ` +
      'server.allowed_hosts.',
  );
}

/**
 * Such a page is the gateway's own site for the browser. It came without TLS, for lack of a certificate; and only with
 * TLS, or on its own machine, does a browser send `sec-fetch-site`, which no page can add.
 */
function mayBeRebound(head: RequestHead, host: string): boolean {
  if (head.origin !== null) return head.origin.toLowerCase() === `http://${host.toLowerCase()}`;
  return head.header('sec-fetch-site') === null && head.header('user-agent')?.startsWith('Mozilla/') === true;
}
