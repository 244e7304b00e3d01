import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import type { JsonObject } from '../../src/core/types.ts';
import { endpoint, type RunningGateway, startGateway } from '../support/gateway.ts';
import { type RelayUpstream, type SeenRequest, startRelayUpstream } from '../support/relay-upstream.ts';

const KEY = 'sk-canary-secret';
const RESPONSES = '/v1/responses';
const CHAT = '/v1/chat/completions';

const USAGE = { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 };
const CHAT_ANSWER = {
  id: 'c-1',
  object: 'chat.completion',
  created: 1,
  model: 'm',
  choices: [{ index: 0, message: { role: 'assistant', content: 'through the chat' }, finish_reason: 'stop' }],
  usage: USAGE,
};
const NATIVE_ANSWER = { id: 'resp_1', object: 'response', status: 'completed', model: 'm', output: [] };

let upstream: RelayUpstream;
let gateway: RunningGateway;

beforeEach(async () => {
  upstream = startRelayUpstream();
  const config = { openai_api_key: KEY, openai_api_base: `${upstream.url}/v1` };
  gateway = await startGateway({
    endpoints: [
      endpoint('unknown', 'chat', 'openai', config),
      endpoint('with', 'chat', 'openai', { ...config, openai_responses_api: true }),
      endpoint('without', 'chat', 'openai', { ...config, openai_responses_api: false }),
      endpoint('xai', 'chat', 'xai', { api_key: KEY, api_base: `${upstream.url}/v1` }),
    ],
  });
});

afterEach(async () => {
  await gateway.stop();
  upstream.stop();
});

/** What a server answers that has no such path; everything else is a chat. */
const withoutNative = ({ url }: SeenRequest) =>
  url.startsWith(RESPONSES) ? new Response('404 page not found', { status: 404 }) : Response.json(CHAT_ANSWER);

const urls = () => upstream.seen.map(({ url }) => url);

async function ask(
  body: JsonObject,
  path = RESPONSES,
): Promise<{ status: number; body: JsonObject; changed: string | null }> {
  const response = await gateway.post(path, { input: 'x', ...body });
  const changed = response.headers.get('x-sluice-changed');
  return { status: response.status, body: (await response.json()) as JsonObject, changed };
}

