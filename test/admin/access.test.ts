import { describe, expect, test } from 'bun:test';
import { ROUTES } from '../../src/admin/routes.ts';
import { type Caller, TestApi, TOKEN } from './api.ts';

/** Everybody who must not get through where no token is configured. */
const STRANGERS: ReadonlyArray<readonly [who: string, caller: Caller]> = [
  ['another machine', { peer: '192.0.2.7' }],
  ['another machine over IPv6', { peer: '2001:db8::7' }],
  ['another machine that says it is this one', { peer: '192.0.2.7', headers: { 'x-forwarded-for': '127.0.0.1' } }],
  ['a proxy on this machine', { headers: { 'x-forwarded-for': '192.0.2.7' } }],
  ['a proxy that writes Forwarded', { headers: { forwarded: 'for=192.0.2.7' } }],
  ['a proxy that writes Via', { headers: { via: '1.1 proxy' } }],
  ['a proxy that writes X-Real-IP', { headers: { 'x-real-ip': '192.0.2.7' } }],
  ['a site whose name resolves to this machine', { headers: { host: 'rebound.example' } }],
  ['a name that begins like this machine', { headers: { host: 'localhost.rebound.example' } }],
  ['a name that begins like its address', { headers: { host: '127.0.0.1.rebound.example' } }],
  ['a page of another site', { headers: { origin: 'https://evil.example' } }],
  ['a page of no site', { headers: { origin: 'null' } }],
  ['a browser that says so', { headers: { 'sec-fetch-site': 'cross-site' } }],
  ['whoever has a token that nobody configured', { peer: '192.0.2.7', headers: { authorization: `Bearer ${TOKEN}` } }],
];

const LOCALS: ReadonlyArray<readonly [who: string, caller: Caller]> = [
  ['IPv4', { peer: '127.0.0.1' }],
  ['another loopback address', { peer: '127.8.9.1', headers: { host: '127.8.9.1:5000' } }],
  ['IPv6', { peer: '::1', headers: { host: '[::1]:5000' } }],
  ['IPv4 on an IPv6 socket', { peer: '::ffff:127.0.0.1' }],
  ['a page of this machine', { headers: { origin: 'http://localhost:3000' } }],
];

const bearer = (token: string): Caller => ({ peer: '192.0.2.7', headers: { authorization: `Bearer ${token}` } });

/** Everybody who must not get through where a token is configured: without it not even this machine. */
const WITHOUT_TOKEN: ReadonlyArray<readonly [who: string, caller: Caller]> = [
  ['a program on this machine', {}],
  ['another machine', { peer: '192.0.2.7' }],
  ['a wrong token', bearer('b-token-for-tests-only')],
  ['the beginning of the token', bearer(TOKEN.slice(0, -1))],
  ['more than the token', bearer(`${TOKEN}x`)],
  ['an empty token', bearer('')],
  ['another scheme', { headers: { authorization: `Basic ${btoa(`admin:${TOKEN}`)}` } }],
  ['the token without a scheme', { headers: { authorization: TOKEN } }],
];

const CALLS = ROUTES.map(({ method, path }) => ({
  method,
  path: path.replace('{id}', '01JDQ8Z5R7M2X4C6V8B0N1K3H5'),
  name: `${method} ${path}`,
}));

describe.each(CALLS)('$name', ({ method, path }) => {
  test.each(STRANGERS)('without a token refuses %s', async (_, caller) => {
    const { status, json } = await new TestApi().call(path, { ...caller, method });
    expect(status).toBe(403);
    expect(json).toMatchObject({ code: 'forbidden', request_id: expect.stringMatching(/^[0-9A-Z]{26}$/) });
    expect(json.hint).toContain('admin.token');
  });

  test.each(WITHOUT_TOKEN)('with a token refuses %s', async (_, caller) => {
    const { status, json, headers } = await new TestApi({ token: TOKEN }).call(path, { ...caller, method });
    expect(status).toBe(401);
    expect(json.code).toBe('unauthorized');
    expect(headers['www-authenticate']).toStartWith('Bearer');
  });

  test('lets whoever has the token through, and whoever is on this machine', async () => {
    const stopped = AbortSignal.abort();
    const remote = await new TestApi({ token: TOKEN }).call(path, { ...bearer(TOKEN), method, signal: stopped });
    expect([401, 403]).not.toContain(remote.status);
    for (const [, caller] of LOCALS) {
      const { status } = await new TestApi().call(path, { ...caller, method, signal: stopped });
      expect([401, 403]).not.toContain(status);
    }
  });

  test('takes no other method, and offers nothing to pages of other sites', async () => {
    for (const other of ['PUT', 'DELETE', 'PATCH', 'OPTIONS', method === 'GET' ? 'POST' : 'GET']) {
      const { status, headers } = await new TestApi().call(path, { method: other });
      expect([other, status]).toEqual([other, 405]);
      expect(headers.allow).toBe(method);
      expect(Object.keys(headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
    }
  });
});

describe('the management API', () => {
  test('has no route without a permission', () => {
    for (const { permission } of ROUTES) expect(permission).toBeTruthy();
    expect(ROUTES.length).toBeGreaterThan(15);
  });

  test('does not tell a stranger which paths there are', async () => {
    const api = new TestApi({ token: TOKEN });
    const { status: known } = await api.call('/usage');
    const { status: unknown } = await api.call('/nothing');
    expect([known, unknown]).toEqual([401, 401]);
  });

  test('notes who was refused, and does not let a flood fill the trail', async () => {
    const api = new TestApi({ token: TOKEN });
    for (let index = 0; index < 200; index++) await api.call('/usage', { peer: '192.0.2.7' });
    expect(api.notes.length).toBeLessThan(50);
    expect(api.notes[0]).toMatchObject({
      action: 'signin.fail',
      outcome: 'denied',
      address: '192.0.2.7',
      object: 'GET /api/v1/usage',
    });
    expect(JSON.stringify(api.notes)).not.toContain(TOKEN);
  });

  test('never repeats the token that was sent', async () => {
    const { text, headers } = await new TestApi({ token: TOKEN }).call('/usage', bearer('sk-secret-of-somebody'));
    expect(text + JSON.stringify(headers)).not.toContain('sk-secret-of-somebody');
  });
});
