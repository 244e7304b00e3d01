import { createHash } from 'node:crypto';
import { GatewayError } from '../../core/errors.ts';
import type { JsonObject } from '../../core/types.ts';
import { cachedToken, type ExpiringToken } from '../../upstream/token-cache.ts';

/** Gives an access token. Rejects with a GatewayError when none can be had. */
export type TokenSource = () => string | Promise<string>;

const SCOPE = 'https://www.googleapis.com/auth/cloud-platform';

/** A token whose end Google does not tell is asked for again after this many milliseconds. */
const UNKNOWN_LIFETIME = 300_000;

/** Endpoints with the same credentials share a token, also those of a configuration that takes another's place. */
const sources = new Map<string, WeakRef<TokenSource>>();

/** The token of these credentials, or of the default ones of the machine. */
export function accessToken(credentials: JsonObject | null): TokenSource {
  const key = createHash('sha256').update(JSON.stringify(credentials)).digest('base64');
  const shared = sources.get(key)?.deref();
  if (shared) return shared;
  const source = cachedToken(tokenFetcher(credentials));
  sources.set(key, new WeakRef(source));
  return source;
}

function tokenFetcher(credentials: JsonObject | null): () => Promise<ExpiringToken> {
  let client: ReturnType<typeof createClient> | null = null;
  return async () => {
    try {
      client ??= createClient(credentials);
      const { getAccessToken, expiresAt } = await client;
      const value = await getAccessToken();
      if (!value) throw new Error('the answer holds no token');
      return { value, expiresAt: expiresAt() ?? Date.now() + UNKNOWN_LIFETIME };
    } catch (error) {
      client = null;
      const reason = error instanceof Error ? error.message : String(error);
      // Without the cause: it may hold the signed request.
      throw new GatewayError('upstream_unreachable', `Google gives no access token: ${reason}`);
    }
  };
}

/** The library is loaded at the first use, as few installations need it. It honours the proxy of the environment. */
async function createClient(credentials: JsonObject | null) {
  const { GoogleAuth } = await import('google-auth-library');
  const client = await new GoogleAuth({ scopes: [SCOPE], ...(credentials && { credentials }) }).getClient();
  return {
    getAccessToken: async () => (await client.getAccessToken()).token,
    expiresAt: () => client.credentials.expiry_date,
  };
}
