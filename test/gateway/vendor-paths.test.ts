import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import type { JsonObject } from '../../src/core/types.ts';
import { type RunningGateway, startGateway } from '../support/gateway.ts';
import {
  chunk,
  jsonResponse,
  LAST_CHUNK,
  type RawUpstream,
  STREAM_HEAD,
  startRawUpstream,
} from '../support/raw-upstream.ts';
import { TEXT, VENDORS } from '../support/vendors.ts';

let gateway: RunningGateway;
let upstream: RawUpstream;
let answer: string | Buffer = '';

beforeAll(async () => {
  upstream = await startRawUpstream(({ socket }) => void socket.write(answer));
  const { openai, anthropic, gemini } = VENDORS;
  const embedding = (name: string, vendor: JsonObject) => ({ ...vendor, name, endpoint_type: 'llm/v1/embeddings' });
  gateway = await startGateway({
    endpoints: [
      openai.endpoint('gpt', upstream.base),
      anthropic.endpoint('claude', upstream.base),
      gemini.endpoint('flash', upstream.base),
      embedding('embed', openai.endpoint('', upstream.base)),
      embedding('gemini-embed', gemini.endpoint('', upstream.base)),
      { ...openai.endpoint('later', upstream.base), model: { provider: 'sap-ai-core', name: 'm', config: {} } },
    ],
    routes: ['team/a:b', 'with space'].map((name) => ({
      name,
      task_type: 'llm/v1/chat',
      destinations: [{ name: 'flash', traffic_percentage: 100 }],
    })),
  });
});

afterAll(async () => {
  await gateway.stop();
  upstream.stop();
});

const CONTENTS = { contents: [{ role: 'user', parts: [{ text: 'x' }] }] };
const MESSAGES = [{ role: 'user', content: 'x' }];

const get = async (path: string, headers: Record<string, string> = {}): Promise<JsonObject> =>
  (await (await fetch(`${gateway.url}${path}`, { headers })).json()) as JsonObject;

/** The upstream answers with a stream of these events. */
function streamed(events: readonly string[]): void {
  answer = Buffer.concat([Buffer.from(STREAM_HEAD), chunk(events.join('')), Buffer.from(LAST_CHUNK)]);
}

const last = () => upstream.requests.at(-1);

describe('models are listed', () => {
  const names = ['gpt', 'claude', 'flash', 'embed', 'gemini-embed', 'later', 'team/a:b', 'with space'];

  test.each(['/v1/models', '/gateway/openai/v1/models'])('as OpenAI has it, at %s', async (path) => {
    const { data } = await get(path);
    expect((data as JsonObject[]).map(({ id }) => id)).toEqual(names);
    expect(await get(`${path}/team%2Fa%3Ab`)).toMatchObject({ id: 'team/a:b', object: 'model' });
  });

  test.each(['/v1/models', '/anthropic/v1/models', '/gateway/anthropic/v1/models'])(
    'as Anthropic has it, at %s',
    async (path) => {
      const headers = { 'anthropic-version': '2023-06-01' };
      const { data, ...page } = await get(path, headers);
      expect((data as JsonObject[]).map(({ id }) => id)).toEqual(names);
      expect(page).toEqual({ has_more: false, first_id: 'gpt', last_id: 'with space' });
      expect(await get(`${path}/claude`, headers)).toMatchObject({
        type: 'model',
        id: 'claude',
        display_name: 'claude',
      });
    },
  );

  test.each(['/v1beta/models', '/gemini/v1beta/models', '/gateway/gemini/v1beta/models'])(
    'as Gemini has it, at %s',
    async (path) => {
      const { models } = await get(path);
      expect((models as JsonObject[]).map(({ name }) => name)).toEqual(names.map((name) => `models/${name}`));
      const methods = ['embedContent', 'batchEmbedContents'];
      expect(await get(`${path}/embed`)).toMatchObject({ name: 'models/embed', supportedGenerationMethods: methods });
      expect(await get(`${path}/team/a:b`)).toMatchObject({ name: 'models/team/a:b' });
    },
  );
});

