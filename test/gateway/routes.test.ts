import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import net from 'node:net';
import { endpoint, type RunningGateway, startGateway } from '../support/gateway.ts';

let gateway: RunningGateway;

beforeAll(async () => {
  gateway = await startGateway({
    endpoints: [
      endpoint('chat', 'chat', 'Simulated', {}, { limit: { calls: 1000, renewal_period: 'minute' } }),
      endpoint('other.chat', 'chat', 'simulated', { reply: 'other' }),
      endpoint('complete', 'completions', 'simulated', {}),
      endpoint('embed', 'embeddings', 'simulated', {}),
    ],
    routes: [
      {
        name: 'split route',
        task_type: 'llm/v1/chat',
        destinations: [
          { name: 'chat', traffic_percentage: 100 },
          { name: 'other.chat', traffic_percentage: 0 },
        ],
      },
    ],
  });
});

afterAll(() => gateway.stop());

const get = (path: string, init: RequestInit = {}) => fetch(`${gateway.url}${path}`, { redirect: 'manual', ...init });

const CHAT = {
  name: 'chat',
  endpoint_type: 'llm/v1/chat',
  model: { name: 'm', provider: 'simulated' },
  endpoint_url: '/gateway/chat/invocations',
  limit: { calls: 1000, key: null, renewal_period: 'minute' },
};

describe('listings', () => {
  test('the endpoints in the order of the file, without their configuration', async () => {
    const body = (await (await get('/api/2.0/endpoints/')).json()) as { endpoints: { name: string }[] };
    expect(body.endpoints.map(({ name }) => name)).toEqual(['chat', 'other.chat', 'complete', 'embed']);
    expect(body).toMatchObject({ endpoints: [CHAT, {}, {}, {}], next_page_token: null });
  });

  test('one endpoint, in each of the shapes', async () => {
    expect(await (await get('/api/2.0/endpoints/chat')).json()).toEqual(CHAT);
    expect(await (await get('/api/3.0/gateway/endpoint/chat')).json()).toEqual(CHAT);
    const { endpoint_type, endpoint_url, ...rest } = CHAT;
    const legacy = { ...rest, route_type: endpoint_type, route_url: endpoint_url };
    expect(await (await get('/api/2.0/gateway/routes/chat')).json()).toEqual(legacy);
    expect(await (await get('/api/2.0/gateway/routes/')).json()).toMatchObject({ routes: [legacy, {}, {}, {}] });
  });

  test('a traffic route', async () => {
    expect(await (await get('/api/3.0/gateway/route/split%20route')).json()).toEqual({
      name: 'split route',
      task_type: 'llm/v1/chat',
      destinations: [
        { name: 'chat', traffic_percentage: 100 },
        { name: 'other.chat', traffic_percentage: 0 },
      ],
      routing_strategy: 'TRAFFIC_SPLIT',
    });
    expect((await get('/api/2.0/endpoints/split%20route')).status).toBe(404);
  });

  test("OpenAI's list has endpoints and routes", async () => {
    const { data } = (await (await get('/v1/models')).json()) as { data: { id: string }[] };
    expect(data.map(({ id }) => id)).toEqual(['chat', 'other.chat', 'complete', 'embed', 'split route']);
    expect(await (await get('/v1/models/chat')).json()).toMatchObject({ id: 'chat', object: 'model' });
    expect(await (await get('/v1/models/nope')).json()).toMatchObject({ error: { code: 'model_not_found' } });
  });

  test('pages of 3000, continued by a token', async () => {
    const names = Array.from({ length: 3002 }, (_, index) => `e${index}`);
    const many = await startGateway({ endpoints: names.map((name) => endpoint(name, 'chat', 'simulated', {})) });
    const page = async (query: string) =>
      (await fetch(`${many.url}/api/2.0/endpoints/${query}`)).json() as Promise<Record<string, unknown>>;
    const first = await page('');
    expect(first.endpoints).toHaveLength(3000);
    expect(JSON.parse(atob(String(first.next_page_token)))).toEqual({ index: 3000 });
    const second = await page(`?page_token=${encodeURIComponent(String(first.next_page_token))}`);
    expect(second).toMatchObject({ endpoints: [{ name: 'e3000' }, { name: 'e3001' }], next_page_token: null });
    const bad = await fetch(`${many.url}/api/2.0/endpoints/?page_token=nonsense`);
    expect([bad.status, await bad.json()]).toMatchObject([400, { detail: expect.stringContaining('page token') }]);
    await many.stop();
  });

  test('unknown names', async () => {
    const text = "The endpoint 'x' is not present or active on the server. Please verify the endpoint name.";
    for (const path of ['/api/2.0/endpoints/x', '/api/3.0/gateway/endpoint/x']) {
      const answer = await get(path);
      expect([answer.status, await answer.json()]).toEqual([404, { detail: text }]);
    }
    expect(await (await get('/api/2.0/gateway/routes/x')).json()).toEqual({
      detail: text.replaceAll('endpoint', 'route'),
    });
  });

  test('limits can be neither read nor set here, as in MLflow', async () => {
    expect(await (await get('/api/2.0/endpoints/limits/chat')).json()).toEqual({
      detail: 'The get_limits API is not available yet.',
    });
    const set = (body: unknown) => gateway.post('/api/2.0/gateway/limits/', body);
    expect([(await set({ route: 'chat', limits: [{}] })).status, (await set({ route: 'chat' })).status]).toEqual([
      501, 422,
    ]);
  });
});

