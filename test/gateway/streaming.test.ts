import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import net from 'node:net';
import type { JsonObject } from '../../src/core/types.ts';
import { eventually, openaiEndpoint, type RunningGateway, startGateway } from '../support/gateway.ts';
import {
  chunk,
  jsonResponse,
  LAST_CHUNK,
  type RawRequest,
  type RawUpstream,
  STREAM_HEAD,
  startRawUpstream,
} from '../support/raw-upstream.ts';

const event = (delta: JsonObject, finish: string | null = null): string =>
  `data: ${JSON.stringify({ id: 'c-1', object: 'chat.completion.chunk', created: 1, model: 'm-up', choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;

const USAGE =
  'data: {"id":"c-1","object":"chat.completion.chunk","created":1,"model":"m-up","choices":[],"usage":{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3}}\n\n';
const STREAM = [
  ': comment\n\n',
  event({ role: 'assistant', content: '' }),
  event({ content: 'Grüße 🌍 \\"}' }),
  event({ content: ' plain' }),
  event({ content: ' words' }),
  event({ tool_calls: [{ index: 0, id: 'call_1', type: 'function', function: { name: 'f', arguments: '{"a":' } }] }),
  event({ tool_calls: [{ index: 0, function: { arguments: '1}' } }] }),
  event({}, 'tool_calls'),
  USAGE,
  'data: [DONE]\n\n',
].join('');

let play: (request: RawRequest) => void | Promise<void>;
let upstream: RawUpstream;
let gateway: RunningGateway;

beforeAll(async () => {
  upstream = await startRawUpstream((request) => play(request));
  gateway = await startGateway({ endpoints: [openaiEndpoint('chat', 'chat', upstream.base)] });
});

afterAll(async () => {
  await gateway.stop();
  upstream.stop();
});

const messages = [{ role: 'user', content: 'x' }];
const onMlflow = () => gateway.post('/gateway/chat/invocations', { messages, stream: true });
const onOpenai = () => gateway.post('/v1/chat/completions', { model: 'chat', messages, stream: true });

/** Writes the parts as chunks, each in a packet of its own. */
async function inParts(request: RawRequest, parts: readonly Uint8Array[], end = LAST_CHUNK): Promise<void> {
  request.socket.write(STREAM_HEAD);
  for (const part of parts) {
    if (part.length > 0) request.socket.write(chunk(part));
    await new Promise((resolve) => setImmediate(resolve));
  }
  request.socket.write(end);
}

function parsed(text: string): JsonObject[] {
  return text
    .split('\n\n')
    .filter((line) => line.startsWith('data: {'))
    .map((line) => JSON.parse(line.slice(6)) as JsonObject);
}

describe('a stream cut anywhere by the network', () => {
  test('passes to an OpenAI client byte for byte, and reaches an MLflow client with the same events', async () => {
    const bytes = Buffer.from(STREAM);
    play = (request) => inParts(request, [bytes]);
    const whole = parsed(await (await onMlflow()).text());
    expect(whole).toHaveLength(8);
    for (let offset = 1; offset < bytes.length; offset += 1) {
      play = (request) => inParts(request, [bytes.subarray(0, offset), bytes.subarray(offset)]);
      const [openai, mlflow] = await Promise.all([onOpenai(), onMlflow()]);
      expect(Buffer.from(await openai.arrayBuffer()).equals(bytes)).toBe(true);
      expect(parsed(await mlflow.text())).toEqual(whole);
    }
  }, 60_000);

  test('also when every byte comes alone', async () => {
    const bytes = Buffer.from(STREAM);
    play = (request) =>
      inParts(
        request,
        [...bytes].map((byte) => Buffer.of(byte)),
      );
    expect(await (await onOpenai()).text()).toBe(STREAM);
  }, 30_000);

  test('with line ends of both kinds, a byte order mark, a bad line and no blank line at the end', async () => {
    const odd = `\ufeff${STREAM}`.replace('data: [DONE]\n\n', 'data: not json\n\ndata:[DONE]').replaceAll('\n', '\r\n');
    play = (request) => inParts(request, [Buffer.from(odd)]);
    const text = await (await onMlflow()).text();
    expect(parsed(text).map((chunkOf) => chunkOf.error)).toEqual(Array(8).fill(undefined));
    expect(text).not.toContain('[DONE]');
  });
});

test('an MLflow client gets every field of the shape, null where the upstream says nothing', async () => {
  play = (request) => inParts(request, [Buffer.from(`${event({}, 'stop') + USAGE}data: [DONE]\n\n`)]);
  const [last, usage] = parsed(await (await onMlflow()).text());
  expect(last).toMatchObject({
    provider: 'openai',
    usage: null,
    choices: [{ index: 0, finish_reason: 'stop', delta: { role: null, content: null, tool_calls: null } }],
  });
  expect(usage).toMatchObject({ choices: [], usage: { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 } });
});

describe('a failure before the first event is a real HTTP status', () => {
  test('an error status', async () => {
    play = ({ socket }) =>
      void socket.write(jsonResponse({ error: { message: 'bad key', type: 'auth', code: 'x' } }, '401 Unauthorized'));
    const mlflow = await onMlflow();
    expect([mlflow.status, await mlflow.json()]).toEqual([401, { detail: 'bad key' }]);
    const openai = await onOpenai();
    expect([openai.status, await openai.json()]).toEqual([
      401,
      { error: { message: 'bad key', type: 'auth', code: 'x' } },
    ]);
  });

  test('an error as the first event', async () => {
    play = (request) => inParts(request, [Buffer.from('data: {"error":{"message":"overloaded","code":529}}\n\n')]);
    const answer = await onMlflow();
    expect([answer.status, await answer.json()]).toEqual([529, { detail: 'overloaded' }]);
  });

  test('a connection that is cut, or a stream that is empty', async () => {
    play = ({ socket }) => void socket.end(STREAM_HEAD);
    expect((await onMlflow()).status).toBe(502);
    play = (request) => inParts(request, []);
    expect((await onOpenai()).status).toBe(502);
  });
});

describe('a failure after the first event is an error event, never a clean end', () => {
  const beginning = Buffer.from(event({ content: 'a' }));

  test.each([
    ['the terminal event is missing', LAST_CHUNK],
    ['the connection is cut', 'cut'],
    [
      'an error event comes',
      chunk('data: {"error":{"message":"boom","type":"server_error"}}\n\ndata: [DONE]\n\n').toString(),
    ],
  ])('%s', async (_name, end) => {
    play = async (request) => {
      await inParts(request, [beginning], end === 'cut' ? '' : end);
      if (end === 'cut') request.socket.destroy();
    };
    for (const answer of [await onMlflow(), await onOpenai()]) {
      expect(answer.status).toBe(200);
      const text = await answer.text();
      const last = parsed(text).at(-1);
      expect(last?.error).toHaveProperty('message');
      expect(text).not.toContain('[DONE]');
    }
  });

  test('the official client raises its own error', async () => {
    const { default: OpenAI } = await import('openai');
    play = (request) => inParts(request, [beginning], LAST_CHUNK);
    const client = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: 'any', maxRetries: 0 });
    const stream = await client.chat.completions.create({
      model: 'chat',
      messages: [{ role: 'user', content: 'x' }],
      stream: true,
    });
    const seen: string[] = [];
    const reading = (async () => {
      for await (const part of stream) seen.push(part.choices[0]?.delta.content ?? '');
    })();
    expect(reading).rejects.toThrow('before it was complete');
    await reading.catch(() => {});
    expect(seen).toEqual(['a']);
  });
});

describe('when the client leaves', () => {
  test.each([
    ['before the upstream has answered', { stream: false }, ''],
    ['before the first event', { stream: true }, STREAM_HEAD],
    ['in the middle of a stream', { stream: true }, `${STREAM_HEAD}${chunk(event({ content: 'a' }))}`],
  ])('%s, the upstream call is cancelled', async (_name, options, sent) => {
    play = ({ socket }) => void socket.write(sent);
    const before = upstream.closed;
    const asked = upstream.requests.length;
    const client = net.connect(gateway.port, '127.0.0.1');
    const body = JSON.stringify({ messages, ...options });
    client.write(
      `POST /gateway/chat/invocations HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
    );
    await eventually('the upstream is asked', () => upstream.requests.length === asked + 1);
    await Bun.sleep(30);
    client.destroy();
    await eventually('the upstream connection closes', () => upstream.closed > before);
  });
});

test('a client that does not read slows the upstream instead of filling memory', async () => {
  let sent = 0;
  const part = chunk(event({ content: 'x'.repeat(16_000) }));
  play = async ({ socket }) => {
    socket.write(STREAM_HEAD);
    while (sent < 100_000_000 && !socket.destroyed) {
      sent += part.length;
      if (!socket.write(part)) await new Promise((resolve) => socket.once('drain', resolve).once('close', resolve));
    }
  };
  const client = net.connect(gateway.port, '127.0.0.1');
  const body = JSON.stringify({ messages, stream: true });
  client.pause();
  client.write(
    `POST /gateway/chat/invocations HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
  );
  let before = -1;
  await eventually('the upstream stands still', async () => {
    const still = sent > 0 && sent === before;
    before = sent;
    await Bun.sleep(100);
    return still;
  });
  expect(sent).toBeLessThan(40_000_000);
  client.destroy();
});