describe('names in a path', () => {
  test.each([
    ['/v1beta/models/team%2Fa%3Ab:generateContent'],
    ['/v1beta/models/team/a:b:generateContent'],
    ['/v1/models/team%2Fa%3Ab:generateContent'],
    ['/gemini/v1beta/models/with%20space:generateContent'],
  ])('may hold what paths are made of: %s', async (path) => {
    answer = jsonResponse(VENDORS.gemini.text);
    expect((await gateway.post(path, CONTENTS)).status).toBe(200);
    expect(last()?.head).toStartWith('POST /v1/models/m:generateContent HTTP/1.1');
  });

  test.each<[string, number, unknown]>([
    [
      '/v1beta/models/nope:generateContent',
      404,
      { error: { code: 404, status: 'NOT_FOUND', message: expect.stringContaining('models/nope is not found') } },
    ],
    ['/v1/models/embed:generateContent', 404, { error: { status: 'NOT_FOUND' } }],
    ['/v1beta/models/flash:dream', 404, { error: { status: 'NOT_FOUND' } }],
    ['/v1beta/nothing', 404, { error: { status: 'NOT_FOUND' } }],
    ['/anthropic/v1/nothing', 404, { type: 'error', error: { type: 'not_found_error' } }],
    ['/gateway/openai/v1/nothing', 404, { error: { message: 'Not Found' } }],
  ])('that are not there are refused in the vendor’s shape: %s', async (path, status, body) => {
    const response = await gateway.post(path, CONTENTS);
    expect([response.status, await response.json()]).toMatchObject([status, body]);
  });

  test('are given by `model` elsewhere, and refused in the client’s shape', async () => {
    const response = await gateway.post('/v1/messages', { model: 'nope', max_tokens: 1, messages: MESSAGES });
    const error = { type: 'not_found_error', message: expect.stringContaining("'nope' does not exist") };
    expect([response.status, await response.json()]).toMatchObject([404, { type: 'error', error }]);
    const embed = await gateway.post('/v1/messages', { model: 'embed', max_tokens: 1, messages: MESSAGES });
    expect([embed.status, await embed.json()]).toMatchObject([
      400,
      { error: { message: "Endpoint 'embed' is not a chat endpoint." } },
    ]);
    const get = await fetch(`${gateway.url}/v1/messages`);
    expect([get.status, get.headers.get('allow'), await get.json()]).toMatchObject([405, 'POST', { type: 'error' }]);
  });
});

describe('a client’s own format', () => {
  test('passes byte by byte, but for the name of the model', async () => {
    const text =
      '{ "max_tokens":5.0,"model" : "claude", "x-new": [1e2, null], "system":null,"messages":[{"role":"user","content":"\\u00fc"}] }';
    const reply = '{"type":"message" , "content":[],"usage":{"input_tokens":1,"output_tokens":2.0}, "new":null}';
    answer = jsonResponse(reply);
    const response = await gateway.post('/anthropic/v1/messages?beta=true', text);
    expect(await response.text()).toBe(reply);
    expect(last()?.body).toBe(text.replace('"claude"', '"m"'));
    expect(last()?.head).toStartWith('POST /v1/messages HTTP/1.1');
  });

  test('passes where the path names the model', async () => {
    const text = '{ "contents": [{"parts":[{"text":"x"}]}],"new_field":1.0 , "labels":null}';
    answer = jsonResponse('{"candidates":[ ], "x":1.0}');
    const response = await gateway.post('/v1beta/models/flash:generateContent', text);
    expect([await response.text(), last()?.body]).toEqual(['{"candidates":[ ], "x":1.0}', text]);
  });

  test('passes as a stream byte by byte', async () => {
    streamed(VENDORS.anthropic.textEvents);
    const response = await gateway.post('/v1/messages', {
      model: 'claude',
      max_tokens: 5,
      messages: MESSAGES,
      stream: true,
    });
    expect(await response.text()).toBe(VENDORS.anthropic.textEvents.join(''));
  });
});

