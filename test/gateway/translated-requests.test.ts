import { afterAll, afterEach, beforeAll, describe, expect, test } from 'bun:test';
import { Secret } from '../../src/core/secret.ts';
import type { JsonObject } from '../../src/core/types.ts';
import { areNewChanges } from '../../src/gateway/changes.ts';
import type { TranslatedTarget } from '../../src/providers/provider.ts';
import type { Wire } from '../../src/providers/wire.ts';
import { jsonResponse, type RawRequest, type RawUpstream, startRawUpstream } from '../support/raw-upstream.ts';
import { TargetGateway, type TargetOptions } from '../support/target-gateway.ts';
import { toyTarget, toyWire } from '../support/toy-wire.ts';

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

const messages = [{ role: 'user', content: 'x' }];
const destination = (path: string) => ({ method: 'POST', url: `${upstream.base}/${path}`, headers: [] }) as const;
const answerWith =
  (body: unknown, more = '') =>
  (request: RawRequest) =>
    void request.socket.write(jsonResponse(body, '200 OK', 'application/json', more));
const sentBodies = (from: number): unknown[] => upstream.requests.slice(from).map(({ body }) => JSON.parse(body));

test('an answer in another format reaches the client in its own, with its usage accounted for', async () => {
  play = answerWith({ say: 'Grüße 🌍', read: 5, wrote: 2 }, 'x-request-id: up-1\r\n');
  const gateway = start();
  const openai = await gateway.openai({ messages });
  expect(openai.headers.get('x-sluice-upstream-request-id')).toBe('up-1');
  expect(openai.headers.get('x-sluice-changed')).toBeNull();
  expect(await openai.json()).toMatchObject({
    id: 'toy-id',
    model: 'toy-up',
    choices: [{ message: { role: 'assistant', content: 'Grüße 🌍' }, finish_reason: 'stop' }],
    usage: { prompt_tokens: 5, completion_tokens: 2, total_tokens: 7 },
  });
  expect(await (await gateway.mlflow({ messages })).json()).toMatchObject({ provider: 'toy', model: 'toy-up' });
  expect([gateway.tokens('prompt'), gateway.tokens('completion')]).toEqual([10, 4]);
});

test('an answer of another shape, and a request that the provider cannot take, are errors', async () => {
  play = answerWith({ other: 1 });
  const gateway = start();
  expect((await gateway.openai({ messages })).status).toBe(502);
  const asked = upstream.requests.length;
  const refused = await gateway.mlflow({ messages, refuse: true });
  expect([refused.status, await refused.json()]).toEqual([422, { detail: 'The toy refuses.' }]);
  expect(upstream.requests.length).toBe(asked);
});

test('a stream that the provider does not have is a 501', async () => {
  const { stream: _stream, ...wire } = toyWire();
  const answer = await start({ wire }).mlflow({ messages, stream: true });
  expect([answer.status, await answer.json()]).toEqual([
    501,
    { detail: 'The chat streaming route is not implemented for Toy models.' },
  ]);
});

test('an error of the upstream holds no secret, however deep and in whatever member', async () => {
  const key = 'sk-canary-1';
  const error = { errors: [{ why: `no ${key}` }], [`of ${key}`]: { type: key } };
  play = ({ socket }) => {
    const head = `x-request-id: ${key}\r\nretry-after: ${key}\r\n`;
    socket.write(jsonResponse(error, '400 Bad Request', 'application/json', head));
  };
  const gateway = start({}, { secrets: [new Secret(key)] });
  const answer = await gateway.mlflow({ messages });
  expect(await answer.json()).toEqual({ detail: { errors: [{ why: 'no ***' }], 'of ***': { type: '***' } } });
  expect(JSON.stringify([...answer.headers])).not.toContain('canary');
  play = ({ socket }) => void socket.write(jsonResponse(`down: ${key}`, '503 Service Unavailable', 'text/plain'));
  expect(await (await gateway.openai({ messages })).text()).not.toContain('canary');
});

describe('what the provider cannot take', () => {
  test('is named in the answer, and once in the log', async () => {
    play = answerWith({ say: 'a' });
    const gateway = start();
    const answer = await gateway.openai({ messages, seed: 1 });
    expect([answer.status, answer.headers.get('x-sluice-changed')]).toEqual([200, 'seed;dropped']);
    const endpoint = gateway.exchanges[0]?.endpoint;
    if (!endpoint) throw new Error('no endpoint');
    expect(areNewChanges(endpoint, 'seed;dropped')).toBe(true);
    expect(areNewChanges(endpoint, 'seed;dropped')).toBe(false);
    expect(areNewChanges(endpoint, 'user;dropped')).toBe(true);
  });

  test('is named in a stream as well, and beside an error', async () => {
    play = ({ socket }) =>
      void socket.write(jsonResponse('data: {"say":"a"}\n\ndata: {"end":1}\n\n', '200 OK', 'text/event-stream'));
    const gateway = start();
    const answer = await gateway.openai({ messages, seed: 1, stream: true });
    expect([answer.headers.get('x-sluice-changed'), (await answer.text()).includes('[DONE]')]).toEqual([
      'seed;dropped',
      true,
    ]);
    play = ({ socket }) => void socket.write(jsonResponse({ error: { message: 'no' } }, '400 Bad Request'));
    expect((await gateway.openai({ messages, seed: 1 })).headers.get('x-sluice-changed')).toBe('seed;dropped');
  });

  test('is an error where the endpoint is strict, or the client', async () => {
    const asked = upstream.requests.length;
    const byEndpoint = await start({}, { strict: true }).mlflow({ messages, seed: 1 });
    expect([byEndpoint.status, await byEndpoint.json()]).toEqual([
      422,
      { detail: 'This endpoint is strict, and the provider cannot take: seed;dropped' },
    ]);
    const gateway = start();
    const byClient = await gateway.openai({ messages, seed: 1 }, { 'x-sluice-strict': 'true' });
    expect([byClient.status, await byClient.text()]).toEqual([422, expect.stringContaining('This request is strict')]);
    expect(upstream.requests.length).toBe(asked);
    play = answerWith({ say: 'a' });
    expect((await gateway.openai({ messages }, { 'x-sluice-strict': 'true' })).status).toBe(200);
    expect((await gateway.openai({ messages, seed: 1 }, { 'x-sluice-strict': 'false' })).status).toBe(200);
  });

  test('fits a header whatever its name and number', async () => {
    const wire: Wire = {
      ...toyWire(),
      encode: ({ rest }, changes) => {
        for (const field of Object.keys(rest)) changes.dropped(field);
        return { ask: 'x' };
      },
    };
    play = answerWith({ say: 'a' });
    const gateway = start({ wire });
    const odd = await gateway.openai({ messages, 'é, b;c\r\n': 1, '\ud800': 1 });
    expect(odd.headers.get('x-sluice-changed')).toBe('%C3%A9%2C%20b%3Bc%0D%0A;dropped, %EF%BF%BD;dropped');
    const fields = Array.from({ length: 1000 }, (_, index) => [`field_${index}`, 1] as const);
    const many = await gateway.openai({ messages, ...Object.fromEntries(fields) });
    const header = many.headers.get('x-sluice-changed') ?? '';
    expect(header.length).toBeLessThan(4100);
    const named = header.split(', ').length - 1;
    expect(header).toEndWith(`, and ${1000 - named} more`);
  });
});

