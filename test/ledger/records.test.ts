import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { join } from 'node:path';
import type { RequestRecord } from '../../src/core/ledger/request-record.ts';
import { endpoint, eventually, openaiEndpoint, type RunningGateway, startGateway } from '../support/gateway.ts';
import { type RelayUpstream, startRelayUpstream } from '../support/relay-upstream.ts';
import { GatewayFolder } from './gateways.ts';
import { readRecords } from './kept.ts';

const USAGE = {
  prompt_tokens: 20,
  completion_tokens: 5,
  total_tokens: 25,
  prompt_tokens_details: { cached_tokens: 8 },
};
const CHAT = {
  id: 'c',
  object: 'chat.completion',
  created: 1,
  model: 'm-2026-01-01',
  service_tier: 'flex',
  choices: [{ index: 0, message: { role: 'assistant', content: 'ok' }, finish_reason: 'length' }],
  usage: USAGE,
};
const MESSAGES = [{ role: 'user', content: 'x' }];
const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';

const folder = new GatewayFolder();
const database = join(folder.path, 'ledger.db');
const ids = new Map<string, string | null>();
let upstream: RelayUpstream;
let gateway: RunningGateway;
let records: ReadonlyMap<string, RequestRecord>;

/** Asks, and remembers under what id. */
async function ask(name: string, path: string, init: RequestInit & { json?: unknown } = {}): Promise<Response> {
  const { json, ...rest } = init;
  const response = await fetch(`${gateway.url}${path}`, {
    method: 'POST',
    ...(json !== undefined && { body: JSON.stringify(json) }),
    ...rest,
    headers: { 'content-type': 'application/json', 'user-agent': 'tester/1', ...rest.headers },
  });
  ids.set(name, response.headers.get('x-request-id'));
  return response;
}

function recordOf(name: string): RequestRecord {
  const id = ids.get(name) ?? null;
  const record = id === null ? undefined : records.get(id);
  if (record === undefined) throw new Error(`there is no record of '${name}' (${id})`);
  return record;
}

