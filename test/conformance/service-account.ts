import { generateKeyPairSync } from 'node:crypto';

/** Where Google Cloud's clients change a service account's signature for an access token. */
export const TOKEN_HOST = 'oauth2.googleapis.com';

/** The token in the recorded requests. */
export const ACCESS_TOKEN = { access_token: 'gtok', expires_in: 3600, token_type: 'Bearer' };

/** A service account with a key made just now, as JSON. */
export function serviceAccount(): string {
  const { privateKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  return JSON.stringify({
    type: 'service_account',
    project_id: 'proj',
    private_key_id: 'k1',
    private_key: privateKey,
    client_email: 'a@proj.iam.gserviceaccount.com',
    client_id: '1',
    token_uri: `https://${TOKEN_HOST}/token`,
  });
}
