import { BlockList, isIP } from 'node:net';
import { Secret } from '../core/secret.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Lower case wins, as in curl. */
function variable(environment: Environment, name: string): string {
  return environment[name.toLowerCase()]?.trim() || environment[name.toUpperCase()]?.trim() || '';
}

/**
 * Whether a process with this environment reaches some upstream through a proxy, and so through `fetch`, of which
 * Bun runs 256 at once unless BUN_CONFIG_MAX_HTTP_REQUESTS was set before the process started.
 */
export function proxyConfigured(environment: Environment): boolean {
  const proxies = ['http_proxy', 'https_proxy', 'all_proxy'].map((name) => variable(environment, name));
  return (
    proxies.some((proxy) => proxy !== '') &&
    !variable(environment, 'no_proxy')
      .split(/[\s,]+/)
      .includes('*')
  );
}

/** What the proxies are told so that they let us through, as it is and as it is sent. */
export function proxySecrets(environment: Environment): Secret[] {
  return ['http_proxy', 'https_proxy', 'all_proxy'].flatMap((name) => {
    const proxy = variable(environment, name);
    const url = /^[a-z][a-z0-9+.-]*:\/\//i.test(proxy) ? proxy : `http://${proxy}`;
    if (proxy === '' || !URL.canParse(url)) return [];
    const { username, password } = new URL(url);
    if (password === '') return [];
    const plain = [username, password].map((text) => (text.includes('%') ? unescaped(text) : text));
    const basic = Buffer.from(plain.join(':')).toString('base64');
    return [...new Set([password, plain[1] ?? '', basic])].map((text) => new Secret(text));
  });
}

function unescaped(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/**
 * The proxy rules that curl made common: `http_proxy`, `https_proxy`, `all_proxy` and `no_proxy`, in lower or upper
 * case. https://everything.curl.dev/usingcurl/proxies/env.html
 */
export class ProxyRules {
  readonly #environment: Environment;
  readonly #exceptions: Array<(hostname: string, port: number) => boolean>;

  constructor(environment: Environment) {
    this.#environment = environment;
    const entries = variable(environment, 'no_proxy').split(/[\s,]+/);
    this.#exceptions = entries.filter((entry) => entry !== '').map(compileException);
  }

  /**
   * The URL of the proxy that leads to a host, or null for the direct way. `hostname` is without brackets. Throws for
   * a proxy that we cannot use: going round it in silence may be what its owner wants to prevent.
   */
  proxyFor(secure: boolean, hostname: string, port: number): string | null {
    const name = secure ? 'https_proxy' : 'http_proxy';
    const proxy = variable(this.#environment, name) || variable(this.#environment, 'all_proxy');
    const host = hostname.toLowerCase().replace(/\.$/, '');
    if (proxy === '' || this.#exceptions.some((matches) => matches(host, port))) return null;
    const url = /^[a-z][a-z0-9+.-]*:\/\//i.test(proxy) ? proxy : `http://${proxy}`;
    if (!URL.canParse(url) || !/^https?:/i.test(url)) {
      throw new Error(
        `The proxy of ${name} (or all_proxy) must be an http:// or https:// URL; ` +
          `to reach ${hostname} without a proxy, add it to no_proxy.`,
      );
    }
    return url;
  }
}

/** One entry of `no_proxy`: `*`, a host, a `.suffix`, an address or a block of them, each but the last with `:port`. */
function compileException(entry: string): (hostname: string, port: number) => boolean {
  if (entry === '*') return () => true;
  const block = /^([^/]+)\/(\d{1,3})$/.exec(entry);
  if (block !== null) return compileBlock(block[1] ?? '', Number(block[2]));
  const parts = isIP(entry) === 6 ? null : /^(.*?)(?::(\d+))?$/.exec(entry);
  const exceptPort = parts?.[2] === undefined ? null : Number(parts[2]);
  const host = (parts?.[1] ?? entry)
    .toLowerCase()
    .replace(/^\[|\]$/g, '')
    .replace(/^\*?\.|\.$/g, '');
  return (hostname, port) =>
    (exceptPort === null || exceptPort === port) && (hostname === host || hostname.endsWith(`.${host}`));
}

function compileBlock(address: string, prefix: number): (hostname: string) => boolean {
  const family = isIP(address);
  if (family === 0 || prefix > (family === 4 ? 32 : 128)) return () => false;
  const blocks = new BlockList();
  const familyName = family === 4 ? 'ipv4' : 'ipv6';
  blocks.addSubnet(address, prefix, familyName);
  return (hostname) => isIP(hostname) === family && blocks.check(hostname, familyName);
}
