import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'bun:test';
import net from 'node:net';
import OpenAI from 'openai';
import { endpoint, openaiEndpoint, type RunningGateway, startGateway } from '../support/gateway.ts';
import { type RelayUpstream, startRelayUpstream } from '../support/relay-upstream.ts';

const KEY = 'sk-canary-secret';

let upstream: RelayUpstream;
let gateway: RunningGateway;

beforeAll(async () => {
  upstream = startRelayUpstream();
  gateway = await startGateway(config());
});

afterAll(async () => {
  await gateway.stop();
  upstream.stop();
});

beforeEach(() => {
  upstream.seen.length = 0;
  upstream.answer = () => Response.json({});
});

const config = () => ({
  endpoints: [
    openaiEndpoint('e.1', 'chat', `${upstream.url}/base/v1`),
    endpoint('cohere', 'chat', 'cohere', { cohere_api_key: KEY, cohere_api_base: upstream.url }),
    endpoint('mistral', 'chat', 'mistral', { mistral_api_key: KEY, mistral_api_base: `${upstream.url}/v1` }),
    endpoint('groq', 'chat', 'groq', { api_key: KEY, api_base: `${upstream.url}/openai/v1/` }),
    endpoint('toy', 'chat', 'simulated', {}),
    endpoint('claude', 'chat', 'anthropic', {
      anthropic_api_key: KEY,
      anthropic_api_base: `${upstream.url}/v1`,
      anthropic_beta: 'one',
    }),
    endpoint('organized', 'chat', 'openai', {
      openai_api_key: KEY,
      openai_api_base: `${upstream.url}/v1`,
      openai_organization: 'org-1',
    }),
    openaiEndpoint('limited', 'chat', `${upstream.url}/v1`, { limit: { calls: 1, renewal_period: 'hour' } }),
  ],
});

const proxy = (path: string, init: RequestInit = {}) => fetch(`${gateway.url}/gateway/proxy/${path}`, init);

/** What the gateway answers to exactly these bytes, up to its first line. */
function statusOf(target: string, host = `127.0.0.1:${gateway.port}`, method = 'GET'): Promise<string> {
  return new Promise((resolve) => {
    const socket = net.connect(gateway.port, '127.0.0.1', () =>
      socket.write(`${method} ${target} HTTP/1.1\r\nhost: ${host}\r\nconnection: close\r\n\r\n`),
    );
    let text = '';
    socket.on('data', (bytes) => {
      text += bytes.toString('latin1');
    });
    socket.on('close', () => resolve(text.slice(9, 12)));
  });
}

