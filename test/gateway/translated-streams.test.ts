import { afterAll, afterEach, beforeAll, describe, expect, test } from 'bun:test';
import net from 'node:net';
import { EventStreamCodec } from '@smithy/eventstream-codec';
import { GatewayError } from '../../src/core/errors.ts';
import { Secret } from '../../src/core/secret.ts';
import type { JsonObject } from '../../src/core/types.ts';
import type { Authorizer, TranslatedTarget } from '../../src/providers/provider.ts';
import { eventually } from '../support/gateway.ts';
import {
  chunk,
  jsonResponse,
  LAST_CHUNK,
  type RawRequest,
  type RawUpstream,
  STREAM_HEAD,
  startRawUpstream,
} from '../support/raw-upstream.ts';
import { TargetGateway, type TargetOptions } from '../support/target-gateway.ts';
import { type ToyOptions, toyTarget, toyWire } from '../support/toy-wire.ts';

let play: (request: RawRequest) => void | Promise<void>;
let upstream: RawUpstream;
let gateways: TargetGateway[] = [];

beforeAll(async () => {
  upstream = await startRawUpstream((request) => play(request));
});

afterEach(async () => {
  for (const gateway of gateways) await gateway.stop();
  gateways = [];
});

afterAll(() => upstream.stop());

function start(target: Partial<TranslatedTarget> = {}, options: TargetOptions = {}): TargetGateway {
  const gateway = new TargetGateway(toyTarget(upstream.base, target), options);
  gateways.push(gateway);
  return gateway;
}

const body: JsonObject = { messages: [{ role: 'user', content: 'x' }], stream: true };
const sse = (value: unknown, name?: string): string =>
  `${name === undefined ? '' : `event: ${name}\n`}data: ${typeof value === 'string' ? value : JSON.stringify(value)}\n\n`;

const SAID = ['Grüße ', '🌍 \\"}', ' plain', ' words'];
const STREAM = [': hi\n\n', sse({ at: 1 }, 'ping'), ...SAID.map((say) => sse({ say })), sse({ end: true })].join('');

/** Writes the parts as chunks, each in a packet of its own. */
async function inParts(
  request: RawRequest,
  parts: ReadonlyArray<Uint8Array | string>,
  options: { head?: string; end?: string } = {},
) {
  const { head = STREAM_HEAD, end = LAST_CHUNK } = options;
  request.socket.write(head);
  for (const part of parts) {
    if (part.length > 0) request.socket.write(chunk(part));
    await new Promise((resolve) => setImmediate(resolve));
  }
  request.socket.write(end);
}

function events(text: string): JsonObject[] {
  return text
    .split('\n\n')
    .filter((line) => line.startsWith('data: {'))
    .map((line) => JSON.parse(line.slice(6)) as JsonObject);
}

function said(text: string): string {
  return events(text)
    .flatMap(({ choices }) => (Array.isArray(choices) ? choices : []))
    .map(({ delta }) => delta?.content ?? '')
    .join('');
}

/** Without what the encoder makes up for each stream. */
function stable(text: string): string {
  return text.replaceAll(/"created":\d+/g, '"created":0');
}

