import { GatewayError } from '../../core/errors.ts';
import { Secret, scrub } from '../../core/secret.ts';
import { isJsonObject } from '../../core/types.ts';
import type { Attempt, Timeouts } from '../../upstream/port.ts';
import { sharedTransport } from '../../upstream/shared-transport.ts';
import { cachedToken, type ExpiringToken } from '../../upstream/token-cache.ts';
import { joinUrl } from '../openai-target.ts';

const BODY = 'grant_type=client_credentials&scope=all-apis';

const TIMEOUTS: Timeouts = { connect: 10_000, firstByte: 30_000, idle: 30_000, total: 30_000 };

const MOST_ANSWER_BYTES = 256 * 1024;

/** What Databricks documents, where an answer does not say. */
const LIFETIME_SECONDS = 3600;

/**
 * Gives the access token of a service principal, fetched when it is first needed and again before it expires. Rejects
 * with a GatewayError, or with the transport's error. `onToken` hears of each new one.
 * https://docs.databricks.com/aws/en/dev-tools/auth/oauth-m2m#manually-generate-and-use-access-tokens-for-oauth-m2m-authentication
 */
export function accessToken(
  host: string,
  id: string,
  secret: Secret,
  onToken: (token: Secret) => void,
): () => string | Promise<string> {
  return cachedToken(async () => {
    const token = await readToken(askForToken(host, id, secret), secret);
    onToken(new Secret(token.value));
    return token;
  });
}

function askForToken(host: string, id: string, secret: Secret): Attempt {
  const credentials = Buffer.from(`${id}:${secret.expose()}`).toString('base64');
  const headers = [
    ['content-type', 'application/x-www-form-urlencoded'],
    ['accept', 'application/json'],
    ['authorization', new Secret(`Basic ${credentials}`)],
  ] as const;
  const destination = { method: 'POST', url: joinUrl(host, 'oidc/v1/token'), headers } as const;
  return sharedTransport().prepare(destination, TIMEOUTS).send(BODY);
}

async function readToken(attempt: Attempt, secret: Secret): Promise<ExpiringToken> {
  const askedAt = Date.now();
  try {
    const response = await attempt.response;
    const text = Buffer.from(await response.bytes(MOST_ANSWER_BYTES)).toString();
    const body = parse(text);
    if (response.status !== 200) throw refused(response.status, body, secret);
    if (!isJsonObject(body) || typeof body.access_token !== 'string' || body.access_token === '') {
      throw new GatewayError('upstream_invalid', "Databricks' answer to the client credentials has no access token.");
    }
    const lifetime = Number(body.expires_in);
    return {
      value: body.access_token,
      expiresAt: askedAt + (lifetime > 0 ? lifetime : LIFETIME_SECONDS) * 1000,
    };
  } finally {
    attempt.cancel();
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** https://www.rfc-editor.org/rfc/rfc6749#section-5.2 */
function refused(status: number, body: unknown, secret: Secret): GatewayError {
  const fields = isJsonObject(body) ? [body.error, body.error_description] : [];
  const reason = fields.filter((field) => typeof field === 'string' && field !== '').join(': ');
  const message = `Databricks refused the client credentials with status ${status}${reason && `: ${reason}`}`;
  return new GatewayError('upstream_error', scrub(message, [secret]), { status: 502 });
}
