import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GatewayError } from '../../core/errors.ts';
import type { JsonObject } from '../../core/types.ts';
import { accessToken } from './access-token.ts';

/** Plays Google's token service for credentials of a federated identity, whose JSON says where that is. */
let asked = 0;
let answer: () => Response = () => new Response(null, { status: 500 });
const server = Bun.serve({
  port: 0,
  hostname: '127.0.0.1',
  fetch: () => {
    asked += 1;
    return answer();
  },
});

const folder = mkdtempSync(join(tmpdir(), 'sluice-credentials-'));
const subject = join(folder, 'subject-token');

/** The environment of whoever runs the tests may name a proxy. */
const proxyVariables = ['HTTP_PROXY', 'HTTPS_PROXY', 'http_proxy', 'https_proxy'];
const proxies = new Map(proxyVariables.map((name) => [name, process.env[name]]));

beforeAll(() => {
  writeFileSync(subject, 'subject');
  for (const name of proxyVariables) delete process.env[name];
});

afterAll(async () => {
  for (const [name, value] of proxies) if (value !== undefined) process.env[name] = value;
  rmSync(folder, { recursive: true });
  await server.stop(true);
});

function credentials(audience: string): JsonObject {
  return {
    type: 'external_account',
    audience,
    subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
    token_url: `${server.url}v1/token`,
    credential_source: { file: subject },
  };
}

function token(value: string, seconds: number): Response {
  return Response.json({
    access_token: value,
    expires_in: seconds,
    token_type: 'Bearer',
    issued_token_type: 'urn:ietf:params:oauth:token-type:access_token',
  });
}

describe('an access token', () => {
  test('is fetched once for all endpoints with the same credentials, and kept', async () => {
    asked = 0;
    answer = () => token('first', 3600);
    const endpoints = Array.from({ length: 20 }, () => accessToken(credentials('shared')));
    const tokens = await Promise.all(endpoints.map((source) => source()));
    expect(new Set(tokens)).toEqual(new Set(['first']));
    expect(await endpoints[0]?.()).toBe('first');
    expect(asked).toBe(1);
  });

  test('is another one for other credentials', async () => {
    asked = 0;
    answer = () => token(`token-${asked}`, 3600);
    expect(await accessToken(credentials('one'))()).toBe('token-1');
    expect(await accessToken(credentials('two'))()).toBe('token-2');
  });

  test('is fetched again when the one at hand is about to expire', async () => {
    asked = 0;
    answer = () => token(`token-${asked}`, -1);
    const source = accessToken(credentials('short-lived'));
    expect(await source()).toBe('token-1');
    expect(await source()).toBe('token-2');
  });

  test('comes from the credentials of the machine where none are configured', async () => {
    answer = () => token('of the machine', 3600);
    const path = join(folder, 'default.json');
    writeFileSync(path, JSON.stringify(credentials('machine')));
    const before = process.env.GOOGLE_APPLICATION_CREDENTIALS;
    process.env.GOOGLE_APPLICATION_CREDENTIALS = path;
    expect(await accessToken(null)()).toBe('of the machine');
    if (before === undefined) delete process.env.GOOGLE_APPLICATION_CREDENTIALS;
    else process.env.GOOGLE_APPLICATION_CREDENTIALS = before;
  });

  test('that cannot be had is an error that says why, and is asked for again', async () => {
    answer = () =>
      Response.json({ error: 'invalid_grant', error_description: 'The subject token is expired.' }, { status: 400 });
    const source = accessToken(credentials('refused'));
    const failure = await Promise.resolve(source()).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(GatewayError);
    expect(failure).toMatchObject({ code: 'upstream_unreachable', status: 502 });
    expect(String(failure)).toContain('The subject token is expired.');
    answer = () => token('granted', 3600);
    expect(await source()).toBe('granted');
  });
});