describe('a raw request', () => {
  test('goes on with its method, path, query and body, below the base without its version', async () => {
    const body = '{"model":"e.1", "x": 1.0}';
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) {
      const response = await proxy('e.1/v1/any/thing:do%20it?a=1&b=%2F&a=2&', { method, body });
      expect(response.status).toBe(200);
      const seen = upstream.last();
      expect([seen.method, seen.url, String(seen.body)]).toEqual([
        method,
        '/base/v1/any/thing:do%20it?a=1&b=%2F&a=2&',
        body,
      ]);
    }
    await proxy('e.1/v1/models');
    expect([upstream.last().method, upstream.last().url]).toEqual(['GET', '/base/v1/models']);
    await proxy('cohere/v1/tokenize', { method: 'POST', body: '{}' });
    await proxy('mistral/v1/ocr', { method: 'POST', body: '{}' });
    await proxy('groq/v1/x');
    expect(upstream.seen.slice(-3).map(({ url }) => url)).toEqual(['/v1/tokenize', '/v1/ocr', '/openai/v1/x']);
    for (const { headers } of upstream.seen) expect(headers.get('authorization')).toBe(`Bearer ${KEY}`);
  });

  test('carries the client’s headers, but no credential and nothing that is the gateway’s', async () => {
    const kept = {
      'anthropic-version': '2023-06-01',
      'content-type': 'application/x-thing',
      'user-agent': 'agent/1',
      'x-custom': 'a, b',
      accept: 'text/x',
    };
    const dropped = {
      authorization: 'Bearer client',
      'x-api-key': 'client',
      'x-goog-api-key': 'client',
      'api-key': 'client',
      cookie: 'session=client',
      'proxy-authorization': 'Basic client',
      'x-forwarded-for': '10.0.0.1',
      'x-real-ip': '10.0.0.1',
      forwarded: 'for=10.0.0.1',
      via: '1.1 proxy',
      te: 'trailers',
      'x-sluice-endpoint': 'other',
      'x-mlflow-authorization': 'client',
    };
    await proxy('e.1/v1/x?key=client&q=1&api_key=client&%6bey=client', {
      method: 'POST',
      body: 'x',
      headers: { ...kept, ...dropped, connection: 'x-hop', 'x-hop': '1' },
    });
    const { headers, url } = upstream.last();
    expect(url).toBe('/base/v1/x?q=1');
    for (const [name, value] of Object.entries(kept)) expect([name, headers.get(name)]).toEqual([name, value]);
    for (const name of Object.keys(dropped)) {
      expect([name, headers.get(name)]).toEqual([name, name === 'authorization' ? `Bearer ${KEY}` : null]);
    }
    expect(JSON.stringify([...headers])).not.toContain('client');
    expect(headers.get('x-hop')).toBeNull();
    expect(headers.get('accept-encoding')).toBe('identity');
    expect(headers.get('host')).toBe(new URL(upstream.url).host);
  });

  test('keeps its bytes and their encoding', async () => {
    const body = Bun.zstdCompressSync(Buffer.from('{"model":"x"}'));
    await proxy('e.1/v1/x', { method: 'POST', body, headers: { 'content-encoding': 'zstd' } });
    expect(upstream.last().body.equals(body)).toBe(true);
    expect(upstream.last().headers.get('content-encoding')).toBe('zstd');
  });

  test('does not leave the provider’s API', async () => {
    const paths = [
      '../x',
      'v1/../../x',
      '%2e%2e/x',
      '.%2e/x',
      'v1/%2e%2e%2fx',
      'v1%2f..%2f..%2fx',
      '/evil.example/x',
      'v1//x',
      'v1/./x',
      'v1\\..\\x',
      'v1/%5c..',
      '..;/x',
      '%00',
      'v1/%0d%0ax',
      '%252e%252e/x',
    ];
    for (const path of paths) {
      expect([path, await statusOf(`/gateway/proxy/e.1/${path}`)]).toEqual([path, '400']);
    }
    expect(upstream.seen.length).toBe(0);
    expect(await statusOf('/gateway/proxy/e%2e1/v1/x')).toBe('200');
    expect(await statusOf('/gateway/proxy/e.1')).toBe('404');
    expect(await statusOf('/gateway/proxy//v1/x')).toBe('404');
    expect(await statusOf('/gateway/proxy/%/v1/x')).toBe('404');
    expect(await statusOf('/gateway/proxy/nobody/v1/x')).toBe('404');
    expect(await statusOf('/gateway/proxy/toy/v1/x')).toBe('501');
    expect(await statusOf('/gateway/proxy/e.1/v1/x?a=\\')).toBe('400');
  });

  test('reads nothing for a page whose site’s name was made to resolve to this machine', async () => {
    for (const host of ['evil.example', `evil.example:${gateway.port}`, '10.0.0.1', 'localhost.evil.example', '@x']) {
      for (const path of ['/gateway/proxy/e.1/v1/files', '/v1/files/f-1/content?endpoint=e.1', '/v1/responses/r-1']) {
        expect([host, path, await statusOf(path, host)]).toEqual([host, path, '403']);
      }
    }
    expect(upstream.seen.length).toBe(0);
    for (const host of ['localhost', 'gateway.localhost:1', '127.0.0.2', '[::1]:80']) {
      expect([host, await statusOf('/gateway/proxy/e.1/v1/x', host)]).toEqual([host, '200']);
    }
    await gateway.configure({
      server: { trusted_proxies: ['127.0.0.1'] },
      endpoints: [openaiEndpoint('e.1', 'chat', `${upstream.url}/base/v1`)],
    });
    expect(await statusOf('/gateway/proxy/e.1/v1/x', 'gateway.example')).toBe('200');
    await gateway.configure(config());
    // A browser tells where such a call comes from, and other clients are not asked.
    expect(await statusOf('/gateway/proxy/e.1/v1/x', 'evil.example', 'DELETE')).toBe('200');
  });

  test('carries a coding agent’s own credential in place of the configured one, and does not show it', async () => {
    const agent = { 'user-agent': 'claude-cli/2.1 (external, cli)' };
    upstream.answer = () => new Response('bad key sk-ant-own', { status: 401 });
    const response = await proxy('claude/v1/messages', {
      method: 'POST',
      body: '{}',
      headers: {
        ...agent,
        authorization: 'Bearer sk-ant-own',
        'anthropic-beta': 'two,three',
        'anthropic-version': 'x',
      },
    });
    const { headers } = upstream.last();
    expect([headers.get('authorization'), headers.get('x-api-key')]).toEqual(['Bearer sk-ant-own', null]);
    expect([headers.get('anthropic-beta'), headers.get('anthropic-version')]).toEqual(['one,two,three', '2023-06-01']);
    expect([response.status, await response.text()]).toEqual([401, 'bad key ***']);
    await proxy('claude/v1/messages', { method: 'POST', body: '{}', headers: agent });
    expect(upstream.last().headers.get('x-api-key')).toBe(KEY);
  });

  test('counts as a call', async () => {
    const first = await proxy('limited/v1/x');
    expect([first.status, first.headers.get('ratelimit')]).toEqual([200, '"endpoint";r=0;t=3600']);
    const second = await proxy('limited/v1/x');
    expect([second.status, await second.json()]).toMatchObject([429, { error: { code: 'rate_limited' } }]);
    const answer = await gateway.post('/v1/moderations', { model: 'limited', input: 'x' });
    expect(answer.status).toBe(429);
  });
});