describe('pages', () => {
  test('the root leads to the documentation, which loads nothing from elsewhere', async () => {
    const root = await get('/');
    expect([root.status, root.headers.get('location')]).toEqual([307, '/docs']);
    const docs = await get('/docs');
    expect(docs.headers.get('content-type')).toContain('text/html');
    expect(docs.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(await docs.text()).not.toMatch(/(?:src|href)="https?:/);
    expect((await get('/favicon.ico')).status).toBe(200);
    expect((await get('/redoc')).status).toBe(200);
  });

  test('the OpenAPI description names every endpoint', async () => {
    const { openapi, paths } = (await (await get('/openapi.json')).json()) as { openapi: string; paths: object };
    expect(openapi).toStartWith('3.1');
    expect(Object.keys(paths)).toEqual(expect.arrayContaining(['/gateway/chat/invocations', '/v1/chat/completions']));
  });

  test('health is what MLflow answers', async () => {
    expect(await (await get('/health')).json()).toEqual({ status: 'OK' });
  });

  test('listings without the last slash lead to those with it', async () => {
    const answer = await get('/api/2.0/endpoints?page_token=x');
    expect([answer.status, answer.headers.get('location')]).toEqual([307, '/api/2.0/endpoints/?page_token=x']);
  });
});

describe('calls', () => {
  const body = { messages: [{ role: 'user', content: 'Hello' }] };

  test('reach an endpoint on every surface', async () => {
    for (const path of [
      '/gateway/chat/invocations',
      '/endpoints/chat/invocations',
      '/gateway/split%20route/invocations',
    ]) {
      const answer = await gateway.post(path, body);
      expect(await answer.json()).toMatchObject({
        choices: [{ message: { content: 'This is a simulated reply to: Hello' } }],
        provider: 'simulated',
      });
    }
    const openai = await gateway.post('/v1/chat/completions', { ...body, model: 'split route' });
    expect(await openai.json()).toMatchObject({ object: 'chat.completion', model: 'm' });
  });

  test('of completions and embeddings too', async () => {
    const text = await gateway.post('/gateway/complete/invocations', { prompt: 'Once', max_tokens: 2 });
    expect(await text.json()).toMatchObject({ object: 'text_completion', choices: [{ text: 'This is', index: 0 }] });
    const embedded = await gateway.post('/v1/embeddings', { model: 'embed', input: ['a', 'a', 'b'] });
    const { data } = (await embedded.json()) as { data: { embedding: number[] }[] };
    expect(data[0]?.embedding).toHaveLength(8);
    expect(data[0]?.embedding).toEqual(data[1]?.embedding ?? []);
    expect(data[0]?.embedding).not.toEqual(data[2]?.embedding ?? []);
  });

  test('of what is not there are 404, by the wrong method 405', async () => {
    for (const path of [
      '/gateway/nope/invocations',
      '/version',
      '/gateway/chat/invocations/',
      '/GATEWAY/chat/invocations',
      '/gateway/chat%2Finvocations',
      '/gateway/chat/invocations;x',
    ]) {
      const answer = await gateway.post(path, body);
      expect([path, answer.status, await answer.json()]).toEqual([path, 404, { detail: 'Not Found' }]);
    }
    const wrong = await get('/gateway/chat/invocations');
    expect([wrong.status, wrong.headers.get('allow'), await wrong.json()]).toEqual([
      405,
      'POST',
      { detail: 'Method Not Allowed' },
    ]);
    expect((await gateway.post('/health', {})).status).toBe(405);
  });

  test('are routed by the path alone, whatever the Host header says', async () => {
    const raw = (host: string, path: string) =>
      new Promise<string>((resolve) => {
        let received = '';
        const socket = net.connect(gateway.port, '127.0.0.1', () => {
          socket.write(`GET ${path} HTTP/1.1\r\nhost: ${host}\r\nconnection: close\r\n\r\n`);
        });
        socket.on('data', (data) => {
          received += data;
        });
        socket.on('close', () => resolve(received.slice(9, 12)));
      });
    for (const host of ['evil/health?', 'x#', 'a b', 'u@h', '[::1]', 'evil/../health']) {
      expect([host, await raw(host, '/nope')]).toEqual([host, '404']);
      expect([host, await raw(host, '/health')]).toEqual([host, '200']);
    }
    expect(await raw('x', 'http://other.example/health')).toBe('200');
    expect(await raw('x', '//health')).toBe('404');
  });
});

describe('the simulated provider', () => {
  const ask = (simulate: object, more: object = {}) =>
    gateway.post('/gateway/chat/invocations', { messages: [{ role: 'user', content: 'a b' }], simulate, ...more });

  test('calls tools with arguments that fit', async () => {
    const parameters = { type: 'object', properties: { city: { type: 'string' }, days: { type: 'integer' } } };
    const answer = await ask({}, { tools: [{ type: 'function', function: { name: 'weather', parameters } }] });
    expect(await answer.json()).toMatchObject({
      choices: [
        {
          finish_reason: 'tool_calls',
          message: { tool_calls: [{ function: { name: 'weather', arguments: '{"city":"simulated","days":1}' } }] },
        },
      ],
    });
  });

  test('fails on demand', async () => {
    expect((await ask({ status: 429 })).status).toBe(429);
    expect((await ask({ cut_after: 0 })).status).toBe(502);
    const cut = await ask({ cut_after: 2 }, { stream: true });
    expect(await cut.text()).toContain('closed the connection');
  });
});
