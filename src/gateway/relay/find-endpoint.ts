import { GatewayError } from '../../core/errors.ts';
import type { RelayFamily } from '../../providers/provider.ts';
import type { Exchange } from '../exchange.ts';
import type { Endpoint, Snapshot } from '../snapshot.ts';
import { queryParameter } from './query.ts';
import { placeOf, type Relay } from './relay.ts';
import type { RelayIncoming } from './relay-incoming.ts';

const NAMING_HEADER = 'x-sluice-endpoint';
const NAMING_PARAMETER = 'endpoint';

/** Not for the provider. */
export const NAMING_PARAMETERS: ReadonlySet<string> = new Set([NAMING_PARAMETER]);

/** The endpoint that the client names beside the body, or null. */
export function givenName({ caller, query }: RelayIncoming): string | null {
  return caller.header(NAMING_HEADER) ?? queryParameter(query, NAMING_PARAMETER);
}

export function endpointNamed(snapshot: Snapshot, name: string): Endpoint {
  const callable = snapshot.callables.get(name);
  if (callable) return callable.pick();
  const message = `The model '${name.slice(0, 200)}' does not exist. GET /v1/models lists the endpoints.`;
  throw new GatewayError('not_found', message, { parameter: 'model' });
}

/** For what belongs to no model: where all endpoints of the family are of one account, any of them will do. */
export function onlyAccount(snapshot: Snapshot, family: RelayFamily): Endpoint {
  const accounts = new Map<string, Endpoint>();
  for (const endpoint of snapshot.endpoints) {
    const { relay } = endpoint;
    if (relay && placeOf(relay, family) && !accounts.has(relay.account)) accounts.set(relay.account, endpoint);
  }
  const [first, second] = accounts.values();
  if (first === undefined) throw new GatewayError('not_implemented', `No endpoint's provider has ${family}.`);
  if (second === undefined) return first;
  throw new GatewayError(
    'invalid_request',
    `More than one account has ${family}. Name an endpoint in the header ${NAMING_HEADER} or as ?${NAMING_PARAMETER}=.`,
    { parameter: NAMING_PARAMETER },
  );
}

/** Counts a call that the provider can serve. */
export function admitTo(exchange: Exchange, endpoint: Endpoint, what: string, isServed = true): Relay {
  exchange.endpoint = endpoint;
  if (endpoint.relay !== null) exchange.serverText = endpoint.relay.serverText;
  const { relay, noRelay, displayName, limiter } = endpoint;
  if (relay === null || !isServed) {
    const why = relay === null && noRelay !== null ? ` ${noRelay}` : '';
    throw new GatewayError('not_implemented', `The ${what} route is not implemented for ${displayName} models.${why}`);
  }
  if (limiter) exchange.headers = limiter.take(exchange.incoming.caller, exchange.time);
  exchange.admittedAt = performance.now();
  return relay;
}