describe('a stream in another format', () => {
  test('reaches OpenAI and MLflow clients in theirs, with its usage accounted for', async () => {
    play = (request) => inParts(request, [STREAM]);
    const gateway = start();
    const openai = await gateway.openai({ ...body, stream_options: { include_usage: true } });
    expect(openai.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    const text = await openai.text();
    expect(said(text)).toBe(SAID.join(''));
    expect(text.endsWith('data: [DONE]\n\n')).toBe(true);
    expect(events(text).at(-1)?.usage).toMatchObject({ prompt_tokens: 12, completion_tokens: 3, total_tokens: 15 });
    const mlflow = await (await gateway.mlflow(body)).text();
    expect(said(mlflow)).toBe(SAID.join(''));
    expect(mlflow).not.toContain('[DONE]');
    const types = ['prompt', 'completion', 'cache_read', 'cache_write_long', 'reasoning'];
    expect(types.map((type) => gateway.tokens(type))).toEqual([24, 6, 8, 10, 2]);
    expect(JSON.parse(upstream.requests.at(-1)?.body ?? '')).toEqual({ ask: 'x', stream: true });
  });

  test('is the same when the network cuts it at any byte, or every byte comes alone', async () => {
    const gateway = start();
    const bytes = Buffer.from(STREAM);
    play = (request) => inParts(request, [bytes]);
    const whole = stable(await (await gateway.openai(body)).text());
    for (let at = 1; at < bytes.length; at += 1) {
      play = (request) => inParts(request, [bytes.subarray(0, at), bytes.subarray(at)]);
      expect(stable(await (await gateway.openai(body)).text())).toBe(whole);
    }
    play = (request) =>
      inParts(
        request,
        Array.from(bytes, (byte) => Buffer.of(byte)),
      );
    expect(stable(await (await gateway.openai(body)).text())).toBe(whole);
  }, 60_000);

  test('may have carriage returns, lines that are no JSON, and no blank line at its end', async () => {
    const odd = STREAM.replace(': hi\n\n', 'data: not json\n\ndata: [1]\n\n').trimEnd().replaceAll('\n', '\r\n');
    play = (request) => inParts(request, [odd]);
    expect(said(await (await start().openai(body)).text())).toBe(SAID.join(''));
  });

  test('may end with [DONE], or with its body where it has no terminal event', async () => {
    const says = SAID.map((say) => sse({ say })).join('');
    play = (request) => inParts(request, [`${says}data: [DONE]\n\n`]);
    expect(await (await start().openai(body)).text()).toEndWith('data: [DONE]\n\n');
    play = (request) => inParts(request, [says]);
    const wire = toyWire({ endsWithBody: true });
    expect(await (await start({ wire }).openai(body)).text()).toEndWith('data: [DONE]\n\n');
  });

  test('counts until its terminal event only', async () => {
    play = (request) => inParts(request, [STREAM + sse({ say: 'more' })]);
    expect(said(await (await start().openai(body)).text())).toBe(SAID.join(''));
  });

  test('may be asked for at another URL', async () => {
    const streamDestination = { method: 'POST', url: `${upstream.base}/ask-stream?alt=sse`, headers: [] } as const;
    play = (request) => inParts(request, [STREAM]);
    await (await start({ streamDestination }).openai(body)).text();
    expect(upstream.requests.at(-1)?.head).toStartWith('POST /v1/ask-stream?alt=sse HTTP/1.1');
  });
});

describe('other framings', () => {
  const framed = (options: ToyOptions) => start({ wire: toyWire(options) });
  const head = (type: string) => STREAM_HEAD.replace('text/event-stream', type);
  const payloads = [...SAID.map((say) => ({ say })), { end: true }];

  test('lines of JSON', async () => {
    const lines = payloads.map((value) => `${JSON.stringify(value)}\n`).join('');
    play = (request) => inParts(request, [lines], { head: head('application/stream+json') });
    expect(said(await (await framed({ framing: 'ndjson' }).openai(body)).text())).toBe(SAID.join(''));
  });

  test('frames of AWS, cut anywhere', async () => {
    const codec = new EventStreamCodec((bytes) => Buffer.from(bytes as Uint8Array).toString(), Buffer.from);
    const frames = payloads.map((value) =>
      codec.encode({
        headers: { ':message-type': { type: 'string', value: 'event' }, ':event-type': { type: 'string', value: 'x' } },
        body: Buffer.from(JSON.stringify(value)),
      }),
    );
    const bytes = Buffer.concat(frames);
    const gateway = framed({ framing: 'aws-event-stream' });
    for (let at = 1; at < bytes.length; at += 5) {
      play = (request) =>
        inParts(request, [bytes.subarray(0, at), bytes.subarray(at)], {
          head: head('application/vnd.amazon.eventstream'),
        });
      expect(said(await (await gateway.openai(body)).text())).toBe(SAID.join(''));
    }
    const broken = Buffer.from(bytes);
    broken[bytes.length - 30] = 0;
    play = (request) => inParts(request, [broken], { head: head('application/vnd.amazon.eventstream') });
    expect(await (await gateway.openai(body)).text()).toContain('check sum');
  });

  test('a line that is no JSON breaks a stream of lines of JSON', async () => {
    play = (request) => inParts(request, ['{"say":"a"}\noops\n{"end":true}\n'], { head: head('application/x-ndjson') });
    const text = await (await framed({ framing: 'ndjson' }).openai(body)).text();
    expect(said(text)).toBe('a');
    expect(events(text).at(-1)?.error).toMatchObject({ message: expect.stringContaining('not a JSON object') });
    expect(text).not.toContain('[DONE]');
  });

  test('another content type is a 502', async () => {
    play = (request) => inParts(request, [STREAM], { head: head('text/html') });
    expect((await start().openai(body)).status).toBe(502);
  });
});

describe('a failure before the first output is a real HTTP status', () => {
  test.each([
    ['an error event', [sse({ at: 1 }, 'ping'), sse({ fault: 'overloaded' })], 529, 'overloaded'],
    ['a stream without its end', [sse({ at: 1 }, 'ping')], 502, 'before it was complete'],
    ['an empty stream', [], 502, 'before it was complete'],
    ['a defect in the reader', [sse({ crash: 1 })], 500, 'Internal Server Error'],
  ])('%s', async (_name, parts, status, message) => {
    play = (request) => inParts(request, parts);
    const gateway = start();
    const openai = await gateway.openai(body);
    expect([openai.status, await openai.json()]).toMatchObject([
      status,
      { error: { message: expect.stringContaining(message) } },
    ]);
    const mlflow = await gateway.mlflow(body);
    expect([mlflow.status, await mlflow.json()]).toMatchObject([status, { detail: expect.stringContaining(message) }]);
  });

  test('an error status, read as the provider reads it', async () => {
    const readError = (answer: unknown, header: (name: string) => string | null) => ({
      message: (answer as { oops: string }).oops,
      type: header('x-kind'),
    });
    play = ({ socket }) => {
      const head = 'x-kind: slow_down\r\nretry-after: 7\r\nx-toy-id: req-1\r\n';
      socket.write(jsonResponse({ oops: 'wait' }, '429 Too Many Requests', 'application/json', head));
    };
    const answer = await start({ readError, requestIdHeader: 'x-toy-id' }).openai(body);
    expect(answer.status).toBe(429);
    expect(answer.headers.get('retry-after')).toBe('7');
    expect(answer.headers.get('x-sluice-upstream-request-id')).toBe('req-1');
    expect(await answer.json()).toMatchObject({ error: { message: 'wait', type: 'slow_down' } });
  });
});

describe('a failure after the first output is an error event, never a clean end', () => {
  test.each([
    ['an error event', [sse({ say: 'a' }), sse({ fault: 'overloaded' })], LAST_CHUNK, 'overloaded'],
    ['both in one piece', [sse({ say: 'a' }) + sse({ fault: 'overloaded' })], LAST_CHUNK, 'overloaded'],
    ['a missing end', [sse({ say: 'a' })], LAST_CHUNK, 'before it was complete'],
    ['a cut connection', [sse({ say: 'a' })], 'cut', 'closed the connection'],
    ['an event that is cut', [sse({ say: 'a' }), 'data: {"end":tr'], LAST_CHUNK, 'before it was complete'],
  ])('%s', async (_name, parts, end, message) => {
    play = async (request) => {
      await inParts(request, parts, { end: end === 'cut' ? '' : end });
      if (end === 'cut') request.socket.destroy();
    };
    const gateway = start();
    for (const answer of [await gateway.openai(body), await gateway.mlflow(body)]) {
      expect(answer.status).toBe(200);
      const text = await answer.text();
      expect(said(text)).toBe('a');
      expect(events(text).at(-1)?.error).toMatchObject({ message: expect.stringContaining(message) });
      expect(text).not.toContain('[DONE]');
    }
    expect(gateway.failures).toHaveLength(2);
  });

  test('it holds no secret that the upstream quotes', async () => {
    play = (request) => inParts(request, [sse({ say: 'a' }), sse({ fault: 'bad key sk-canary-1' })]);
    const gateway = start({}, { secrets: [new Secret('sk-canary-1')] });
    expect(await (await gateway.openai(body)).text()).toContain('bad key ***');
    play = (request) => inParts(request, [sse({ fault: 'bad key sk-canary-1' })]);
    expect(await (await gateway.mlflow(body)).json()).toEqual({ detail: 'bad key ***' });
    expect(gateway.failures.map(({ message }) => message)).toEqual(['bad key ***', 'bad key ***']);
  });
});

/** A client that can leave. */
function connect(gateway: TargetGateway, request: JsonObject = body): net.Socket {
  const client = net.connect(gateway.port, '127.0.0.1');
  const text = JSON.stringify(request);
  client.on('error', () => {});
  client.write(
    `POST /gateway/e/invocations HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: ${text.length}\r\n\r\n${text}`,
  );
  return client;
}

describe('when the client leaves', () => {
  test.each([
    ['before the answer', ''],
    ['before the first event', STREAM_HEAD],
    ['in the middle', `${STREAM_HEAD}${chunk(sse({ say: 'a' }))}`],
  ])('%s, the upstream call is cancelled and settled as such', async (_name, sent) => {
    play = ({ socket }) => void socket.write(sent);
    const gateway = start();
    const closed = upstream.closed;
    const asked = upstream.requests.length;
    const client = connect(gateway);
    await eventually('the upstream is asked', () => upstream.requests.length === asked + 1);
    await Bun.sleep(30);
    client.destroy();
    await eventually('the upstream connection closes', () => upstream.closed > closed);
    await eventually('the exchange ends', () => gateway.exchanges.length === 1);
    expect(gateway.exchanges[0]?.clientGone).toBe(true);
    expect(gateway.failures).toEqual([]);
  });

  test('while credentials are fetched, nothing is sent', async () => {
    const fetched = Promise.withResolvers<Array<[string, string]>>();
    let isAsked = false;
    const authorize: Authorizer = () => {
      isAsked = true;
      return fetched.promise;
    };
    const gateway = start({ authorize });
    const asked = upstream.requests.length;
    const client = connect(gateway);
    await eventually('credentials are asked for', () => isAsked);
    await Bun.sleep(30);
    client.destroy();
    await eventually('the exchange ends', () => gateway.exchanges.length === 1);
    fetched.resolve([['authorization', 'Bearer late']]);
    await Bun.sleep(20);
    expect(upstream.requests.length).toBe(asked);
    expect(gateway.exchanges[0]).toMatchObject({ clientGone: true, upstreamStartedAt: 0 });
  });
});

test('a client that does not read slows the upstream instead of filling memory', async () => {
  let sent = 0;
  const part = chunk(sse({ say: 'x'.repeat(16_000) }));
  play = async ({ socket }) => {
    socket.write(STREAM_HEAD);
    while (sent < 100_000_000 && !socket.destroyed) {
      sent += part.length;
      if (!socket.write(part)) await new Promise((resolve) => socket.once('drain', resolve).once('close', resolve));
    }
  };
  const gateway = start();
  const client = connect(gateway);
  client.pause();
  let before = -1;
  await eventually('the upstream stands still', async () => {
    const still = sent > 0 && sent === before;
    before = sent;
    await Bun.sleep(100);
    return still && sent === before;
  });
  expect(sent).toBeLessThan(50_000_000);
  client.destroy();
  await eventually('the exchange ends', () => gateway.exchanges.length === 1);
});

describe('credentials that are fetched for a request', () => {
  test('are given what is sent, and go with it', async () => {
    const seen: unknown[] = [];
    const authorize: Authorizer = async ({ destination, body: text }) => {
      seen.push([destination.url, text]);
      return [['authorization', `Bearer token-${seen.length}`]];
    };
    play = (request) => inParts(request, [STREAM]);
    const gateway = start({ authorize });
    for (const count of [1, 2]) {
      expect(said(await (await gateway.openai(body)).text())).toBe(SAID.join(''));
      const request = upstream.requests.at(-1);
      expect(request?.head).toContain(`authorization: Bearer token-${count}`);
      expect(seen.at(-1)).toEqual([`${upstream.base}/ask`, request?.body]);
    }
  });

  test('end the request when there are none', async () => {
    const asked = upstream.requests.length;
    const authorize: Authorizer = () =>
      Promise.reject(new GatewayError('upstream_unreachable', 'No token can be had: the key is revoked.'));
    const answer = await start({ authorize }).openai(body);
    expect([answer.status, await answer.json()]).toMatchObject([
      502,
      { error: { message: expect.stringContaining('the key is revoked') } },
    ]);
    expect(upstream.requests.length).toBe(asked);
  });

  test('have the time of a whole exchange', async () => {
    const authorize: Authorizer = () => new Promise(() => {});
    const answer = await start({ authorize }, { settings: { totalTimeout: 50 } }).openai(body);
    expect(answer.status).toBe(504);
  });

  test('that cannot stand in a header are a fault inside, their value untold', async () => {
    const authorize: Authorizer = async () => [['authorization', 'k3y\r\nx-more: 1']];
    const gateway = start({ authorize });
    const answer = await gateway.openai(body);
    expect(answer.status).toBe(500);
    expect(await answer.text()).not.toContain('k3y');
    expect(String(gateway.failures[0]?.cause)).not.toContain('k3y');
  });

  test('are scrubbed out of what the upstream quotes', async () => {
    const authorize: Authorizer = async () => [['authorization', 'Bearer ya29-canary']];
    play = ({ socket }) =>
      void socket.write(jsonResponse({ error: { message: 'invalid token ya29-canary' } }, '401 Unauthorized'));
    const answer = await start({ authorize }).openai(body);
    expect([answer.status, await answer.json()]).toMatchObject([401, { error: { message: 'invalid token ***' } }]);
  });
});
