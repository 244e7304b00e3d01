import { afterAll, afterEach, beforeAll, describe, expect, test } from 'bun:test';
import { GatewayError } from '../../src/core/errors.ts';
import type { JsonObject } from '../../src/core/types.ts';
import type { OpenAITarget } from '../../src/providers/provider.ts';
import {
  CHAT_ANSWER,
  jsonResponse,
  type RawRequest,
  type RawUpstream,
  startRawUpstream,
} from '../support/raw-upstream.ts';
import { TargetGateway } from '../support/target-gateway.ts';

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

/** A gateway before a provider that speaks OpenAI's format with deviations of its own. */
function start(deviations: Partial<OpenAITarget>, strict = false): TargetGateway {
  const destination = { method: 'POST', url: `${upstream.base}/chat/completions`, headers: [] } as const;
  const gateway = new TargetGateway({ wire: 'openai', model: 'm', destination, ...deviations }, { strict });
  gateways.push(gateway);
  return gateway;
}

const messages = [{ role: 'user', content: 'x' }];
const sent = (): string => upstream.requests.at(-1)?.body ?? '';
const answer = ({ socket }: RawRequest): void => void socket.write(jsonResponse(CHAT_ANSWER));

describe('a body that a provider needs otherwise', () => {
  const adjust: OpenAITarget['adjust'] = (body, { operation, surface, changes }) => {
    if (body.forbidden !== undefined) throw new GatewayError('invalid_body', 'That is forbidden.');
    const values = new Map<string, unknown>();
    if (body.seed !== undefined) values.set('seed', undefined).set('random_seed', body.seed);
    if (body.stop !== undefined) values.set('stop', [...(body.stop as string[]), `${operation}/${surface}`]);
    if (body.logit_bias !== undefined) {
      values.set('logit_bias', undefined);
      changes.dropped('logit_bias');
    }
    if (body.without_n === true) values.set('n', undefined);
    return values.size === 0 ? null : values;
  };

  test('is changed there, and nowhere else', async () => {
    play = answer;
    const gateway = start({ adjust });
    await gateway.openai({ messages, seed: 7, kept: { b: 1, a: 2 } });
    expect(sent()).toBe(
      '{"random_seed":7,"n":1,"model":"m","messages":[{"role":"user","content":"x"}],"kept":{"b":1,"a":2}}',
    );
    await gateway.openai({ messages, n: 2 });
    expect(sent()).toBe('{"model":"m","messages":[{"role":"user","content":"x"}],"n":2}');
  });

  test('is seen with what the dialect replaced, and knows its surface', async () => {
    play = answer;
    const gateway = start({ adjust });
    await gateway.mlflow({ messages, stop: 'END' });
    expect(JSON.parse(sent())).toMatchObject({ stop: ['END', 'chat/mlflow'], n: 1, model: 'm' });
    await gateway.openai({ messages, stop: ['END'] });
    expect(JSON.parse(sent())).toMatchObject({ stop: ['END', 'chat/standard'] });
  });

  test('gets no `n` where the provider has none', async () => {
    play = answer;
    await start({ adjust }).mlflow({ messages, without_n: true });
    expect(JSON.parse(sent())).toEqual({ messages, without_n: true, model: 'm' });
  });

  test('names what it lost, or is refused', async () => {
    play = answer;
    const changed = await start({ adjust }).openai({ messages, logit_bias: { 1: 2 } });
    expect([changed.status, changed.headers.get('x-sluice-changed')]).toEqual([200, 'logit_bias;dropped']);
    expect((await start({ adjust }, true).openai({ messages, logit_bias: {} })).status).toBe(422);
    expect((await start({ adjust }).mlflow({ messages, forbidden: 1 })).status).toBe(422);
  });
});

