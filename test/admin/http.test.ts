import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { connect } from 'node:net';
import type { JsonObject } from '../../src/core/types.ts';
import { endpoint, eventually, type RunningGateway, startGateway } from '../support/gateway.ts';
import { TOKEN } from './api.ts';

const CONFIG = { endpoints: [endpoint('chat', 'chat', 'simulated', {})], ledger: { database: ':memory:' } };
const MESSAGE = { messages: [{ role: 'user', content: 'hello' }] };

let gateway: RunningGateway;

beforeAll(async () => {
  gateway = await startGateway(CONFIG);
});

afterAll(() => gateway.stop());

const ask = async (path: string, init: RequestInit = {}) => {
  const response = await fetch(`${gateway.url}/api/v1${path}`, init);
  return { response, json: (await response.json()) as JsonObject };
};

async function chat(): Promise<string> {
  const response = await gateway.post('/gateway/chat/invocations', MESSAGE);
  await response.text();
  expect(response.status).toBe(200);
  return response.headers.get('x-request-id') ?? '';
}

describe('over HTTP', () => {
  test('a request is told of as soon as it is answered, by the id of its answer', async () => {
    const id = await chat();
    const { response, json } = await ask(`/requests/${id}`);
    expect(response.status).toBe(200);
    expect(json).toMatchObject({ id, endpoint: 'chat', provider: 'simulated', status: 200 });
    expect(response.headers.get('cache-control')).toContain('no-cache');
    expect((await ask('/usage?group=endpoint')).json.total).toMatchObject({ requests: expect.any(Number) });
  });

  test('errors have one shape, and an id', async () => {
    for (const [path, init, status, code] of [
      ['/nothing', {}, 404, 'not_found'],
      ['', {}, 404, 'not_found'],
      ['/usage', { method: 'DELETE' }, 405, 'method_not_allowed'],
      ['/usage?x=1', {}, 400, 'invalid_parameter'],
      ['/requests?q=cost:%3Eabc', {}, 400, 'invalid_filter'],
      ['/usage', { headers: { 'x-forwarded-for': '192.0.2.1' } }, 403, 'forbidden'],
      ['/audit/verify', { method: 'POST', headers: { origin: 'https://evil.example' } }, 403, 'forbidden'],
    ] as const) {
      const { response, json } = await ask(path, init);
      expect([path, response.status, json.code]).toEqual([path, status, code]);
      expect(json).toMatchObject({ message: expect.any(String), request_id: response.headers.get('x-request-id') });
      expect(Object.keys(json)).toContain('hint');
      expect(response.headers.get('access-control-allow-origin')).toBeNull();
    }
  });

  test('HEAD is GET without a body', async () => {
    for (const path of ['/usage', '/requests/export', '/requests/tail']) {
      const response = await fetch(`${gateway.url}/api/v1${path}`, { method: 'HEAD' });
      expect([path, response.status, await response.text()]).toEqual([path, 200, '']);
    }
  });

  test('a body that is too large is refused', async () => {
    const { response, json } = await ask('/audit/verify', { method: 'POST', body: 'x'.repeat(100_000) });
    expect([response.status, json.code]).toEqual([413, 'body_too_large']);
  });

  test('an export is a file, whole', async () => {
    await Promise.all(Array.from({ length: 30 }, chat));
    const response = await fetch(`${gateway.url}/api/v1/requests/export?columns=id,status`);
    expect(response.headers.get('content-disposition')).toContain('attachment');
    const lines = (await response.text()).trimEnd().split('\r\n');
    expect(lines.length).toBeGreaterThan(30);
    expect(new Set(lines).size).toBe(lines.length);
  });

  test('the tail tells of a request while it stays open', async () => {
    const stop = new AbortController();
    const response = await fetch(`${gateway.url}/api/v1/requests/tail?q=endpoint:chat`, { signal: stop.signal });
    expect(response.headers.get('content-type')).toStartWith('text/event-stream');
    const reader = (response.body as ReadableStream<Uint8Array>).getReader();
    const decoder = new TextDecoder();
    const read = async () => decoder.decode((await reader.read()).value, { stream: true });
    expect(await read()).toContain('event: ready');
    const id = await chat();
    let text = '';
    while (!text.includes(id)) text += await read();
    expect(text).toContain('event: request');
    stop.abort();
  });

  test('tails that nobody reads are given up, and others can open', async () => {
    const sockets = Array.from({ length: 64 }, () => {
      const socket = connect(gateway.port, '127.0.0.1');
      socket.write('GET /api/v1/requests/tail HTTP/1.1\r\nhost: localhost\r\n\r\n');
      return socket;
    });
    await Promise.all(sockets.map((socket) => new Promise((resolve) => socket.once('data', resolve))));
    expect((await fetch(`${gateway.url}/api/v1/requests/tail`)).status).toBe(429);
    for (const socket of sockets) socket.destroy();
    await eventually('a tail can be opened again', async () => {
      const stop = new AbortController();
      const { status } = await fetch(`${gateway.url}/api/v1/requests/tail`, { signal: stop.signal });
      stop.abort();
      return status === 200;
    });
  });
});

test('with a token, the file decides who may, at once', async () => {
  const own = await startGateway({ ...CONFIG, admin: { token: TOKEN } });
  const status = async (token: string | null) => {
    const headers = new Headers(token === null ? [] : [['authorization', `Bearer ${token}`]]);
    return (await fetch(`${own.url}/api/v1/usage`, { headers })).status;
  };
  expect([await status(null), await status('wrong'), await status(TOKEN)]).toEqual([401, 401, 200]);
  const trail = await fetch(`${own.url}/api/v1/audit?action=signin.fail`, {
    headers: { authorization: `Bearer ${TOKEN}` },
  });
  expect((await trail.json()) as JsonObject).toMatchObject({ entries: [{ outcome: 'denied' }, { outcome: 'denied' }] });
  await own.configure({ ...CONFIG, admin: { token: 'another-token-for-tests' } });
  expect([await status(TOKEN), await status('another-token-for-tests')]).toEqual([401, 200]);
  await own.stop();
});

test('a gateway that stops ends its tails', async () => {
  const own = await startGateway(CONFIG);
  const response = await fetch(`${own.url}/api/v1/requests/tail`);
  const rest = response.text();
  await own.stop();
  expect(await rest).toContain('event: ready');
});

test('without a ledger the API says so', async () => {
  const own = await startGateway({ ...CONFIG, ledger: { database: 'off' } });
  const response = await fetch(`${own.url}/api/v1/usage`);
  expect([response.status, ((await response.json()) as JsonObject).code]).toEqual([503, 'ledger_off']);
  expect((await fetch(`${own.url}/api/v1/openapi.json`)).status).toBe(200);
  await own.stop();
});

test('several workers answer from one ledger', async () => {
  const own = await startGateway(CONFIG, { workers: 2 });
  await Promise.all(
    Array.from({ length: 20 }, async () =>
      (await own.post('/gateway/chat/invocations', MESSAGE, { keepalive: false })).text(),
    ),
  );
  for (let index = 0; index < 6; index++) {
    const response = await fetch(`${own.url}/api/v1/usage`, { headers: { connection: 'close' } });
    expect(((await response.json()) as JsonObject).total).toMatchObject({ requests: 20 });
  }
  await own.stop();
});
