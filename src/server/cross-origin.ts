import { isIP } from 'node:net';
import { GatewayError } from '../core/errors.ts';
import type { RequestHead } from './http/request-head.ts';
import { isJsonType } from './incoming-request.ts';

/**
 * A web page of any site can make a browser send a request, though not read the answer, unless it is one that the
 * browser asks about first: one with JSON. And a site whose name resolves to this machine is, for the browser, the
 * gateway's own. So a call that comes from a page must be JSON, and where the gateway listens to its own machine alone,
 * the page must come from there too. https://owasp.org/www-community/attacks/csrf
 */
export function originProblem(head: RequestHead, listensLocally: boolean): GatewayError | null {
  const origin = head.origin ?? '';
  const isSocket = head.header('upgrade') !== null;
  if (!isSocket && (head.method === 'GET' || head.method === 'HEAD')) return null;
  // No browser asks before it opens a WebSocket for a page of another site.
  if (isSocket && !isLocal(origin) && !isSameSite(origin, head.header('host'))) {
    return refusal('A WebSocket must come from a page of the gateway’s own site or of this machine.');
  }
  if (!isSocket && !isJsonType(head.header('content-type')))
    return refusal('A call from a web page must have the content type application/json.');
  if (listensLocally && !isLocal(origin)) {
    return refusal('The gateway listens to this machine alone, and the page that calls comes from another site.');
  }
  return null;
}

/**
 * A browser says nothing of the page that reads its own site, and a site whose name resolves to this machine can so read
 * what the provider keeps. Only the name betrays it. https://en.wikipedia.org/wiki/DNS_rebinding
 */
export function hostProblem(head: RequestHead): GatewayError | null {
  const isReading = head.method === 'GET' || head.method === 'HEAD';
  const host = head.header('host');
  if (!isReading || host === null || isLocal(`http://${host}`)) return null;
  return refusal(
    'The gateway listens to this machine alone, and is called by another name. Name a proxy in front of it in ' +
      'server.trusted_proxies.',
  );
}

function isSameSite(origin: string, host: string | null): boolean {
  return URL.canParse(origin) && new URL(origin).host === host?.toLowerCase();
}

function isLocal(origin: string): boolean {
  if (!URL.canParse(origin)) return false;
  const { hostname } = new URL(origin);
  return isLoopback(hostname.replace(/^\[|\]$/g, ''));
}

/** `localhost`, names below it, and loopback addresses. */
export function isLoopback(host: string): boolean {
  if (isIP(host) === 0) return host === 'localhost' || host.endsWith('.localhost');
  return host === '::1' || host.startsWith('127.');
}

function refusal(message: string): GatewayError {
  return new GatewayError('forbidden', message);
}
