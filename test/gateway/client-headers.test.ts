import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import net from 'node:net';
import { zstdCompressSync } from 'node:zlib';
import { type RunningGateway, startGateway } from '../support/gateway.ts';
import { jsonResponse, type RawUpstream, startRawUpstream } from '../support/raw-upstream.ts';
import { VENDORS } from '../support/vendors.ts';

let gateway: RunningGateway;
let upstream: RawUpstream;

beforeEach(async () => {
  const { openai, anthropic, gemini } = VENDORS;
  upstream = await startRawUpstream(({ head, socket }) => {
    const vendor = head.includes('/messages') ? anthropic : head.includes('Content') ? gemini : openai;
    socket.write(jsonResponse(vendor.text));
  });
  const claude = anthropic.endpoint('claude', upstream.base);
  const model = claude.model as { config: object };
  gateway = await startGateway({
    endpoints: [
      claude,
      { ...claude, name: 'beta', model: { ...model, config: { ...model.config, anthropic_beta: ['one', 'two'] } } },
      gemini.endpoint('gemini', upstream.base),
      openai.endpoint('gpt', upstream.base),
    ],
  });
});

afterEach(async () => {
  await gateway.stop();
  upstream.stop();
});

const CLAUDE = { max_tokens: 5, messages: [{ role: 'user', content: 'x' }] };
const GPT = { messages: [{ role: 'user', content: 'x' }] };
const GEMINI = { contents: [{ role: 'user', parts: [{ text: 'x' }] }] };

/** The headers with which the upstream was asked. */
async function sent(path: string, body: object, headers: Record<string, string>): Promise<Headers> {
  const response = await gateway.post(path, body, { headers: { 'content-type': 'application/json', ...headers } });
  expect([response.status, await response.text()]).toEqual([200, expect.any(String)]);
  const [, ...lines] = (upstream.requests.at(-1)?.head ?? '').split('\r\n');
  return new Headers(lines.map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()]));
}

describe('at a vendor’s own base URL', () => {
  test('only what the provider understands goes on, and the gateway’s credential', async () => {
    const headers = await sent(
      '/v1/messages',
      { model: 'claude', ...CLAUDE },
      { 'x-api-key': 'sk-client', 'anthropic-beta': 'three', 'x-custom': '1', 'user-agent': 'claude-cli/2.0' },
    );
    expect(headers.get('anthropic-beta')).toBe('three');
    expect(headers.get('x-api-key')).toBe('sk-canary');
    expect(headers.get('x-custom')).toBeNull();
    expect(headers.get('user-agent')).toBe('sluice');
  });

  test('features that are asked for are added to those of the configuration', async () => {
    const headers = await sent('/v1/messages', { model: 'beta', ...CLAUDE }, { 'anthropic-beta': 'two, three' });
    expect(headers.get('anthropic-beta')).toBe('one,two,three');
  });

  test('an OpenAI client’s headers stay here', async () => {
    const headers = await sent(
      '/v1/chat/completions',
      { model: 'gpt', ...GPT },
      { 'openai-beta': 'x', 'x-custom': '1' },
    );
    expect([headers.get('openai-beta'), headers.get('x-custom')]).toEqual([null, null]);
    expect(headers.get('authorization')).toBe('Bearer sk-canary');
  });
});

