import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { loadConfig } from '../../src/config/load.ts';
import { type DialectName, isJsonObject, type JsonObject, type Operation } from '../../src/core/types.ts';
import { compileSnapshot } from '../../src/gateway/compile.ts';
import { CounterTable, createCounterMemory } from '../../src/policies/limits/counter-table.ts';
import { providers } from '../../src/providers/index.ts';
import { compileRoutes, type Invocation } from '../../src/server/route-table.ts';
import { Metrics } from '../../src/telemetry/metrics.ts';
import { createTransport } from '../../src/upstream/transport.ts';
import { endpoint, type RunningGateway, startGateway } from '../support/gateway.ts';
import { NO_RECORDER } from '../support/recorder.ts';

const CALLS = 200;
const OPERATIONS: readonly Operation[] = ['chat', 'completions', 'embeddings'];

const CONFIG = {
  endpoints: OPERATIONS.map((operation) =>
    endpoint(operation, operation, 'simulated', {}, { limit: { calls: CALLS, key: 'global', renewal_period: 'hour' } }),
  ),
};

/** Every path that calls a model, from the table that the gateway itself goes by. */
function invocations(): Array<readonly [path: string, invocation: Invocation]> {
  const text = JSON.stringify(CONFIG);
  const { config } = loadConfig({ path: 'config.yaml', text, environment: {}, providers });
  const limits = new CounterTable(createCounterMemory(3));
  const snapshot = compileSnapshot(config, {
    transport: createTransport({}),
    limits,
    metrics: new Metrics(),
    recorder: NO_RECORDER,
  });
  const entries = [...compileRoutes(snapshot, [])].flatMap(([path, routes]) =>
    routes.flatMap((route) => (route.kind === 'invocation' ? [[path, route] as const] : [])),
  );
  // No path calls two.
  expect(new Set(entries.map(([path]) => path)).size).toBe(entries.length);
  return entries;
}

const MESSAGES = [{ role: 'user', content: 'x' }];
const OPENAI: Readonly<Record<Operation, JsonObject>> = {
  chat: { messages: MESSAGES },
  completions: { prompt: 'x' },
  embeddings: { input: 'x' },
};
const GEMINI = { contents: [{ role: 'user', parts: [{ text: 'x' }] }] };
const EMBED = { content: { parts: [{ text: 'x' }] } };

/** A body that the route takes, and what its client may say that this provider cannot take. */
function bodyOf({ dialect, operation, callable, path }: Invocation): { body: JsonObject; lossy: JsonObject } {
  const named = callable === null ? { model: operation } : {};
  const bodies: Readonly<Record<DialectName, { body: JsonObject; lossy: JsonObject }>> = {
    mlflow: { body: OPENAI[operation], lossy: {} },
    openai: { body: OPENAI[operation], lossy: {} },
    responses: { body: { input: 'x' }, lossy: { truncation: 'auto' } },
    anthropic: { body: { messages: MESSAGES, max_tokens: 5 }, lossy: { top_k: 3 } },
    gemini:
      operation === 'embeddings'
        ? { body: path.batch ? { requests: [EMBED] } : EMBED, lossy: {} }
        : { body: GEMINI, lossy: { generationConfig: { topK: 3 } } },
  };
  const { body, lossy } = bodies[dialect.name];
  return { body: { ...named, ...body }, lossy };
}

let gateway: RunningGateway;
beforeAll(async () => {
  gateway = await startGateway(CONFIG);
});
afterAll(() => gateway.stop());

/** How many requests an endpoint has answered, by the gateway's own count. */
async function counted(operation: Operation): Promise<number> {
  const text = await (await fetch(`${gateway.url}/metrics`)).text();
  const lines = text.split('\n').filter((line) => line.startsWith(`sluice_requests_total{endpoint="${operation}"`));
  return lines.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
}

const remaining = (response: Response) => Number(/;r=(\d+)/.exec(response.headers.get('ratelimit') ?? '')?.[1]);

describe('every path that calls a model', () => {
  const left: Record<Operation, number> = { chat: CALLS, completions: CALLS, embeddings: CALLS };

  test.each(invocations())('%s is counted by the limit and the metrics', async (path, invocation) => {
    const { operation } = invocation;
    const before = await counted(operation);
    const response = await gateway.post(path, bodyOf(invocation).body);
    await response.bytes();
    expect(response.status).toBe(200);
    left[operation] -= 1;
    expect(remaining(response)).toBe(left[operation]);
    expect(await counted(operation)).toBe(before + 1);
  });

  // What passes as it is loses nothing, and a count is of the request alone.
  const translated = invocations().filter(
    ([, invocation]) => Object.keys(bodyOf(invocation).lossy).length > 0 && invocation.path.action === 'generate',
  );

  test.each(translated)('%s names what is lost, and is refused where nothing may be', async (path, invocation) => {
    const { body, lossy } = bodyOf(invocation);
    const named = await gateway.post(path, { ...body, ...lossy });
    await named.bytes();
    expect(named.headers.get('x-sluice-changed')).toMatch(/top_?k|truncation/i);
    const headers = { 'content-type': 'application/json', 'x-sluice-strict': 'true' };
    const refused = await gateway.post(path, { ...body, ...lossy }, { headers });
    expect([refused.status, await refused.text()]).toEqual([422, expect.stringContaining('strict')]);
    left[invocation.operation] -= 2;
  });

  test('when the limit is reached, all of them are refused, each in its own shape', async () => {
    for (const operation of OPERATIONS) {
      const [path, invocation] = invocations().find(([, found]) => found.operation === operation) ?? [];
      if (path === undefined || invocation === undefined) throw new Error(`no path for ${operation}`);
      for (; left[operation] > 0; left[operation] -= 1) await gateway.post(path, bodyOf(invocation).body);
    }
    for (const [path, invocation] of invocations()) {
      const response = await gateway.post(path, bodyOf(invocation).body);
      const body = (await response.json()) as JsonObject;
      expect({ path, status: response.status }).toEqual({ path, status: 429 });
      expect(response.headers.get('retry-after')).toMatch(/^\d+$/);
      expect(SHAPES[invocation.dialect.name](body)).toContain('Rate limit exceeded');
    }
  });
});

/** MLflow's error is a text, and all others an object. */
interface ErrorBody {
  readonly type?: string;
  readonly error?: unknown;
}

const inside = ({ error }: ErrorBody) => (isJsonObject(error) ? error : {});

const SHAPES: Readonly<Record<DialectName, (body: ErrorBody) => unknown>> = {
  mlflow: ({ error }) => error,
  openai: (body) => inside(body).message,
  responses: (body) => inside(body).message,
  anthropic: (body) => body.type === 'error' && inside(body).type === 'rate_limit_error' && inside(body).message,
  gemini: (body) => inside(body).status === 'RESOURCE_EXHAUSTED' && inside(body).message,
};
