import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { endpoint, openaiEndpoint, type RunningGateway, startGateway } from '../support/gateway.ts';
import {
  CHAT_ANSWER,
  jsonResponse,
  type RawRequest,
  type RawUpstream,
  startRawUpstream,
} from '../support/raw-upstream.ts';

let play: (request: RawRequest) => void | Promise<void> = ({ socket }) => void socket.write(jsonResponse(CHAT_ANSWER));
let upstream: RawUpstream;
let gateway: RunningGateway;

beforeAll(async () => {
  upstream = await startRawUpstream((request) => play(request));
  gateway = await startGateway({
    endpoints: [
      openaiEndpoint('chat', 'chat', upstream.base),
      openaiEndpoint('completions', 'completions', upstream.base),
      openaiEndpoint('embeddings', 'embeddings', upstream.base),
      openaiEndpoint('dead', 'chat', 'http://127.0.0.1:1/v1'),
      endpoint('groq', 'completions', 'groq', { api_key: 'k', api_base: upstream.base }),
      endpoint('served', 'chat', 'mlflow-model-serving', { model_server_url: upstream.base }),
    ],
    upstream: { total_timeout: '400ms' },
  });
});

afterAll(async () => {
  await gateway.stop();
  upstream.stop();
});

const messages = [{ role: 'user', content: 'x' }];

async function invoke(name: string, body: unknown, init?: RequestInit): Promise<[number, unknown]> {
  const answer = await gateway.post(`/gateway/${name}/invocations`, body, init);
  return [answer.status, await answer.json()];
}

describe('a request that MLflow refuses gets the same field errors', () => {
  test.each([
    ['chat', {}, 'missing', ['body', 'messages']],
    ['chat', { messages: [] }, 'too_short', ['body', 'messages']],
    ['chat', { messages: 'x' }, 'list_type', ['body', 'messages']],
    ['chat', { messages: [{ content: 'x' }] }, 'missing', ['body', 'messages', 0, 'role']],
    ['chat', { messages: [{ role: 1, content: 'x' }] }, 'string_type', ['body', 'messages', 0, 'role']],
    ['chat', { messages, temperature: 3 }, 'less_than_equal', ['body', 'temperature']],
    ['chat', { messages, temperature: 'hot' }, 'float_parsing', ['body', 'temperature']],
    ['chat', { messages, n: 0 }, 'greater_than_equal', ['body', 'n']],
    ['chat', { messages, max_tokens: 1.5 }, 'int_from_float', ['body', 'max_tokens']],
    ['chat', { messages, stop: [] }, 'too_short', ['body', 'stop']],
    ['chat', { messages, stop: [1] }, 'string_type', ['body', 'stop', 0]],
    ['chat', { messages, tools: [{ type: 'function' }] }, 'missing', ['body', 'tools', 0, 'function']],
    ['chat', { messages, response_format: { type: 'xml' } }, 'literal_error', ['body', 'response_format', 'type']],
    ['completions', { prompt: ['a'] }, 'string_type', ['body', 'prompt']],
    ['embeddings', {}, 'missing', ['body', 'input']],
    ['chat', { messages, stream: 'perhaps' }, 'bool_parsing', ['body', 'stream']],
    ['chat', '', 'missing', ['body']],
    ['chat', [], 'model_attributes_type', ['body']],
  ])('%s %j: %s', async (name, body, type, loc) => {
    const [status, answer] = await invoke(name, body);
    expect(status).toBe(422);
    expect(answer).toMatchObject({ detail: [{ type, loc, msg: expect.any(String) }] });
  });

  test('an unknown content part', async () => {
    const [status, answer] = await invoke('chat', { messages: [{ role: 'user', content: [{ type: 'bogus' }] }] });
    expect([status, answer]).toMatchObject([
      422,
      { detail: [{ type: 'string_type' }, { type: 'union_tag_invalid', ctx: { tag: 'bogus' } }] },
    ]);
  });

  test('malformed JSON, with its position', async () => {
    const [status, answer] = await invoke('chat', '{"messages": [}');
    expect([status, answer]).toMatchObject([
      422,
      {
        detail: [
          { type: 'json_invalid', loc: ['body', 14], msg: 'JSON decode error', ctx: { error: 'Expecting value' } },
        ],
      },
    ]);
  });

  test('another content type', async () => {
    const [status, answer] = await invoke('chat', JSON.stringify({ messages }), {
      headers: { 'content-type': 'text/plain' },
    });
    expect([status, answer]).toMatchObject([422, { detail: [{ type: 'model_attributes_type', loc: ['body'] }] }]);
  });

  test('a model beside the endpoint', async () => {
    const [status, answer] = await invoke('chat', { messages, model: 'other' });
    expect([status, answer]).toEqual([
      422,
      {
        detail:
          "The parameter 'model' is not permitted to be passed. The route being queried already defines a model instance.",
      },
    ]);
  });

  test('what the served model or the provider cannot do', async () => {
    expect(await invoke('served', { messages: [...messages, ...messages] })).toEqual([
      422,
      {
        detail:
          'MLflow chat models are only capable of processing a single query at a time. The request submitted consists of 2 queries.',
      },
    ]);
    expect(await invoke('groq', { prompt: 'x' })).toEqual([
      501,
      { detail: 'The completions route is not implemented for Groq models.' },
    ]);
    expect(await invoke('served', { messages, stream: true })).toEqual([
      501,
      { detail: 'The chat streaming route is not implemented for MLflow Model Serving models.' },
    ]);
  });
});

