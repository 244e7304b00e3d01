import type { RequestHeaders } from '../upstream/port.ts';
import type { Incoming } from './exchange.ts';
import type { Outlet, PassThrough } from './snapshot.ts';

/** What of a client's headers goes to an upstream of its own format. */
export interface ClientHeaders {
  readonly headers: RequestHeaders;
  /** The client's own credential is among them: the configured one stays out. */
  readonly hasCredential: boolean;
}

const NONE: ClientHeaders = { headers: [], hasCredential: false };

/**
 * On MLflow's pass-through routes everything goes on that is not meant for the gateway; elsewhere what the upstream is
 * known to understand. Of headers that the provider sets itself, its own count.
 */
export function clientHeaders(incoming: Incoming, upstream: PassThrough, outlet: Outlet): ClientHeaders {
  if (incoming.headerPolicy === 'all') return allHeaders(incoming, outlet);
  if (upstream.forwardedHeaders.length === 0) return NONE;
  let headers: Header[] | null = null;
  for (const name of upstream.forwardedHeaders) {
    if (!isWanted(name, outlet)) continue;
    const value = incoming.caller.header(name);
    if (value === null || !SENDABLE.test(value)) continue;
    headers ??= [];
    headers.push([name, joined(name, value, outlet)]);
  }
  return headers === null ? NONE : { headers, hasCredential: false };
}

type Header = readonly [name: string, value: string];

function allHeaders(incoming: Incoming, outlet: Outlet): ClientHeaders {
  const hasCredential = bringsOwnCredential(incoming);
  const headers: Header[] = [];
  const ofConnection =
    incoming.caller
      .header('connection')
      ?.toLowerCase()
      .split(/[\s,]+/) ?? [];
  for (const [name, value] of incoming.headerFields()) {
    if (!SENDABLE.test(value) || ofConnection.includes(name)) continue;
    if (CREDENTIALS.has(name)) {
      if (hasCredential) headers.push([name, value]);
    } else if (!isForTheGateway(name) && isWanted(name, outlet)) {
      headers.push([name, joined(name, value, outlet)]);
    }
  }
  return { headers, hasCredential };
}

/** Of what the provider's configuration says itself, only lists of features are added to. */
function isWanted(name: string, { headers }: Outlet): boolean {
  return name.endsWith('-beta') || !headers.has(name);
}

function joined(name: string, value: string, { headers }: Outlet): string {
  const configured = headers.get(name);
  return configured === undefined ? value : joinedFeatures(configured, value);
}

/** What a transport takes as a header's value. */
export const SENDABLE = /^[\t\x20-\x7e]*$/;

/** A list of features: those that are configured, and the client's. */
export function joinedFeatures(configured: string, given: string): string {
  const items = `${configured},${given}`.split(',').map((item) => item.trim());
  return [...new Set(items)].filter((item) => item !== '').join(',');
}

export const CREDENTIALS: ReadonlySet<string> = new Set(['api-key', 'authorization', 'x-api-key', 'x-goog-api-key']);

/** What concerns the connection to the gateway, its body's encoding, or who is in front of it. */
const FOR_THE_GATEWAY: ReadonlySet<string> = new Set([
  'accept-encoding',
  'connection',
  'content-encoding',
  'content-length',
  'content-type',
  'cookie',
  'expect',
  'forwarded',
  'host',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'via',
]);

const PREFIXES = ['x-forwarded-', 'x-real-', 'x-mlflow-', 'x-sluice-', 'cf-', 'x-envoy-', 'x-amzn-', 'x-original-'];

export function isForTheGateway(name: string): boolean {
  return FOR_THE_GATEWAY.has(name) || PREFIXES.some((prefix) => name.startsWith(prefix));
}

/** Whether the client is a coding agent with its user's own login. */
export function bringsOwnCredential(incoming: Incoming): boolean {
  return isCodingAgent(incoming) && hasOwnCredential(incoming);
}

/** The agents whose users pay by a subscription, as MLflow's gateway knows them. */
const AGENTS = ['claude-cli', 'codex', 'geminicli'];

function isCodingAgent({ caller }: Incoming): boolean {
  const name = caller.header('user-agent')?.toLowerCase() ?? '';
  return AGENTS.some((agent) => name.includes(agent));
}

function hasOwnCredential({ caller }: Incoming): boolean {
  for (const name of CREDENTIALS) {
    const value = caller.header(name);
    if (value !== null && value !== '' && SENDABLE.test(value)) return true;
  }
  return false;
}