describe('without `alt=sse`, Gemini’s streams are one JSON list', () => {
  const texts = (list: JsonObject[]) => JSON.stringify(list.map(({ candidates }) => candidates));

  test.each([
    ['flash', VENDORS.gemini],
    ['gpt', VENDORS.openai],
    ['claude', VENDORS.anthropic],
  ])('of %s', async (name, vendor) => {
    streamed(vendor.textEvents);
    const response = await gateway.post(`/v1beta/models/${name}:streamGenerateContent`, CONTENTS);
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'application/json']);
    const list = (await response.json()) as JsonObject[];
    const text = [...texts(list).matchAll(/"text":"([^"]*)"/g)].map(([, piece]) => piece).join('');
    expect(text).toBe(TEXT);
    expect(list.at(-1)).toMatchObject({ candidates: [{ finishReason: 'STOP' }] });
    expect(last()?.head).toContain(name === 'flash' ? ':streamGenerateContent?alt=sse ' : 'POST /v1/');
  });

  test.each(['flash', 'gpt'])('of %s, cut off: the list is closed with the error', async (name) => {
    streamed((name === 'flash' ? VENDORS.gemini : VENDORS.openai).textEvents.slice(0, name === 'flash' ? 1 : 2));
    const response = await gateway.post(`/v1beta/models/${name}:streamGenerateContent`, CONTENTS);
    const list = (await response.json()) as JsonObject[];
    expect(list.at(-1)).toMatchObject({ error: { message: expect.stringContaining('before it was complete') } });
  });
});

describe('tokens are counted', () => {
  test('by the provider, in its own format', async () => {
    answer = jsonResponse('{"input_tokens":  42}');
    const response = await gateway.post('/v1/messages/count_tokens', { model: 'claude', messages: MESSAGES });
    expect(await response.text()).toBe('{"input_tokens":  42}');
    expect(last()?.head).toStartWith('POST /v1/messages/count_tokens HTTP/1.1');
    expect(JSON.parse(last()?.body ?? '')).toEqual({ model: 'm', messages: MESSAGES });
  });

  test('by the provider, for a client of another format', async () => {
    answer = jsonResponse({ totalTokens: 31 });
    const counted = await gateway.post('/v1/messages/count_tokens', { model: 'flash', messages: MESSAGES });
    expect([counted.status, await counted.json()]).toEqual([200, { input_tokens: 31 }]);
    expect(last()?.head).toStartWith('POST /v1/models/m:countTokens HTTP/1.1');
    answer = jsonResponse({ input_tokens: 32 });
    const other = await gateway.post('/v1beta/models/claude:countTokens', CONTENTS);
    expect([other.status, await other.json()]).toEqual([200, { totalTokens: 32 }]);
    expect(last()?.head).toStartWith('POST /v1/messages/count_tokens HTTP/1.1');
  });

  test('by an estimate elsewhere, which is named', async () => {
    const asked = upstream.requests.length;
    const content = 'word '.repeat(400);
    const response = await gateway.post('/v1/messages/count_tokens', {
      model: 'gpt',
      messages: [{ role: 'user', content }],
      tools: [{ name: 'f', description: 'x'.repeat(400), input_schema: { type: 'object' } }],
    });
    const { input_tokens: tokens } = (await response.json()) as { input_tokens: number };
    expect(tokens).toBeGreaterThan(590);
    expect(tokens).toBeLessThan(700);
    expect(response.headers.get('x-sluice-changed')).toBe('input_tokens;approximated');
    expect(upstream.requests.length).toBe(asked);
  });

  test('or refused as the provider refuses it', async () => {
    answer = jsonResponse(VENDORS.anthropic.error, '429 Too Many Requests');
    const response = await gateway.post('/v1beta/models/claude:countTokens', CONTENTS);
    expect([response.status, await response.json()]).toMatchObject([429, { error: { status: 'RESOURCE_EXHAUSTED' } }]);
  });
});

