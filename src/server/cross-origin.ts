import { isIP } from 'node:net';
import { GatewayError } from '../core/errors.ts';

/**
 * A web page of any site can make a browser send a request, though not read the answer, unless it is one that the
 * browser asks about first: one with JSON. And a site whose name resolves to this machine is, for the browser, the
 * gateway's own. So a call that comes from a page must be JSON, and where the gateway listens to its own machine alone,
 * the page must come from there too. https://owasp.org/www-community/attacks/csrf
 */
export function originProblem(origin: string, isJson: boolean, listensLocally: boolean): GatewayError | null {
  if (!isJson) return refusal('A call from a web page must have the content type application/json.');
  if (listensLocally && !isLocal(origin)) {
    return refusal('The gateway listens to this machine alone, and the page that calls comes from another site.');
  }
  return null;
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
