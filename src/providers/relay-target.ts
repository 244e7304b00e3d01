import { Secret } from '../core/secret.ts';
import type { Destination } from '../upstream/port.ts';
import type { RelayFamily, RelayTarget } from './provider.ts';

/** What OpenAI's own API has: https://platform.openai.com/docs/api-reference */
export const OPENAI_FAMILIES: readonly RelayFamily[] = [
  'images',
  'audio',
  'moderations',
  'files',
  'batches',
  'responses',
  'realtime',
];

interface RelayOptions {
  readonly model: string | null;
  readonly base: string;
  /** What each request's query begins with. */
  readonly query?: string;
  /** Sent as `Authorization: Bearer …`; null for none. */
  readonly bearer: Secret | null;
  readonly headers?: Destination['headers'];
  readonly families?: readonly RelayFamily[];
  readonly uploadPath?: string;
  /** Left out where a coding agent brings its user's own credential. */
  readonly credentialHeaders?: readonly string[];
}

/** Families that are all below one base, as in OpenAI's API. */
export function relayTarget(options: RelayOptions): RelayTarget {
  const { model, base, query = '', bearer, headers = [], families = [], uploadPath, credentialHeaders } = options;
  const place = { base: base.replace(/\/+$/, ''), query, model, ...(uploadPath && { uploadPath }) };
  return {
    families: Object.fromEntries(families.map((family) => [family, place])),
    root: withoutLastSegment(base),
    headers: relayHeaders(bearer, headers),
    ...(credentialHeaders && { credentialHeaders }),
  };
}

/** A server without families, all of whose paths may be asked. */
export function rawRelay(root: string, headers: Destination['headers']): RelayTarget {
  return { families: {}, root: root.replace(/\/+$/, ''), headers };
}

export function relayHeaders(bearer: Secret | null, headers: Destination['headers'] = []): Destination['headers'] {
  return bearer ? [['authorization', new Secret(`Bearer ${bearer.expose()}`)], ...headers] : headers;
}

/** Where raw requests begin, as in MLflow's gateway: `https://api.openai.com` of `https://api.openai.com/v1`. */
export function withoutLastSegment(base: string): string {
  const trimmed = base.replace(/\/+$/, '');
  const last = trimmed.lastIndexOf('/');
  return trimmed[last - 1] === '/' ? trimmed : trimmed.slice(0, last);
}
