import { afterAll, beforeAll, expect, test } from 'bun:test';
import { openaiEndpoint, type RunningGateway, startGateway } from '../support/gateway.ts';
import { startProcess } from '../support/gateway-process.ts';
import {
  CHAT_ANSWER,
  jsonResponse,
  type RawRequest,
  type RawUpstream,
  startRawUpstream,
} from '../support/raw-upstream.ts';

let play: (request: RawRequest) => void = () => {};
let upstream: RawUpstream;
let gateway: RunningGateway;
const answer = ({ socket }: RawRequest): void => void socket.write(jsonResponse(CHAT_ANSWER));

beforeAll(async () => {
  upstream = await startRawUpstream((request) => play(request));
  gateway = await startGateway({ endpoints: [openaiEndpoint('chat', 'chat', upstream.base)] });
});

afterAll(async () => {
  await gateway.stop();
  upstream.stop();
});

const DEEP = '['.repeat(100_000) + ']'.repeat(100_000);
const messages = [{ role: 'user', content: 'x' }];

function post(path: string, body: string, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(gateway.url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body,
  });
}

test('a body nested a hundred thousand deep is answered, on every surface', async () => {
  play = answer;
  const body = `{"model":"chat","messages":[{"role":"user","content":${DEEP}}]}`;
  const mlflow = await post('/gateway/chat/invocations', body.replace('"model":"chat",', ''));
  expect(mlflow.status).toBe(422);
  expect((await mlflow.text()).length).toBeLessThan(10_000);
  expect((await post('/v1/chat/completions', body)).status).toBeLessThan(500);
});

test('an upstream error nested a hundred thousand deep is answered', async () => {
  play = ({ socket }) => void socket.write(jsonResponse(JSON.parse('{"error":{"message":"no"}}'), '500 Oops'));
  expect((await post('/v1/chat/completions', JSON.stringify({ model: 'chat', messages }))).status).toBe(500);
  play = ({ socket }) => {
    const body = `{"error":${DEEP}}`;
    const head = `HTTP/1.1 500 Oops\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n`;
    socket.write(head + body);
  };
  for (const path of ['/v1/chat/completions', '/gateway/chat/invocations']) {
    const request = path.startsWith('/v1') ? { model: 'chat', messages } : { messages };
    const refused = await post(path, JSON.stringify(request));
    expect(refused.status).toBe(500);
    expect((await refused.text()).length).toBeLessThan(10_000);
  }
});

test('of a body with a million mistakes the first hundred are told', async () => {
  const refused = await post('/gateway/chat/invocations', `{"messages":[${'1,'.repeat(1_000_000)}1]}`);
  expect(refused.status).toBe(422);
  const text = await refused.text();
  expect(JSON.parse(text).detail).toHaveLength(100);
  expect(text.length).toBeLessThan(100_000);
});

test('an encoding that only an object has by nature is refused', async () => {
  const refused = await post('/v1/chat/completions', '{}', { 'content-encoding': 'constructor' });
  expect(refused.status).toBe(415);
});

test('behind a proxy that the configuration trusts, pages of its site can call', async () => {
  play = answer;
  const endpoints = [openaiEndpoint('chat', 'chat', upstream.base)];
  const behind = await startGateway({ endpoints, server: { trusted_proxies: ['127.0.0.1'] } });
  const response = await fetch(`${behind.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: 'https://gateway.example' },
    body: JSON.stringify({ model: 'chat', messages }),
  });
  expect(response.status).toBe(200);
  await behind.stop();
});

test('a page of another site cannot make a browser call the gateway', async () => {
  play = answer;
  const body = JSON.stringify({ model: 'chat', messages });
  const origin = 'http://evil.example:5000';
  expect((await post('/v1/chat/completions', body, { origin, 'content-type': 'text/plain' })).status).toBe(403);
  // A name of the page's own that resolves to this machine makes it the same site for the browser.
  expect((await post('/v1/chat/completions', body, { origin })).status).toBe(403);
  const local = { origin: 'http://localhost:3000' };
  expect((await post('/v1/chat/completions', body, local)).status).toBe(200);
  expect((await post('/v1/chat/completions', body, { ...local, 'content-type': 'text/plain' })).status).toBe(403);
});

test('a site that gives its own name the gateway’s address is not the gateway’s site', async () => {
  play = answer;
  const gateway = await startProcess({
    config: {
      endpoints: [openaiEndpoint('chat', 'chat', upstream.base)],
      server: { allowed_hosts: ['gateway.example'] },
    },
    arguments: ['--host', '0.0.0.0'],
  });
  const status = async (path: string, headers: Record<string, string>, body?: string) => {
    const method = body === undefined ? 'GET' : 'POST';
    const response = await fetch(gateway.url + path, {
      ...{ method, headers: { 'content-type': 'application/json', ...headers } },
      ...(body !== undefined && { body }),
    });
    await response.bytes();
    return response.status;
  };
  const chat = JSON.stringify({ model: 'chat', messages });
  const call = (host: string, origin = `http://${host}`) => status('/v1/chat/completions', { host, origin }, chat);
  expect(await call('evil.example:5000')).toBe(403);
  expect(await call('EVIL.example:5000', 'http://evil.example:5000')).toBe(403);
  expect(await call('gateway.example:5000')).toBe(200);
  expect(await call('10.0.0.7:5000')).toBe(200);
  // Nobody else has a certificate for the name, and a program needs no browser's protection.
  expect(await call('public.example', 'https://public.example')).toBe(200);
  expect(await status('/v1/chat/completions', { host: 'public.example' }, chat)).toBe(200);

  const browser = { 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0' };
  expect(await status('/v1/files', { host: 'evil.example', ...browser })).toBe(403);
  expect(await status('/v1/files', { host: 'gateway.example', ...browser })).toBe(200);
  expect(await status('/v1/files', { host: 'evil.example', 'user-agent': 'OpenAI/Python 2.0' })).toBe(200);
  expect(await status('/health', { host: 'evil.example', ...browser })).toBe(200);
  await gateway.kill();
}, 30_000);
