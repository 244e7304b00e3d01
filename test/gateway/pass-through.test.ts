import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { endpoint, openaiEndpoint, type RunningGateway, startGateway } from '../support/gateway.ts';
import { CHAT_ANSWER, jsonResponse, type RawUpstream, startRawUpstream } from '../support/raw-upstream.ts';

let answer = jsonResponse(CHAT_ANSWER);
let upstream: RawUpstream;
let gateway: RunningGateway;

beforeAll(async () => {
  upstream = await startRawUpstream(({ socket }) => void socket.write(answer));
  gateway = await startGateway({
    endpoints: [
      openaiEndpoint('chat', 'chat', upstream.base),
      openaiEndpoint('embeddings', 'embeddings', upstream.base),
      endpoint('azure', 'chat', 'azure', {
        openai_api_type: 'azure',
        openai_api_key: 'k',
        openai_api_base: upstream.base,
        openai_deployment_name: 'd',
        openai_api_version: 'v',
      }),
    ],
    server: { max_request_body: 100_000, max_inflated_request_body: 200_000 },
  });
});

afterAll(async () => {
  await gateway.stop();
  upstream.stop();
});

const sent = () => upstream.requests.at(-1)?.body ?? '';

describe('the bytes of a request go through', () => {
  test('with key order, number spelling, repeated keys and unknown fields as they were', async () => {
    const body =
      '{ "seed": 12345678901234567890, "temperature": 1.0, "messages": [ {"role":"user","content":"\\u00e9\\/"} ], "x": {"b":1,"a":2}, "x": 3 }';
    expect((await gateway.post('/gateway/chat/invocations', body)).status).toBe(200);
    expect(sent()).toBe(`{"model":"m","n":1,${body.slice(1)}`);
  });

  test('with the model of the endpoint in place of its name', async () => {
    const rest = '"n":1, "messages": [{"role":"user","content":"{\\"model\\":\\"x\\"}"}]';
    await gateway.post('/v1/chat/completions', `{"model": "chat",${rest}}`);
    expect(sent()).toBe(`{"model": "m",${rest}}`);
  });

  test('without a model where the URL names the deployment', async () => {
    await gateway.post('/v1/chat/completions', '{"model":"azure","n":1,"messages":[{"role":"user","content":"x"}]}');
    expect(sent()).toBe('{"n":1,"messages":[{"role":"user","content":"x"}]}');
  });

  test('without nulls, which some providers refuse', async () => {
    await gateway.post('/gateway/chat/invocations', '{"stop":null,"n":2,"messages":[{"role":"user","content":null}]}');
    expect(sent()).toBe('{"model":"m","n":2,"messages":[{"role":"user","content":null}]}');
  });

  test('a key that means something to JavaScript is a key like any other', async () => {
    await gateway.post(
      '/gateway/chat/invocations',
      '{"__proto__":{"n":5},"n":1,"messages":[{"role":"user","content":"x"}]}',
    );
    expect(sent()).toContain('"__proto__":{"n":5}');
    expect(({} as { n?: number }).n).toBeUndefined();
  });
});

describe('the bytes of an answer go through', () => {
  test("on OpenAI's surface all of them", async () => {
    const text =
      '{"id":"c", "choices" : [{"index":7,"message":{"role":"assistant","content":"é"}}], "x": 1.0, "usage":{}}';
    answer = jsonResponse(text);
    const messages = [{ role: 'user', content: 'x' }];
    expect(await (await gateway.post('/v1/chat/completions', { model: 'chat', messages })).text()).toBe(text);
  });

  test('embeddings on every surface, because writing floats anew is slow and may round', async () => {
    const text =
      '{"object":"list","data":[{"object":"embedding","index":0,"embedding":[0.10000000000000000001,1.0]}],"model":"e","usage":{"prompt_tokens":1,"total_tokens":1}}';
    answer = jsonResponse(text);
    expect(await (await gateway.post('/gateway/embeddings/invocations', { input: 'x' })).text()).toBe(text);
  });

  test("MLflow's surface has the fields of its shape and keeps the further ones", async () => {
    const choice = {
      index: 3,
      message: { role: 'assistant', content: 'a', reasoning_content: 'r' },
      logprobs: {},
      finish_reason: 'stop',
    };
    answer = jsonResponse({ ...CHAT_ANSWER, choices: [choice], usage: undefined, system_fingerprint: 'fp' });
    const got = await (
      await gateway.post('/gateway/chat/invocations', { messages: [{ role: 'user', content: 'x' }] })
    ).json();
    expect(got).toEqual({
      ...CHAT_ANSWER,
      choices: [{ ...choice, index: 0, message: { ...choice.message, tool_calls: null, refusal: null } }],
      usage: { prompt_tokens: null, completion_tokens: null, total_tokens: null },
      system_fingerprint: 'fp',
      provider: 'openai',
    });
  });
});

describe('request bodies', () => {
  const body = JSON.stringify({ messages: [{ role: 'user', content: 'x'.repeat(50_000) }] });
  const post = (bytes: string | Uint8Array | ReadableStream, headers: Record<string, string> = {}) =>
    gateway.post('/gateway/chat/invocations', '', {
      body: bytes,
      headers: { 'content-type': 'application/json', ...headers },
    });

  test.each([
    ['gzip', gzipSync],
    ['zstd', zstdCompressSync],
  ])('compressed with %s arrive plain', async (encoding, compress) => {
    answer = jsonResponse(CHAT_ANSWER);
    expect((await post(compress(body), { 'content-encoding': encoding })).status).toBe(200);
    expect(sent()).toBe(`{"model":"m","n":1,${body.slice(1)}`);
  });

  test('past the limit get a 413, also inflated ones and those of unknown length', async () => {
    const large = JSON.stringify({ messages: [{ role: 'user', content: 'x'.repeat(1_000_000) }] });
    expect((await post(large)).status).toBe(413);
    expect((await post(gzipSync(large), { 'content-encoding': 'gzip' })).status).toBe(413);
    expect((await post(zstdCompressSync(large), { 'content-encoding': 'zstd' })).status).toBe(413);
    const chunks = new ReadableStream({
      start(controller) {
        for (let index = 0; index < 200; index += 1) controller.enqueue(new TextEncoder().encode('x'.repeat(1000)));
        controller.close();
      },
    });
    const answered = await post(chunks);
    expect(answered.status).toBe(413);
    expect(await answered.json()).toHaveProperty('detail');
  });

  test('in an unknown encoding, broken, or no UTF-8 are refused', async () => {
    expect((await post(body, { 'content-encoding': 'rot13' })).status).toBe(415);
    expect((await post(body, { 'content-encoding': 'gzip' })).status).toBe(400);
    expect((await post(Buffer.from('{"messages":[{"role":"user","content":"\xff"}]}', 'latin1'))).status).toBe(400);
  });
});

test('every answer says what time the gateway and the upstream took', async () => {
  answer = jsonResponse(CHAT_ANSWER);
  const { headers } = await gateway.post('/gateway/chat/invocations', { messages: [{ role: 'user', content: 'x' }] });
  expect(headers.get('server-timing')).toMatch(/^gateway;dur=\d+\.\d\d, upstream;dur=\d+\.\d\d$/);
  expect(headers.get('x-mlflow-gateway-duration-ms')).toMatch(/^\d+\.\d\d$/);
  expect(headers.get('x-mlflow-gateway-overhead-duration-ms')).toMatch(/^\d+\.\d\d$/);
});
