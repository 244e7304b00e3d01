import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import OpenAI from 'openai';
import { endpoint, openaiEndpoint, type RunningGateway, startGateway } from '../../../test/support/gateway.ts';
import type { JsonObject } from '../../core/types.ts';

/** The official client in front of a gateway, with a provider of the same API behind it and one of another. */

const USAGE = {
  input_tokens: 3,
  input_tokens_details: { cached_tokens: 0 },
  output_tokens: 2,
  output_tokens_details: { reasoning_tokens: 0 },
  total_tokens: 5,
};
const NATIVE = {
  id: 'resp_native',
  object: 'response',
  status: 'completed',
  output: [],
  error: null,
  usage: USAGE,
  'unknown ': 1.0,
};
const NATIVE_TEXT = JSON.stringify(NATIVE, null, 1);
const NATIVE_STREAM = [
  { type: 'response.created', sequence_number: 0, response: { ...NATIVE, status: 'in_progress' } },
  { type: 'response.completed', sequence_number: 1, response: NATIVE },
]
  .map((event) => `event: ${event.type}\r\ndata: ${JSON.stringify(event)}\r\n\r\n`)
  .join('');

const CALL = { type: 'tool_use', id: 'toolu_1', name: 'get_weather', input: { city: 'Rome' } };
const MESSAGE = {
  id: 'msg_1',
  type: 'message',
  role: 'assistant',
  model: 'claude-x',
  stop_reason: 'tool_use',
  usage: { input_tokens: 4, output_tokens: 6 },
};
const THINKING = { type: 'thinking', thinking: 'Hm', signature: 'c2ln' };

const CLAUDE_STREAM = [
  { type: 'message_start', message: { ...MESSAGE, content: [], stop_reason: null } },
  { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
  { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'Ciao é' } },
  { type: 'content_block_stop', index: 0 },
  { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 6 } },
  { type: 'message_stop' },
]
  .map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`)
  .join('');

let upstream: ReturnType<typeof Bun.serve>;
let gateway: RunningGateway;
let client: OpenAI;
const seen: Array<{ path: string; body: JsonObject }> = [];

function claude(body: JsonObject): Response {
  if (body.stream) return new Response(CLAUDE_STREAM, { headers: { 'content-type': 'text/event-stream' } });
  const isSecondTurn = Array.isArray(body.messages) && body.messages.length > 1;
  const content = isSecondTurn ? [{ type: 'text', text: 'Sunny.' }] : [THINKING, CALL];
  return Response.json({ ...MESSAGE, content, stop_reason: isSecondTurn ? 'end_turn' : 'tool_use' });
}

function native(body: JsonObject): Response {
  if (body.input === 'fail') {
    return Response.json(
      { error: { message: 'Slow down', type: 'tokens', code: 'rate_limit_exceeded', param: null } },
      { status: 429 },
    );
  }
  if (body.stream) return new Response(NATIVE_STREAM, { headers: { 'content-type': 'text/event-stream' } });
  return new Response(NATIVE_TEXT, { headers: { 'content-type': 'application/json' } });
}

beforeAll(async () => {
  upstream = Bun.serve({
    port: 0,
    async fetch(request) {
      const body = (await request.json()) as JsonObject;
      const path = new URL(request.url).pathname;
      seen.push({ path, body });
      return path.endsWith('/messages') ? claude(body) : native(body);
    },
  });
  const base = `http://127.0.0.1:${upstream.port}`;
  gateway = await startGateway({
    endpoints: [
      openaiEndpoint('native', 'chat', `${base}/v1`),
      endpoint('claude', 'chat', 'anthropic', { anthropic_api_key: 'k', anthropic_api_base: base }),
    ],
  });
  client = new OpenAI({ apiKey: 'none', baseURL: `${gateway.url}/v1`, maxRetries: 0 });
});

afterAll(async () => {
  await gateway?.stop();
  await upstream?.stop(true);
});

const TOOLS: OpenAI.Responses.Tool[] = [
  { type: 'function', name: 'get_weather', parameters: { type: 'object' }, strict: null },
];

describe('a provider of another API', () => {
  test('calls a tool, and gets its own thoughts back with the result', async () => {
    const input: OpenAI.Responses.ResponseInput = [{ role: 'user', content: 'Weather in Rome?' }];
    const first = await client.responses.create({ model: 'claude', input, tools: TOOLS });
    const call = first.output.find((item) => item.type === 'function_call');
    expect(call).toMatchObject({ call_id: 'toolu_1', name: 'get_weather', arguments: '{"city":"Rome"}' });
    expect(first).toMatchObject({
      model: 'claude-x',
      status: 'completed',
      usage: { input_tokens: 4, output_tokens: 6 },
    });
    input.push(...(first.output as OpenAI.Responses.ResponseInput));
    input.push({ type: 'function_call_output', call_id: 'toolu_1', output: 'sun' });
    const second = await client.responses.create({ model: 'claude', input, tools: TOOLS });
    expect(second.output_text).toBe('Sunny.');
    expect(seen.at(-1)?.body.messages).toEqual([
      { role: 'user', content: 'Weather in Rome?' },
      { role: 'assistant', content: [THINKING, CALL] },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'toolu_1', content: 'sun' }] },
    ]);
  });

  test('streams', async () => {
    const stream = client.responses.stream({ model: 'claude', input: 'Hi' });
    let text = '';
    stream.on('response.output_text.delta', ({ delta }) => {
      text += delta;
    });
    const final = await stream.finalResponse();
    expect([text, final.output_text, final.usage?.output_tokens]).toEqual(['Ciao é', 'Ciao é', 6]);
  });

  test('is not asked for what it has not kept', async () => {
    const asked = client.responses.create({ model: 'claude', previous_response_id: 'resp_1', input: 'And?' });
    const error = await asked.catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(OpenAI.BadRequestError);
    expect(error).toMatchObject({ status: 400, param: 'previous_response_id' });
  });
});

describe('a provider of the same API', () => {
  test('gets the client’s request and answers it, byte for byte', async () => {
    const text = '{ "model" : "native",\n "input":"Hi", "previous_response_id":"resp_1", "odd": [1.0] }';
    const answer = await gateway.post('/v1/responses', text);
    expect(await answer.text()).toBe(NATIVE_TEXT);
    expect(seen.at(-1)).toEqual({
      path: '/v1/responses',
      body: { model: 'm', input: 'Hi', previous_response_id: 'resp_1', odd: [1] },
    });
  });

  test('streams its own bytes', async () => {
    const answer = await gateway.post('/v1/responses', { model: 'native', input: 'Hi', stream: true });
    expect(await answer.text()).toBe(NATIVE_STREAM);
    const final = await client.responses.stream({ model: 'native', input: 'Hi' }).finalResponse();
    expect(final.id).toBe('resp_native');
  });

  test('is not shown what another one thought', async () => {
    const { output } = await client.responses.create({ model: 'claude', input: 'Hi', tools: TOOLS });
    const items = output as OpenAI.Responses.ResponseInput;
    const answer = await gateway.post('/v1/responses', { model: 'native', input: items });
    expect(answer.headers.get('x-sluice-changed')).toBe('input.0;dropped');
    expect(seen.at(-1)?.body.input).toEqual(items.slice(1));
  });

  test('fails as the client knows it', async () => {
    const error = await client.responses.create({ model: 'native', input: 'fail' }).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(OpenAI.RateLimitError);
    expect(error).toMatchObject({ status: 429, code: 'rate_limit_exceeded' });
  });
});