describe('media by URL', () => {
  const part = (type: string, url: string) => ({ type, source: { type: 'url', url } });
  const ask = (content: JsonObject) =>
    gateway.post('/v1/messages', { model: 'gpt', max_tokens: 5, messages: [{ role: 'user', content: [content] }] });

  test('are left to a provider that fetches images', async () => {
    answer = jsonResponse(VENDORS.openai.text);
    expect((await ask(part('image', 'https://pictures.example/a.png'))).status).toBe(200);
    expect(last()?.body).toContain('"image_url":{"url":"https://pictures.example/a.png"}');
  });

  test('are fetched where it takes documents only inline', async () => {
    const asked = upstream.requests.length;
    const response = await ask(part('document', 'https://127.0.0.1/a.pdf'));
    const error = {
      message: expect.stringContaining("The document at https://127.0.0.1/a.pdf in 'messages.0' cannot be"),
    };
    expect([response.status, await response.json()]).toMatchObject([400, { type: 'error', error }]);
    expect(upstream.requests.length).toBe(asked);
  });
});

describe('what a provider does not have', () => {
  test.each<[string, JsonObject, JsonObject]>([
    ['/v1/chat/completions', { model: 'later', messages: MESSAGES }, { error: { code: 'not_implemented' } }],
    ['/v1/responses', { model: 'later', input: 'x' }, { error: { code: 'not_implemented' } }],
    [
      '/v1/messages',
      { model: 'later', max_tokens: 1, messages: MESSAGES },
      { type: 'error', error: { type: 'api_error' } },
    ],
    ['/v1beta/models/later:generateContent', CONTENTS, { error: { code: 501, status: 'UNIMPLEMENTED' } }],
    ['/gateway/later/mlflow/invocations', { messages: MESSAGES }, {}],
  ])('is a 501 that says so, at %s', async (path, body, shape) => {
    const response = await gateway.post(path, body);
    const text = await response.text();
    expect([response.status, JSON.parse(text)]).toMatchObject([501, shape]);
    expect(text).toContain('The chat route is not implemented for SAP AI Core models.');
  });
});

describe('Gemini’s clients embed', () => {
  const EMBED = { content: { parts: [{ text: 'x' }] } };

  test('with a provider of OpenAI’s format, one and many', async () => {
    const item = (index: number) => ({ object: 'embedding', index, embedding: [index, 0.5] });
    const list = (...data: JsonObject[]) =>
      jsonResponse({ object: 'list', model: 'm', data, usage: { prompt_tokens: 2, total_tokens: 2 } });
    answer = list(item(0));
    const one = await gateway.post('/v1beta/models/embed:embedContent', EMBED);
    expect(await one.json()).toMatchObject({ embedding: { values: [0, 0.5] } });
    expect(JSON.parse(last()?.body ?? '')).toEqual({ model: 'm', input: 'x' });
    // Some servers answer in another order than they were asked.
    answer = list(item(1), item(0));
    const many = await gateway.post('/v1beta/models/embed:batchEmbedContents', { requests: [EMBED, EMBED] });
    expect(await many.json()).toMatchObject({ embeddings: [{ values: [0, 0.5] }, { values: [1, 0.5] }] });
    expect(JSON.parse(last()?.body ?? '')).toEqual({ model: 'm', input: ['x', 'x'] });
  });

  test('with their own provider, as they wrote it but for the names', async () => {
    answer = jsonResponse({ embeddings: [{ values: [1] }] });
    const body = { requests: [{ model: 'models/gemini-embed', ...EMBED }] };
    expect((await gateway.post('/v1beta/models/gemini-embed:batchEmbedContents', body)).status).toBe(200);
    expect(last()?.head).toStartWith('POST /v1/models/m:batchEmbedContents HTTP/1.1');
    expect(JSON.parse(last()?.body ?? '')).toEqual({ requests: [{ model: 'models/m', ...EMBED }] });
  });
});