describe('what MLflow refuses needlessly is accepted', () => {
  test.each([
    ['stop as a string', { stop: 'END' }, { stop: ['END'] }],
    ['numbers as strings', { temperature: '0.5' }, { temperature: 0.5 }],
    ['a boolean as a word', { stream: 'no' }, { stream: false }],
    ['a developer message', { messages: [{ role: 'developer', content: 'x' }] }, {}],
    ['tools without properties', { tools: [{ type: 'function', function: { name: 'f', parameters: {} } }] }, {}],
  ])('%s', async (_name, more, sent) => {
    play = ({ socket }) => void socket.write(jsonResponse(CHAT_ANSWER));
    const [status] = await invoke('chat', { messages, ...more });
    expect(status).toBe(200);
    expect(JSON.parse(upstream.requests.at(-1)?.body ?? '')).toEqual({ messages, ...more, ...sent, model: 'm', n: 1 });
  });
});

describe('what an upstream answers in error', () => {
  test.each([
    ['an error with a message', jsonResponse({ error: { message: 'no' } }, '400 Bad Request'), 400, 'no'],
    ['an error without a message', jsonResponse({ error: { code: 1 } }, '404 Not Found'), 404, 'Not Found'],
    ['JSON without an error', jsonResponse({ reason: 'x' }, '409 Conflict'), 409, { reason: 'x' }],
    ['a text', jsonResponse('down', '503 Service Unavailable', 'text/plain'), 503, { message: 'down' }],
    ['an error that is a string', jsonResponse({ error: 'broken' }, '500 Oops'), 500, 'broken'],
    ['an error that is null', jsonResponse({ error: null }, '500 Oops'), 500, 'Internal Server Error'],
    [
      'a redirect',
      jsonResponse('', '302 Found', 'text/html', 'location: http://169.254.169.254/\r\n'),
      502,
      /status 302/,
    ],
    ['malformed JSON', jsonResponse('{', '200 OK'), 502, /not valid JSON/],
    ['malformed JSON in an error', jsonResponse('{', '500 Oops'), 500, /malformed JSON/],
    ['missing fields', jsonResponse({ id: 'x' }, '200 OK'), 502, /'choices'/],
    [
      'another content type',
      jsonResponse('<html>', '200 OK', 'text/html'),
      502,
      'The returned data type from the route service is not supported. Received content type: text/html',
    ],
  ])('%s', async (_name, bytes, status, detail) => {
    play = ({ socket }) => void socket.write(bytes);
    const [got, answer] = await invoke('chat', { messages });
    expect(got).toBe(status);
    const shown = (answer as { detail: unknown }).detail;
    if (detail instanceof RegExp) expect(String(shown)).toMatch(detail);
    else expect(shown).toEqual(detail);
    const openai = await gateway.post('/v1/chat/completions', { model: 'chat', messages });
    // OpenAI's client leaves the shape of a 200 to its reader.
    if (_name !== 'missing fields') {
      expect(openai.status).toBe(status);
      expect(await openai.json()).toHaveProperty('error');
    }
  });

  test('an upstream that cannot be reached is a 502, one that is silent a 504', async () => {
    const [status, answer] = await invoke('dead', { messages });
    expect([status, String((answer as { detail: unknown }).detail)]).toEqual([
      502,
      expect.stringContaining('127.0.0.1:1'),
    ]);
    play = () => {};
    expect((await invoke('chat', { messages }))[0]).toBe(504);
  });

  test('never shows the key, even when the upstream quotes it', async () => {
    play = ({ socket }) =>
      void socket.write(jsonResponse({ error: { message: 'bad key sk-canary-secret' } }, '401 Unauthorized'));
    expect(await invoke('chat', { messages })).toEqual([401, { detail: 'bad key ***' }]);
    const openai = await gateway.post('/v1/chat/completions', { model: 'chat', messages });
    expect(await openai.text()).not.toContain('canary');
  });
});

describe("on OpenAI's surface", () => {
  test.each([
    ['a missing model', { messages }, 400, 'model'],
    ['an unknown model', { model: 'nope', messages }, 404, 'model'],
    ['a model that is no name', { model: { a: 1 }, messages }, 404, 'model'],
    ['an endpoint of another type', { model: 'embeddings', messages }, 400, 'model'],
    ['no messages', { model: 'chat' }, 400, 'messages'],
    ['an empty list of messages', { model: 'chat', messages: [] }, 400, 'messages'],
    ['a body that is no object', 5, 400, null],
    ['malformed JSON', '{', 400, null],
  ])('%s', async (_name, body, status, param) => {
    const answer = await gateway.post('/v1/chat/completions', body);
    expect(answer.status).toBe(status);
    expect(await answer.json()).toMatchObject({
      error: { message: expect.any(String), type: 'invalid_request_error', param },
    });
  });

  test('the wrong type has the text of MLflow', async () => {
    const answer = await gateway.post('/v1/chat/completions', { model: 'embeddings', messages });
    expect(await answer.json()).toMatchObject({ error: { message: "Endpoint 'embeddings' is not a chat endpoint." } });
  });
});