describe('embeddings of several inputs', () => {
  const operation = 'embeddings';

  test('go to another URL where the provider has one', async () => {
    play = answerWith({ vectors: [[1], [2]] });
    const gateway = start({ batchDestination: destination('batch') }, { operation });
    await gateway.openai({ input: ['a', 'b'] });
    expect(upstream.requests.at(-1)?.head).toStartWith('POST /v1/batch ');
    await gateway.openai({ input: 'a' });
    expect(upstream.requests.at(-1)?.head).toStartWith('POST /v1/ask ');
  });

  test('are asked for one by one where the provider takes one, at most eight at once, and answered in order', async () => {
    let running = 0;
    let most = 0;
    play = async (request) => {
      running += 1;
      most = Math.max(most, running);
      const { embed } = JSON.parse(request.body) as { embed: string[] };
      const number = Number(embed[0]);
      await Bun.sleep(number % 3);
      running -= 1;
      answerWith({ vectors: [[number, 0.5]], read: number, wrote: 0 })(request);
    };
    const from = upstream.requests.length;
    const gateway = start({ oneInput: true }, { operation });
    const input = Array.from({ length: 30 }, (_, index) => String(index));
    const answer = await gateway.openai({ input, seed: 1 });
    expect([answer.status, answer.headers.get('x-sluice-changed')]).toEqual([200, 'seed;dropped']);
    const { data, usage } = (await answer.json()) as { data: JsonObject[]; usage: JsonObject };
    expect(data.map(({ index, embedding }) => [index, embedding])).toEqual(
      input.map((_, index) => [index, [index, 0.5]]),
    );
    expect(usage).toMatchObject({ prompt_tokens: 435, total_tokens: 435 });
    expect(gateway.tokens('prompt')).toBe(435);
    expect(sentBodies(from)).toHaveLength(30);
    expect(most).toBe(8);
  });

  test('fail with the first call that fails, which ends the others', async () => {
    const closed = upstream.closed;
    play = (request) => {
      const { embed } = JSON.parse(request.body) as { embed: string[] };
      if (embed[0] === '3') request.socket.write(jsonResponse({ error: { message: 'too long' } }, '400 Bad Request'));
    };
    const from = upstream.requests.length;
    const input = Array.from({ length: 30 }, (_, index) => String(index));
    const answer = await start({ oneInput: true }, { operation }).openai({ input });
    expect([answer.status, await answer.json()]).toMatchObject([400, { error: { message: 'too long' } }]);
    const deadline = performance.now() + 5000;
    while (upstream.closed < closed + 7 && performance.now() < deadline) await Bun.sleep(5);
    expect(upstream.closed).toBeGreaterThanOrEqual(closed + 7);
    expect(upstream.requests.length - from).toBe(8);
  });
});

test('of two wires of a provider, that which serves a request answers it', async () => {
  const other: Wire = { ...toyWire(), encode: () => ({ other: true }) };
  const alternative = {
    serves: (request: { readonly rest: JsonObject }) => request.rest.other === true,
    target: { wire: other, destination: destination('other') },
  };
  play = answerWith({ say: 'a' });
  const gateway = start({ alternative });
  await gateway.openai({ messages, other: true });
  expect(upstream.requests.at(-1)).toMatchObject({
    body: '{"other":true}',
    head: expect.stringContaining('/v1/other '),
  });
  await gateway.openai({ messages });
  expect(upstream.requests.at(-1)).toMatchObject({ head: expect.stringContaining('/v1/ask ') });
});

test('media by URL that cannot be fetched end the request before the upstream is asked', async () => {
  const asked = upstream.requests.length;
  const content = [{ type: 'image_url', image_url: { url: 'http://127.0.0.1:1/x.png' } }];
  const answer = await start({ inlineMedia: true }).openai({ messages: [{ role: 'user', content }] });
  expect(answer.status).toBeGreaterThanOrEqual(400);
  expect(answer.status).toBeLessThan(500 + 2);
  expect(upstream.requests.length).toBe(asked);
});