describe('a server that may have no Responses API', () => {
  test('and has none is asked through its chat, the next time at once', async () => {
    upstream.answer = withoutNative;
    const first = await ask({ model: 'unknown' });
    expect([first.status, JSON.stringify(first.body)]).toEqual([200, expect.stringContaining('through the chat')]);
    expect(urls()).toEqual([RESPONSES, RESPONSES, CHAT]);
    expect(String(upstream.seen[1]?.body)).toBe('{}');
    const again = await ask({ model: 'unknown' }, '/gateway/openai/v1/responses');
    expect([again.status, urls().slice(3)]).toEqual([200, [CHAT]]);
    const state = await ask({ model: 'unknown', previous_response_id: 'resp_1' });
    expect([state.status, JSON.stringify(state.body)]).toEqual([400, expect.stringContaining('keeps no state')]);
  });

  test('and has none streams through its chat', async () => {
    const chunk = { id: 'c', object: 'chat.completion.chunk', created: 1, model: 'm' };
    const choice = (delta: object, finish_reason: string | null) => ({
      ...chunk,
      choices: [{ index: 0, delta, finish_reason }],
    });
    const events = [choice({ role: 'assistant', content: 'hey' }, null), choice({}, 'stop')];
    const text = `${events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join('')}data: [DONE]\n\n`;
    upstream.answer = (request) =>
      request.url === CHAT
        ? new Response(text, { headers: { 'content-type': 'text/event-stream' } })
        : new Response('{"detail":"Method Not Allowed"}', { status: 405 });
    const response = await gateway.post(RESPONSES, { model: 'unknown', input: 'x', stream: true });
    expect([response.status, await response.text()]).toEqual([200, expect.stringContaining('response.completed')]);
    expect(urls()).toEqual([RESPONSES, RESPONSES, CHAT]);
  });

  test('and has one keeps its own errors of that status', async () => {
    const error = { message: "Item 'rs_1' not found.", type: 'invalid_request_error', param: 'input', code: null };
    upstream.answer = ({ body }) =>
      String(body) === '{}'
        ? Response.json({ error: { message: 'Missing input.' } }, { status: 400 })
        : Response.json({ error }, { status: 404 });
    const first = await ask({ model: 'unknown' });
    expect([first.status, first.body]).toMatchObject([404, { error: { message: error.message } }]);
    expect(urls()).toEqual([RESPONSES, RESPONSES]);
    expect((await ask({ model: 'unknown' })).status).toBe(404);
    expect(urls().length).toBe(3);
  });

  test('and answers is not asked whether it has one', async () => {
    upstream.answer = () => Response.json(NATIVE_ANSWER);
    expect((await ask({ model: 'unknown' })).body).toMatchObject({ id: 'resp_1' });
    upstream.answer = withoutNative;
    expect((await ask({ model: 'unknown' })).status).toBe(404);
    expect(urls()).toEqual([RESPONSES, RESPONSES]);
  });

  test('and has no model of that name either says so, and is asked again', async () => {
    upstream.answer = () => Response.json({ error: { message: 'no such model' } }, { status: 404 });
    const answer = await ask({ model: 'unknown' });
    expect([answer.status, answer.body]).toMatchObject([404, { error: { message: 'no such model' } }]);
    upstream.answer = () => Response.json(NATIVE_ANSWER);
    expect((await ask({ model: 'unknown' })).body).toMatchObject({ id: 'resp_1' });
  });

  test('and counts no tokens leaves them to be estimated', async () => {
    upstream.answer = withoutNative;
    const counted = await ask({ model: 'unknown' }, '/v1/responses/input_tokens');
    expect([counted.status, counted.changed]).toEqual([200, 'input_tokens;approximated']);
    expect(counted.body).toMatchObject({ object: 'response.input_tokens', input_tokens: expect.any(Number) });
  });
});

describe('the configuration', () => {
  test('says that the server has none: nobody asks', async () => {
    upstream.answer = withoutNative;
    expect((await ask({ model: 'without' })).status).toBe(200);
    expect(urls()).toEqual([CHAT]);
    const kept = await fetch(`${gateway.url}/v1/responses/resp_1?endpoint=without`);
    expect([kept.status, urls()]).toEqual([501, [CHAT]]);
  });

  test('says that the server has one: its answers count', async () => {
    upstream.answer = withoutNative;
    expect((await ask({ model: 'with' })).status).toBe(404);
    expect(urls()).toEqual([RESPONSES]);
  });
});

describe('a tool that takes free text', () => {
  const patch = { type: 'custom', name: 'apply_patch', description: 'Edits files' };
  const call = { type: 'custom_tool_call', call_id: 'c-1', name: 'apply_patch', input: '*** x' };
  const output = { type: 'custom_tool_call_output', call_id: 'c-1', output: 'done' };

  test('goes through the chat of a provider whose Responses API has none', async () => {
    upstream.answer = ({ url }) => Response.json(url === CHAT ? CHAT_ANSWER : NATIVE_ANSWER);
    expect((await ask({ model: 'xai', tools: [patch] })).status).toBe(200);
    expect((await ask({ model: 'xai', input: [call, output] })).status).toBe(200);
    expect(urls()).toEqual([CHAT, CHAT]);
    const [first] = upstream.seen.map(({ body }) => JSON.parse(String(body)) as JsonObject);
    expect(first?.tools).toMatchObject([{ type: 'function', function: { name: 'apply_patch' } }]);
  });

  test('leaves requests without one where they were', async () => {
    upstream.answer = () => Response.json(NATIVE_ANSWER);
    const tools = [{ type: 'function', name: 'f', parameters: {} }, { type: 'web_search' }];
    expect((await ask({ model: 'xai', tools, input: [{ role: 'user', content: 'x' }] })).status).toBe(200);
    expect((await ask({ model: 'xai', input: 'custom_tool_call' })).status).toBe(200);
    expect(urls()).toEqual([RESPONSES, RESPONSES]);
  });
});