describe('a raw answer', () => {
  test('keeps its status, headers and bytes, errors included', async () => {
    const answers = [
      [201, '{"a": 1}', 'application/json'],
      [202, 'plain', 'text/plain'],
      [302, '', null],
      [404, '{"type":"error","error":{"type":"not_found_error","message":"no"}}', 'application/json'],
      [500, '<html>oops</html>', 'text/html'],
      [529, '{"type":"overloaded"}', 'application/json'],
    ] as const;
    for (const [status, text, type] of answers) {
      const headers: Record<string, string> = { 'x-answer': 'yes', 'set-cookie': 'a=b', location: '/elsewhere' };
      if (type !== null) headers['content-type'] = type;
      upstream.answer = () => new Response(text, { status, headers });
      const response = await proxy('e.1/v1/x', { redirect: 'manual' });
      expect([response.status, await response.text()]).toEqual([status, text]);
      expect([response.headers.get('x-answer'), response.headers.get('location')]).toEqual(['yes', '/elsewhere']);
      if (type !== null) expect(response.headers.get('content-type')).toStartWith(type);
      expect([response.headers.get('set-cookie'), response.headers.get('keep-alive')]).toEqual([null, null]);
    }
  });

  test('that quotes the credential in an error does not give it away', async () => {
    upstream.answer = () => new Response(`bad key ${KEY}, sorry`, { status: 401 });
    expect(await (await proxy('e.1/v1/x')).text()).toBe('bad key ***, sorry');
  });

  test('may have no body', async () => {
    upstream.answer = ({ method }) =>
      method === 'HEAD'
        ? new Response('12345', { headers: { 'x-head': 'yes' } })
        : new Response(null, { status: 204, headers: { 'x-head': 'no' } });
    const head = await proxy('e.1/v1/x', { method: 'HEAD' });
    expect([head.status, head.headers.get('x-head'), head.headers.get('content-length')]).toEqual([200, 'yes', '5']);
    const empty = await proxy('e.1/v1/x', { method: 'DELETE' });
    expect([empty.status, empty.headers.get('x-head'), await empty.text()]).toEqual([204, 'no', '']);
  });

  test('that was compressed all the same is undone', async () => {
    upstream.answer = () =>
      new Response(Bun.gzipSync(Buffer.from('hello')), { headers: { 'content-encoding': 'gzip' } });
    const response = await proxy('e.1/v1/x');
    expect([response.headers.get('content-encoding'), await response.text()]).toEqual([null, 'hello']);
  });

  test('may be a stream of the OpenAI client, whose tokens are counted', async () => {
    const chunk = (delta: object, more: object = {}) =>
      `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [{ index: 0, delta }], ...more })}\n\n`;
    const usage = { prompt_tokens: 3, completion_tokens: 4, total_tokens: 7 };
    upstream.answer = () =>
      new Response(`${chunk({ content: 'he' })}${chunk({ content: 'y' }, { usage })}data: [DONE]\n\n`, {
        headers: { 'content-type': 'text/event-stream' },
      });
    const client = new OpenAI({ baseURL: `${gateway.url}/gateway/proxy/e.1/v1`, apiKey: 'client', maxRetries: 0 });
    const stream = await client.chat.completions.create({ model: 'gpt', messages: [], stream: true });
    let text = '';
    for await (const { choices } of stream) text += choices[0]?.delta.content ?? '';
    expect(text).toBe('hey');
    expect(JSON.parse(String(upstream.last().body))).toMatchObject({ model: 'gpt' });
    const metrics = await (await fetch(`${gateway.url}/metrics`)).text();
    expect(metrics).toContain('sluice_tokens_total{endpoint="e.1",provider="openai",model="m",type="output"} 4');
  });
});

