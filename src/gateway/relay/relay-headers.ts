import type { RelayTarget } from '../../providers/provider.ts';
import type { Destination, RequestHeaders } from '../../upstream/port.ts';
import { bringsOwnCredential, CREDENTIALS, isForTheGateway, joinedFeatures, SENDABLE } from '../client-headers.ts';
import type { Incoming } from '../exchange.ts';

/** What a provider of OpenAI's API understands of a client's headers. */
const KNOWN = ['accept', 'idempotency-key', 'openai-beta', 'range'] as const;

/** Of the body, where it goes on as it was sent. */
const OF_THE_BODY: readonly string[] = ['content-type', 'content-encoding'];

const JSON_TYPE = ['content-type', 'application/json'] as const;

/** Of the headers that the provider sets, its own count. `isJson`: the body was read, and is sent as JSON. */
export function knownHeaders(incoming: Incoming, own: Destination['headers'], isJson: boolean): Destination['headers'] {
  const names: readonly string[] = isJson ? KNOWN : [...KNOWN, ...OF_THE_BODY];
  const taken = namesOf(own);
  const headers: Array<readonly [string, string]> = isJson ? [JSON_TYPE] : [];
  for (const name of names) {
    const value = incoming.caller.header(name);
    if (value !== null && SENDABLE.test(value) && !taken.has(name)) headers.push([name, value]);
  }
  return [...own, ...headers];
}

export interface AllHeaders {
  readonly headers: Destination['headers'];
  /** The client's own credential, where it takes the place of the configured one. */
  readonly credential: RequestHeaders;
}

/**
 * Everything that is not meant for the gateway. Of what the provider's configuration sets, its own counts, save that
 * lists of features are joined. A credential of the client is left out, unless it is a coding agent's user's own.
 */
export function allHeaders(incoming: Incoming, target: RelayTarget, isJson: boolean): AllHeaders {
  const hasOwn = bringsOwnCredential(incoming);
  const own = ownHeaders(target, hasOwn);
  const ofConnection = (incoming.caller.header('connection') ?? '').toLowerCase().split(/[\s,]+/);
  const headers: Array<readonly [string, string]> = isJson ? [JSON_TYPE] : [];
  const credential: Array<readonly [string, string]> = [];
  for (const [name, value] of incoming.headerFields()) {
    if (!SENDABLE.test(value) || ofConnection.includes(name)) continue;
    const configured = own.get(name);
    if (CREDENTIALS.has(name)) {
      if (hasOwn) credential.push([name, value]);
    } else if (configured !== undefined) {
      const isList = name.endsWith('-beta') && typeof configured[1] === 'string';
      if (isList) own.set(name, [configured[0], joinedFeatures(String(configured[1]), value)]);
    } else if (goesOn(name, target, isJson)) headers.push([name, value]);
  }
  return { headers: [...own.values(), ...headers, ...credential], credential };
}

/** By their names in lower case. */
function ownHeaders({ headers, credentialHeaders }: RelayTarget, hasOwn: boolean) {
  const own = new Map(headers.map((header) => [header[0].toLowerCase(), header]));
  if (hasOwn) for (const name of [...CREDENTIALS, ...(credentialHeaders ?? [])]) own.delete(name);
  return own;
}

function goesOn(name: string, { forwardedHeaders, withheldHeaders }: RelayTarget, isJson: boolean): boolean {
  if (OF_THE_BODY.includes(name)) return !isJson;
  if (withheldHeaders?.includes(name)) return false;
  return !isForTheGateway(name) || forwardedHeaders?.includes(name) === true;
}

function namesOf(headers: Destination['headers']): Set<string> {
  return new Set(headers.map(([name]) => name.toLowerCase()));
}
