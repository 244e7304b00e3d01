import { GatewayError } from '../core/errors.ts';
import type { Changes, FieldNames } from '../core/neutral/changes.ts';
import type { Exchange } from './exchange.ts';
import type { Endpoint } from './snapshot.ts';

/** With the value `true`, a client asks that nothing be changed in silence or otherwise: as `strict: true` does. */
const STRICT_HEADER = 'x-sluice-strict';

/** Longer values are refused by common proxies in front of the gateway. */
const MAX_HEADER_CHARACTERS = 4000;

/** Endpoints whose clients send ever new fields must not fill memory or the log. */
const MAX_LOGGED_SETS = 100;

/**
 * Remembers for the answer what the provider could not take. Throws (422) where the endpoint or the client is strict.
 * `names` makes the client's own names of neutral ones, and is asked for only where there is something to name.
 */
export function noteChanges(
  exchange: Exchange,
  endpoint: Endpoint,
  changes: Changes,
  names?: () => FieldNames | undefined,
): void {
  if (changes.isEmpty) return;
  const text = limited(changes.toString(names?.()));
  if (endpoint.strict) {
    throw new GatewayError('invalid_body', `This endpoint is strict, and the provider cannot take: ${text}`);
  }
  if (exchange.incoming.caller.header(STRICT_HEADER) === 'true') {
    throw new GatewayError('invalid_body', `This request is strict, and the provider cannot take: ${text}`);
  }
  exchange.changes = text;
}

function limited(text: string): string {
  if (text.length <= MAX_HEADER_CHARACTERS) return text;
  const shown = text.slice(0, text.lastIndexOf(', ', MAX_HEADER_CHARACTERS));
  const more = text.slice(shown.length + 2).split(', ').length;
  return `${shown}, and ${more} more`;
}

/** True for changes that the log has not named yet for this endpoint, under this configuration. */
export function areNewChanges({ loggedChanges }: Endpoint, changes: string): boolean {
  if (loggedChanges.has(changes) || loggedChanges.size >= MAX_LOGGED_SETS) return false;
  loggedChanges.add(changes);
  return true;
}