describe('a conversation that is compacted', () => {
  const body = JSON.stringify({ model: 'organized', input: 'x' });
  const compact = (path: string, headers: Record<string, string>) =>
    gateway.post(path, body, { headers: { 'content-type': 'application/json', ...headers } });

  test('at MLflow’s path goes with the headers of the other routes there', async () => {
    const custom = { 'x-custom': '1', traceparent: '00-a-b-01', cookie: 'a=b', 'x-mlflow-authorization': 'Basic x' };
    await compact('/gateway/openai/v1/responses/compact', { ...custom, authorization: 'Bearer client' });
    const { headers, url, body: sent } = upstream.last();
    expect([url, JSON.parse(String(sent))]).toEqual(['/v1/responses/compact', { model: 'm', input: 'x' }]);
    expect([headers.get('x-custom'), headers.get('traceparent')]).toEqual(['1', '00-a-b-01']);
    expect([headers.get('cookie'), headers.get('x-mlflow-authorization')]).toEqual([null, null]);
    expect([headers.get('authorization'), headers.get('openai-organization')]).toEqual([`Bearer ${KEY}`, 'org-1']);
    expect(headers.get('content-type')).toBe('application/json');
    await compact('/v1/responses/compact', custom);
    expect(upstream.last().headers.get('x-custom')).toBeNull();
  });

  test('goes with a coding agent’s own credential, which no error shows', async () => {
    const error = { message: 'bad key own-subscription', type: 'invalid_request_error', param: null, code: null };
    upstream.answer = () => Response.json({ error }, { status: 401 });
    const agent = { 'user-agent': 'codex_cli_rs/0.50', authorization: 'Bearer own-subscription' };
    const response = await compact('/gateway/openai/v1/responses/compact', {
      ...agent,
      'content-type': 'application/json; charset=utf-8',
    });
    expect([response.status, await response.text()]).toEqual([401, expect.stringContaining('bad key ***')]);
    const { headers } = upstream.last();
    expect([headers.get('authorization'), headers.get('openai-organization')]).toEqual([
      'Bearer own-subscription',
      null,
    ]);
    await compact('/v1/responses/compact', agent);
    expect(upstream.last().headers.get('authorization')).toBe(`Bearer ${KEY}`);
  });

  test('and compressed goes on as JSON', async () => {
    const zipped = Bun.zstdCompressSync(Buffer.from(body));
    const headers = { 'content-type': 'application/json', 'content-encoding': 'zstd' };
    const url = `${gateway.url}/gateway/openai/v1/responses/compact`;
    expect((await fetch(url, { method: 'POST', body: zipped, headers })).status).toBe(200);
    expect(upstream.last().headers.get('content-encoding')).toBeNull();
    expect(JSON.parse(String(upstream.last().body))).toEqual({ model: 'm', input: 'x' });
  });
});