const chunk = (delta: object, finish: string | null) =>
  `data: ${JSON.stringify({ id: 'c', created: 1, model: 'm-2026-01-01', choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;

function streamed(parts: readonly string[], pause = 0): Response {
  const body = async function* () {
    for (const part of parts) {
      yield part;
      if (pause > 0) await Bun.sleep(pause);
    }
  };
  return new Response(body(), { headers: { 'content-type': 'text/event-stream' } });
}

async function askEverything(): Promise<void> {
  const chat = { model: 'chat', messages: MESSAGES };
  upstream.answer = () => Response.json(CHAT, { headers: { 'x-request-id': 'up-1' } });
  await ask('chat', '/v1/chat/completions', {
    json: { ...chat, user: 'ann', metadata: { run: '7', team: 'ignored' } },
    headers: {
      'x-sluice-tags': 'team=search,feature=summary',
      'x-mlflow-gateway-caller': 'notebook',
      'x-request-id': 'mine-1',
      traceparent: `00-${TRACE}-00f067aa0ba902b7-01`,
      tracestate: 'vendor=1',
    },
  });
  await ask('mlflow', '/gateway/chat/invocations', { json: { messages: MESSAGES } });
  await ask('routed', '/v1/chat/completions', { json: { ...chat, model: 'split' } });
  await ask('quiet', '/v1/chat/completions', {
    json: { ...chat, model: 'quiet', user: 'ann' },
    headers: { 'x-sluice-tags': 'team=search' },
  });
  upstream.answer = () =>
    Response.json({
      id: 'm',
      type: 'message',
      role: 'assistant',
      model: 'claude-x',
      content: [{ type: 'text', text: 'ok' }],
      stop_reason: 'max_tokens',
      usage: { input_tokens: 3, output_tokens: 2 },
    });
  await ask('anthropic', '/v1/messages', {
    json: { model: 'claude', max_tokens: 9, messages: MESSAGES, metadata: { user_id: 'bob' } },
  });
  await ask('translated', '/v1/chat/completions', { json: { ...chat, model: 'claude' } });
  upstream.answer = () => Response.json({ input_tokens: 11 });
  await ask('counted', '/v1/messages/count_tokens', { json: { model: 'claude', messages: MESSAGES } });

  const usage = `data: ${JSON.stringify({ id: 'c', created: 1, model: 'm-2026-01-01', choices: [], usage: USAGE })}\n\n`;
  upstream.answer = () => streamed([chunk({ content: 'a' }, null), chunk({}, 'stop'), usage, 'data: [DONE]\n\n'], 5);
  await (await ask('stream', '/v1/chat/completions', { json: { ...chat, stream: true } })).text();
  upstream.answer = () => streamed([chunk({ content: 'a' }, null), chunk({ content: 'b' }, null)]);
  await (await ask('broken stream', '/v1/chat/completions', { json: { ...chat, stream: true } })).text();
  upstream.answer = () =>
    streamed([chunk({ content: 'a' }, null), chunk({ content: 'b' }, null), chunk({ content: 'c' }, null)], 1000);
  const left = await ask('left', '/v1/chat/completions', { json: { ...chat, stream: true } });
  await left.body?.cancel();

  upstream.answer = () =>
    Response.json({ error: { message: 'no sk-canary-secret here\r\n', type: 't' } }, { status: 500 });
  await ask('failed', '/v1/chat/completions', { json: chat });
  upstream.answer = () => Response.json(CHAT);
  await ask('unknown', '/v1/chat/completions', { json: { ...chat, model: 'nobody' } });
  await ask('malformed', '/v1/chat/completions', { body: '{"model":' });
  await ask('too large', '/v1/chat/completions', { body: `{"x":"${'x'.repeat(3000)}"}` });
  await ask('limited once', '/v1/chat/completions', { json: { ...chat, model: 'limited' } });
  await ask('limited', '/v1/chat/completions', { json: { ...chat, model: 'limited' } });

  upstream.answer = () =>
    Response.json({
      created: 1,
      data: [{ b64_json: 'x' }],
      usage: { input_tokens: 4, output_tokens: 9, total_tokens: 13 },
    });
  await ask('relayed', '/v1/images/generations', { json: { model: 'chat', prompt: 'p', user: 'ann' } });
  upstream.answer = () => new Response('teapot', { status: 418 });
  await ask('raw', '/gateway/proxy/chat/anything', { json: {} });
  await ask('missing', '/no/such/path', { json: {} });
}

beforeAll(async () => {
  upstream = startRelayUpstream();
  const base = `${upstream.url}/v1`;
  gateway = await startGateway({
    ledger: { database },
    server: { max_request_body: 2048 },
    endpoints: [
      openaiEndpoint('chat', 'chat', base),
      openaiEndpoint('quiet', 'chat', base, { logging: 'off' }),
      openaiEndpoint('limited', 'chat', base, { limit: { calls: 1, renewal_period: 'hour' } }),
      endpoint('claude', 'chat', 'anthropic', { anthropic_api_key: 'sk-canary-secret', anthropic_api_base: base }),
    ],
    routes: [{ name: 'split', task_type: 'llm/v1/chat', destinations: [{ name: 'chat', traffic_percentage: 100 }] }],
  });
  await askEverything();
  await eventually('the client that left is noticed', async () => {
    const text = await (await fetch(`${gateway.url}/metrics`)).text();
    return /sluice_requests_in_flight 0/.test(text);
  });
  await gateway.stop();
  const all = await readRecords(database);
  records = new Map(all.map((record) => [record.id, record]));
}, 30_000);

afterAll(() => {
  upstream.stop();
  folder.remove();
});

describe('the record of', () => {
  test('a chat says who asked, what was served, what it used, and how long each phase took', () => {
    const record = recordOf('chat');
    expect(record).toMatchObject({
      surface: 'openai',
      operation: 'chat',
      endpoint: 'chat',
      route: null,
      provider: 'openai',
      model: 'm',
      servedModel: 'm-2026-01-01',
      status: 200,
      error: null,
      finishReason: 'length',
      stream: false,
      clientClosed: false,
      usageSource: 'provider',
      serviceTier: 'flex',
      usage: { input: 12, cacheRead: 8, output: 5 },
      trace: { traceId: TRACE, parentSpanId: '00f067aa0ba902b7', sampled: true },
      requestBytes: JSON.stringify({
        model: 'chat',
        messages: MESSAGES,
        user: 'ann',
        metadata: { run: '7', team: 'ignored' },
      }).length,
      responseBytes: JSON.stringify(CHAT).length,
    });
    expect(record.caller).toEqual({
      address: '127.0.0.1',
      userAgent: 'tester/1',
      user: 'ann',
      team: 'search',
      key: null,
      tags: { client_request_id: 'mine-1', run: '7', team: 'search', caller: 'notebook', feature: 'summary' },
    });
    const { admitted, sent, firstByte, firstToken, lastByte, own } = record.phases;
    const [attempt] = record.attempts;
    const order = [0, admitted, sent, firstByte, attempt?.endedAt, lastByte].map(Number);
    expect(order).toEqual([...order].sort((one, other) => one - other));
    expect(firstToken).toBeNull();
    expect(own).toBeGreaterThan(0);
    expect(own).toBeLessThan(lastByte);
    expect(record.attempts).toMatchObject([
      { provider: 'openai', model: 'm', cause: 'first', status: 200, error: null, upstreamRequestId: 'up-1' },
    ]);
    expect(attempt?.connect).toBeGreaterThan(0);
    expect(attempt?.server).toBe(upstream.url.slice('http://'.length));
  });

  test('a request on a connection that stood took no time to connect', () => {
    expect(recordOf('mlflow').attempts[0]?.connect).toBe(0);
    expect(recordOf('mlflow').surface).toBe('mlflow');
  });

  test('a request to a traffic route names the route and the endpoint', () => {
    expect(recordOf('routed')).toMatchObject({ endpoint: 'chat', route: 'split' });
  });

  test('an endpoint that keeps nothing of its callers has their counts alone', () => {
    const { caller, usage, endpoint: name } = recordOf('quiet');
    expect(caller).toEqual({ address: null, userAgent: null, user: null, team: null, key: null, tags: {} });
    expect({ name, input: usage?.input }).toEqual({ name: 'quiet', input: 12 });
  });

  test('other dialects says the same in the same words', () => {
    expect(recordOf('anthropic')).toMatchObject({
      surface: 'anthropic',
      finishReason: 'length',
      servedModel: 'claude-x',
      caller: { user: 'bob' },
      usage: { input: 3, output: 2 },
    });
    expect(recordOf('translated')).toMatchObject({
      surface: 'openai',
      finishReason: 'length',
      servedModel: 'claude-x',
      usage: { input: 3, output: 2 },
    });
    expect(recordOf('counted')).toMatchObject({ operation: 'count_tokens', status: 200, usage: null });
  });

  test('a stream has the time of its first token', () => {
    const record = recordOf('stream');
    expect(record).toMatchObject({ stream: true, status: 200, finishReason: 'stop', usage: { output: 5 } });
    const { firstByte, firstToken, lastByte } = record.phases;
    expect(Number(firstByte)).toBeLessThanOrEqual(Number(firstToken));
    expect(Number(firstToken)).toBeLessThan(lastByte);
    expect(record.responseBytes).toBeGreaterThan(300);
  });

  test('a stream that broke has its error', () => {
    expect(recordOf('broken stream')).toMatchObject({
      status: 200,
      error: { code: 'upstream_invalid' },
      clientClosed: false,
    });
  });

  test('a client that left says so', () => {
    const record = recordOf('left');
    expect(record).toMatchObject({ clientClosed: true, stream: true, usageSource: 'estimated' });
    expect(record.usage?.output).toBeGreaterThan(0);
    expect(record.usage?.input).toBe(Math.ceil(record.requestBytes / 4));
  });

  test('a failure of the upstream has its words, without secrets and line ends', () => {
    const record = recordOf('failed');
    expect(record.error).toEqual({ code: 'upstream_error', message: 'no *** here  ' });
    expect(record).toMatchObject({ status: 500, attempts: [{ status: 500, error: { code: 'upstream_error' } }] });
  });

  test.each([
    ['unknown', 404, 'not_found', null],
    ['malformed', 400, 'invalid_request', null],
    ['too large', 413, 'body_too_large', null],
    ['limited', 429, 'rate_limited', 'limited'],
  ] as const)('a request that is refused: %s', (name, status, code, endpointName) => {
    expect(recordOf(name)).toMatchObject({
      status,
      error: { code },
      endpoint: endpointName,
      attempts: [],
      usage: null,
    });
  });

  test('what passes as it comes', () => {
    expect(recordOf('relayed')).toMatchObject({
      surface: 'relay',
      operation: 'images',
      endpoint: 'chat',
      status: 200,
      caller: { user: 'ann' },
    });
    expect(recordOf('relayed').responseBytes).toBeGreaterThan(50);
    expect(recordOf('raw')).toMatchObject({ surface: 'relay', operation: 'raw', status: 418, responseBytes: 6 });
  });
});

test('every answer has an id, and every call a record', () => {
  expect([...ids].filter(([, id]) => id === null)).toEqual([]);
  // A path that nothing is at is no call.
  expect(records.size).toBe(ids.size - 1);
});

test('the trace goes on upstream, with the gateway’s span as the parent', () => {
  const { headers } = upstream.seen[0] ?? { headers: new Headers() };
  expect(headers.get('traceparent')).toBe(`00-${TRACE}-${recordOf('chat').trace?.spanId}-01`);
  expect(headers.get('tracestate')).toBe('vendor=1');
  expect(upstream.seen[1]?.headers.get('traceparent')).toBeNull();
});
