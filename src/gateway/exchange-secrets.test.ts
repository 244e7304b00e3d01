import { expect, test } from 'bun:test';
import { Secret } from '../core/secret.ts';
import { secretsOf } from './exchange-secrets.ts';

const own = [new Secret('configured')];
const exposed = (addedHeaders: ReadonlyArray<readonly [string, string]>) =>
  secretsOf({ endpoint: { secrets: own }, addedHeaders }).map((secret) => secret.expose());

test('credentials that were added for a request count as secrets, without their schemes', () => {
  expect(exposed([['Authorization', 'Bearer fetched']])).toEqual(['configured', 'fetched']);
  expect(exposed([['x-amz-security-token', 'session']])).toEqual(['configured', 'session']);
  expect(exposed([['x-goog-api-key', 'login']])).toEqual(['configured', 'login']);
});

test('other headers do not, and the list of the endpoint is used as it is', () => {
  const addedHeaders = [
    ['traceparent', '00-1-2-01'],
    ['idempotency-key', 'chat'],
  ] as const;
  expect(secretsOf({ endpoint: { secrets: own }, addedHeaders })).toBe(own);
  expect(secretsOf({ endpoint: null, addedHeaders: [] })).toEqual([]);
});
