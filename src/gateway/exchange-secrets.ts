import { Secret } from '../core/secret.ts';
import type { RequestHeaders } from '../upstream/port.ts';

interface Holder {
  readonly endpoint: { readonly secrets: readonly Secret[] } | null;
  readonly addedHeaders: RequestHeaders;
}

/** What an answer of the upstream must not show: the endpoint's secrets, and credentials made for this one request. */
export function secretsOf({ endpoint, addedHeaders }: Holder): readonly Secret[] {
  const secrets = endpoint?.secrets ?? [];
  const credentials = credentialsIn(addedHeaders);
  return credentials.length === 0 ? secrets : [...secrets, ...credentials];
}

/** An idempotency key is a name that the client gives, and may be as short as a word. */
const CREDENTIAL_HEADER = /^(?!(?:x-)?idempotency-).*(?:authorization|token|key)/i;

/** The value of each such header without its scheme. */
export function credentialsIn(headers: RequestHeaders): Secret[] {
  return headers
    .filter(([name]) => CREDENTIAL_HEADER.test(name))
    .map(([, value]) => new Secret(value.slice(value.indexOf(' ') + 1)));
}