describe('at the pass-through routes of MLflow', () => {
  const PASSING = { 'x-custom': '1', 'openai-beta': 'x', 'user-agent': 'my-app/1', traceparent: '00-a-b-01' };
  const STAYING = {
    cookie: 'session=1',
    'x-forwarded-for': '10.0.0.1',
    'x-real-ip': '10.0.0.1',
    forwarded: 'for=10.0.0.1',
    via: '1.1 proxy',
    'x-mlflow-authorization': 'Basic eA==',
    'x-sluice-strict': 'false',
    'proxy-authorization': 'Basic eA==',
    'x-goog-api-key': 'client-key',
  };

  test('everything goes on but what concerns the gateway, and credentials', async () => {
    const headers = await sent(
      '/gateway/openai/v1/chat/completions',
      { model: 'gpt', ...GPT },
      { ...PASSING, ...STAYING, authorization: 'Bearer sk-client', 'accept-encoding': 'br' },
    );
    for (const [name, value] of Object.entries(PASSING)) expect([name, headers.get(name)]).toEqual([name, value]);
    for (const name of Object.keys(STAYING)) expect([name, headers.get(name)]).toEqual([name, null]);
    expect(headers.get('authorization')).toBe('Bearer sk-canary');
    expect(headers.get('accept-encoding')).toBe('identity');
    expect(headers.get('host')).toBe(new URL(upstream.base).host);
  });

  test.each([
    [
      '/gateway/anthropic/v1/messages',
      { model: 'claude', ...CLAUDE },
      'claude-cli/2.1 (external, cli)',
      'authorization',
      'x-api-key',
    ],
    ['/gateway/openai/v1/chat/completions', { model: 'gpt', ...GPT }, 'codex_cli_rs/0.50', 'authorization', 'api-key'],
    [
      '/gateway/gemini/v1beta/models/gemini:generateContent',
      GEMINI,
      'GeminiCLI/0.9',
      'authorization',
      'x-goog-api-key',
    ],
  ])(
    '%s takes a coding agent’s own credential in place of the configured one',
    async (path, body, agent, own, configured) => {
      const headers = await sent(path, body, { 'user-agent': agent, [own]: 'Bearer own-subscription' });
      expect(headers.get(own)).toBe('Bearer own-subscription');
      expect(headers.get(configured)).toBeNull();
      expect(upstream.requests.at(-1)?.head).not.toContain('sk-canary');
    },
  );

  test('an agent without a credential, and anybody else with one, get the configured one', async () => {
    const path = '/gateway/anthropic/v1/messages';
    const agent = await sent(path, { model: 'claude', ...CLAUDE }, { 'user-agent': 'claude-cli/2.1' });
    expect(agent.get('x-api-key')).toBe('sk-canary');
    const other = await sent(path, { model: 'claude', ...CLAUDE }, { 'x-api-key': 'own', 'user-agent': 'curl/8' });
    expect(other.get('x-api-key')).toBe('sk-canary');
  });

  test('an agent’s own credential does not go to another vendor', async () => {
    const headers = await sent(
      '/gateway/anthropic/v1/messages',
      { model: 'gpt', ...CLAUDE },
      { 'user-agent': 'claude-cli/2.1', authorization: 'Bearer own-subscription' },
    );
    expect(headers.get('authorization')).toBe('Bearer sk-canary');
    expect(headers.get('user-agent')).toBe('sluice');
  });

  test('an agent’s own credential is not shown when an error quotes it', async () => {
    upstream.stop();
    const quoting = await startRawUpstream(({ socket }) => {
      const error = { type: 'error', error: { type: 'authentication_error', message: 'bad key own-subscription' } };
      socket.write(jsonResponse(error, '401 Unauthorized'));
    });
    await gateway.configure({ endpoints: [VENDORS.anthropic.endpoint('claude', quoting.base)] });
    const response = await gateway.post(
      '/gateway/anthropic/v1/messages',
      { model: 'claude', ...CLAUDE },
      {
        headers: {
          'content-type': 'application/json',
          'user-agent': 'claude-cli/2.1',
          authorization: 'Bearer own-subscription',
        },
      },
    );
    expect([response.status, await response.text()]).toEqual([401, expect.stringContaining('bad key ***')]);
    quoting.stop();
  });

  test('what a client says to belong to its connection stays here', async () => {
    const body = JSON.stringify({ model: 'gpt', ...GPT });
    const socket = net.connect(gateway.port, '127.0.0.1');
    const head = `POST /gateway/openai/v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n`;
    const fields = `connection: close, X-Hop\r\nx-hop: 1\r\nx-end: 1\r\ncontent-length: ${body.length}\r\n\r\n`;
    socket.write(`${head}${fields}${body}`);
    await new Promise((resolve) => socket.resume().once('close', resolve));
    expect(upstream.requests.at(-1)?.head).toContain('x-end: 1');
    expect(upstream.requests.at(-1)?.head).not.toContain('x-hop');
  });

  test('a compressed body goes on without its encoding', async () => {
    const response = await fetch(`${gateway.url}/gateway/openai/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'content-encoding': 'zstd' },
      body: zstdCompressSync(JSON.stringify({ model: 'gpt', ...GPT })),
    });
    expect(response.status).toBe(200);
    expect(upstream.requests.at(-1)?.head).not.toMatch(/content-encoding/i);
    expect(JSON.parse(upstream.requests.at(-1)?.body ?? '')).toMatchObject(GPT);
  });
});
