import { FetchTransport } from '../fetch/fetch-transport.ts';
import { type Attempt, type Timeouts, type Transport, UpstreamError, type UpstreamResponse } from '../port.ts';
import { type Environment, ProxyRules } from '../proxy-rules.ts';
import { SocketTransport } from '../socket/socket-transport.ts';
import { checkUrl, hostOf, PUBLIC_HTTPS, type UrlRules } from './check-url.ts';
import { EgressError } from './egress-error.ts';
import { type Resolver, resolveAllowed, systemResolver } from './resolve.ts';

export interface EgressOptions {
  /** Names the proxies, if any. */
  readonly environment: Environment;
  /** Bytes of a body. */
  readonly maxBytes: number;
  /** Milliseconds for everything: resolving, redirects, the body. */
  readonly timeout: number;
  /** By default https alone, and public addresses alone. Tests allow the servers of this machine. */
  readonly rules?: UrlRules;
  readonly resolver?: Resolver;
  /** PEM certificates to trust in place of the built-in roots and those that the environment adds. */
  readonly certificateAuthorities?: string;
}

export interface Download {
  readonly bytes: Uint8Array;
  /** In lower case and without parameters; null where the server does not say. */
  readonly mediaType: string | null;
}

const MAX_REDIRECTS = 3;
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/**
 * Fetches URLs that came over the network, and that may be meant to make the gateway look into its own network. The
 * address that was checked is the one that is connected to, so a name that resolves differently a moment later gains
 * nothing. Every redirect is checked anew. Behind a proxy it is the proxy that resolves, and its own rules hold.
 */
export class EgressClient {
  readonly #options: EgressOptions;
  readonly #rules: UrlRules;
  readonly #resolver: Resolver;
  readonly #proxies: ProxyRules;

  constructor(options: EgressOptions) {
    this.#options = options;
    this.#rules = options.rules ?? PUBLIC_HTTPS;
    this.#resolver = options.resolver ?? systemResolver;
    this.#proxies = new ProxyRules(options.environment);
  }

  /** Rejects with an EgressError. */
  async get(text: string, signal?: AbortSignal): Promise<Download> {
    const timeout = AbortSignal.timeout(this.#options.timeout);
    const stop = signal ? AbortSignal.any([signal, timeout]) : timeout;
    try {
      return await this.#follow(text, stop);
    } catch (error) {
      if (signal?.aborted) throw new EgressError('cancelled', 'it is no longer wanted', error);
      if (timeout.aborted) {
        throw new EgressError('timeout', `it took longer than ${this.#options.timeout / 1000} seconds`, error);
      }
      throw error instanceof EgressError ? error : asEgressError(error, this.#options.maxBytes);
    }
  }

  async #follow(text: string, stop: AbortSignal): Promise<Download> {
    let url = checkUrl(text, this.#rules);
    for (let redirects = 0; ; redirects += 1) {
      const { attempt, response } = await this.#request(url, stop);
      try {
        const location = REDIRECTS.has(response.status) ? response.header('location') : null;
        if (location === null) return await this.#body(response, stop);
        if (redirects === MAX_REDIRECTS)
          throw new EgressError('refused', `it redirects more than ${MAX_REDIRECTS} times`);
        if (!URL.canParse(location, url.href)) throw new EgressError('refused', 'it redirects to no valid URL');
        url = checkUrl(new URL(location, url).href, this.#rules);
      } finally {
        attempt.cancel();
      }
    }
  }

  async #request(url: URL, stop: AbortSignal): Promise<{ attempt: Attempt; response: UpstreamResponse }> {
    const transports = await this.#transports(url, stop);
    for (const [index, transport] of transports.entries()) {
      const attempt = this.#send(transport, url);
      try {
        return { attempt, response: await unless(stop, attempt.response) };
      } catch (error) {
        attempt.cancel();
        const isLast = index === transports.length - 1;
        const hasNoWay = error instanceof UpstreamError && error.failure === 'connect_failed';
        if (isLast || !hasNoWay || stop.aborted) throw error;
      }
    }
    throw new EgressError('unreachable', 'its host name has no address');
  }

  /** One for each address of the host, in the system's order of preference. */
  async #transports(url: URL, stop: AbortSignal): Promise<readonly Transport[]> {
    const { certificateAuthorities } = this.#options;
    const trust = certificateAuthorities === undefined ? {} : { certificateAuthorities };
    const secure = url.protocol === 'https:';
    const hostname = hostOf(url);
    const proxy = this.#proxies.proxyFor(secure, hostname, Number(url.port) || (secure ? 443 : 80));
    if (proxy !== null) return [new FetchTransport({ proxy, ...trust })];
    const addresses = await unless(stop, resolveAllowed(hostname, this.#resolver, this.#rules.isAllowed));
    return addresses.map((address) => new SocketTransport({ address, ...trust }));
  }

  #send(transport: Transport, url: URL): Attempt {
    const { timeout } = this.#options;
    const timeouts: Timeouts = { connect: timeout, firstByte: timeout, idle: timeout, total: timeout };
    const bare = new URL(url);
    bare.hash = '';
    const prepared = transport.prepare({ method: 'GET', url: bare.href, headers: [] }, timeouts);
    const attempt = prepared.send(null);
    // Nothing is kept for later: the next URL leads elsewhere.
    transport.close();
    return attempt;
  }

  async #body(response: UpstreamResponse, stop: AbortSignal): Promise<Download> {
    const { status } = response;
    if (status < 200 || status > 299) throw new EgressError('not_there', `its server answered with status ${status}`);
    const bytes = await unless(stop, response.bytes(this.#options.maxBytes));
    const mediaType = response.header('content-type')?.split(';')[0]?.trim().toLowerCase() || null;
    return { bytes, mediaType };
  }
}

/** What is awaited, or a rejection as soon as the signal comes. */
function unless<Value>(stop: AbortSignal, wait: Promise<Value>): Promise<Value> {
  wait.catch(() => {});
  return new Promise((resolve, reject) => {
    const abort = () => reject(stop.reason);
    if (stop.aborted) abort();
    stop.addEventListener('abort', abort, { once: true });
    wait.then(resolve, reject).finally(() => stop.removeEventListener('abort', abort));
  });
}

function asEgressError(error: unknown, maxBytes: number): unknown {
  if (!(error instanceof UpstreamError)) return error;
  if (error.failure === 'too_large') {
    return new EgressError('too_large', `it is larger than ${Math.floor(maxBytes / 2 ** 20)} MiB`, error);
  }
  if (error.failure.endsWith('_timeout')) return new EgressError('timeout', 'its server took too long', error);
  return new EgressError('unreachable', 'its server cannot be reached or broke off', error);
}
