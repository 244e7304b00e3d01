import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import type { JsonObject } from '../../src/core/types.ts';
import { type RunningGateway, startGateway } from '../support/gateway.ts';
import { jsonResponse, type RawUpstream, startRawUpstream } from '../support/raw-upstream.ts';
import { VENDORS } from '../support/vendors.ts';

let gateway: RunningGateway;
let upstream: RawUpstream;

beforeAll(async () => {
  upstream = await startRawUpstream(({ socket }) => void socket.write(jsonResponse(VENDORS.anthropic.text)));
  const simulated = (name: string, operation: string) => ({
    name,
    endpoint_type: `llm/v1/${operation}`,
    model: { provider: 'simulated', name: 'm', config: { reply: 'hi' } },
  });
  gateway = await startGateway({
    endpoints: [
      simulated('chat', 'chat'),
      simulated('a.embed', 'embeddings'),
      VENDORS.anthropic.endpoint('claude', upstream.base),
    ],
  });
});

afterAll(async () => {
  await gateway.stop();
  upstream.stop();
});

const MESSAGES = { messages: [{ role: 'user', content: 'x' }] };

async function asked(path: string, body: unknown): Promise<[status: number, body: JsonObject]> {
  const response = await gateway.post(path, body);
  return [response.status, (await response.json()) as JsonObject];
}

describe('the routes of MLflow’s tracking server', () => {
  test('answer in MLflow’s shape, by path and by model', async () => {
    const byPath = await asked('/gateway/chat/mlflow/invocations', MESSAGES);
    const byModel = await asked('/gateway/mlflow/v1/chat/completions', { model: 'chat', ...MESSAGES });
    for (const [status, body] of [byPath, byModel]) {
      expect([status, body]).toMatchObject([200, { provider: 'simulated', choices: [{ message: { refusal: null } }] }]);
    }
    const embedding = { object: 'list', data: [{ object: 'embedding', index: 0 }] };
    expect(await asked('/gateway/a.embed/mlflow/invocations', { input: 'x' })).toMatchObject([200, embedding]);
    expect(await asked('/gateway/mlflow/v1/embeddings', { model: 'a.embed', input: 'x' })).toMatchObject([
      200,
      embedding,
    ]);
  });

  test('scale the temperature as MLflow does', async () => {
    await asked('/gateway/claude/mlflow/invocations', { ...MESSAGES, temperature: 1 });
    expect(JSON.parse(upstream.requests.at(-1)?.body ?? '')).toMatchObject({ temperature: 0.5 });
    await asked('/gateway/mlflow/v1/chat/completions', { model: 'claude', ...MESSAGES, temperature: 1 });
    expect(JSON.parse(upstream.requests.at(-1)?.body ?? '')).toMatchObject({ temperature: 0.5, model: 'm' });
  });

  test('stream without a sentinel', async () => {
    const response = await gateway.post('/gateway/chat/mlflow/invocations', { ...MESSAGES, stream: true });
    const text = await response.text();
    expect(text).toContain('"chat.completion.chunk"');
    expect(text).not.toContain('[DONE]');
  });

  test('list the endpoints in order', async () => {
    const list = await (await fetch(`${gateway.url}/gateway/mlflow/v1/models`)).json();
    const model = (id: string) => ({ id, object: 'model', created: 0, owned_by: 'mlflow' });
    expect(list).toEqual({ object: 'list', data: ['a.embed', 'chat', 'claude'].map(model) });
  });

  const notFound = (name: string) => ({
    detail: { error_code: 'RESOURCE_DOES_NOT_EXIST', message: `GatewayEndpoint not found (name='${name}')` },
  });

  test.each<[string, string, unknown, number, unknown]>([
    [
      'a malformed body',
      '/gateway/chat/mlflow/invocations',
      '{"a":\n x}',
      400,
      { detail: 'Invalid JSON payload: Expecting value: line 2 column 2 (char 7)' },
    ],
    [
      'an empty body',
      '/gateway/mlflow/v1/chat/completions',
      '',
      400,
      { detail: expect.stringContaining('Invalid JSON payload: Expecting value: line 1 column 1 (char 0)') },
    ],
    ['an unknown endpoint in the path', '/gateway/nope/mlflow/invocations', MESSAGES, 404, notFound('nope')],
    ['an unknown model', '/gateway/mlflow/v1/chat/completions', { model: 'x', ...MESSAGES }, 404, notFound('x')],
    [
      'no model',
      '/gateway/mlflow/v1/chat/completions',
      MESSAGES,
      400,
      { detail: "Missing required 'model' parameter in request body" },
    ],
    [
      'neither messages nor input',
      '/gateway/chat/mlflow/invocations',
      { prompt: 'x' },
      400,
      { detail: expect.stringMatching(/^Invalid request: payload format must be either chat or embeddings/) },
    ],
    [
      'a field of another type',
      '/gateway/mlflow/v1/chat/completions',
      { model: 'chat', messages: 'x' },
      400,
      { detail: expect.stringMatching(/^Invalid chat payload: 1 validation error for RequestPayload\nmessages\n/) },
    ],
    [
      'a model beside a path',
      '/gateway/chat/mlflow/invocations',
      { model: 'chat', ...MESSAGES },
      422,
      { detail: expect.stringContaining("'model' is not permitted") },
    ],
    [
      'an endpoint of another operation',
      '/gateway/mlflow/v1/embeddings',
      { model: 'chat', input: 'x' },
      400,
      { detail: "Endpoint 'chat' is not an embeddings endpoint." },
    ],
  ])('refuse %s', async (_what, path, body, status, answer) => {
    expect(await asked(path, body)).toEqual([status, answer as JsonObject]);
  });
});