test('a `model` of the client is a parameter where the provider takes it', async () => {
  play = answer;
  const gateway = start({ takesModelParameter: true });
  await gateway.mlflow({ messages, model: 'mine' });
  expect(sent()).toBe('{"n":1,"messages":[{"role":"user","content":"x"}],"model":"mine"}');
  await gateway.mlflow({ messages, model: null });
  expect(JSON.parse(sent())).toEqual({ messages, model: 'm', n: 1 });
  await gateway.openai({ messages });
  expect(JSON.parse(sent())).toEqual({ messages, model: 'm', n: 1 });
  expect((await start({}).mlflow({ messages, model: 'mine' })).status).toBe(422);
});

describe('streams', () => {
  const streamed = (...chunks: JsonObject[]) => {
    const events = chunks.map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`).join('');
    return ({ socket }: RawRequest): void =>
      void socket.write(jsonResponse(`: ping\n\n${events}data: [DONE]\n\n`, '200 OK', 'text/event-stream'));
  };

  test('that carry usage unasked are not asked for it', async () => {
    play = streamed({ choices: [] });
    const gateway = start({ streamsUsageUnasked: true });
    await (await gateway.openai({ messages, stream: true, stream_options: { include_usage: true } })).text();
    expect(JSON.parse(sent())).toEqual({ messages, stream: true, model: 'm', n: 1 });
    await (await gateway.openai({ messages, stream: true })).text();
    expect(JSON.parse(sent())).toEqual({ messages, stream: true, model: 'm', n: 1 });
    await (await start({}).openai({ messages, stream: true })).text();
    expect(JSON.parse(sent())).toMatchObject({ stream_options: { include_usage: true } });
  });

  test('that stray from the format are mended chunk by chunk', async () => {
    const mendChunk = (chunk: JsonObject): boolean => {
      if (!Array.isArray(chunk.texts)) return false;
      const [content] = chunk.texts;
      chunk.choices = [{ index: 0, delta: { content }, finish_reason: null }];
      delete chunk.texts;
      return true;
    };
    const usage = { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 };
    play = streamed({ id: 'a', texts: ['é🚰'] }, { id: 'b', choices: [], usage });
    const gateway = start({ mendChunk });
    expect(await (await gateway.openai({ messages, stream: true })).text()).toBe(
      'data: {"id":"a","choices":[{"index":0,"delta":{"content":"é🚰"},"finish_reason":null}]}\n\n' +
        `data: {"id":"b","choices":[],"usage":${JSON.stringify(usage)}}\n\ndata: [DONE]\n\n`,
    );
    const mlflow = await (await gateway.mlflow({ messages, stream: true })).text();
    expect(mlflow).toContain('"content":"é🚰"');
    expect([gateway.tokens('prompt'), gateway.tokens('completion')]).toEqual([2, 4]);
  });
});

test('credentials that are fetched for a request go with it', async () => {
  play = answer;
  const gateway = start({ authorize: async ({ body }) => [['authorization', `Signed ${body.length}`]] });
  expect((await gateway.openai({ messages })).status).toBe(200);
  expect(upstream.requests.at(-1)?.head).toContain(`authorization: Signed ${sent().length}`);
});

test('an answer, or an error, names the upstream’s id of the request', async () => {
  play = ({ socket }) =>
    void socket.write(jsonResponse(CHAT_ANSWER, '200 OK', 'application/json', 'x-request-id: req-9\r\n'));
  const gateway = start({});
  expect((await gateway.openai({ messages })).headers.get('x-sluice-upstream-request-id')).toBe('req-9');
  play = ({ socket }) =>
    void socket.write(
      jsonResponse(
        { error: { message: 'no', code: 'c' } },
        '400 Bad Request',
        'application/json',
        'x-request-id: req-10\r\n',
      ),
    );
  const refused = await gateway.openai({ messages });
  expect(refused.headers.get('x-sluice-upstream-request-id')).toBe('req-10');
  expect(await refused.json()).toEqual({ error: { message: 'no', code: 'c' } });
});
