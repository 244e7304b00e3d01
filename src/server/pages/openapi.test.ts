import { describe, expect, test } from 'bun:test';
import { NO_RECORDER } from '../../../test/support/recorder.ts';
import { loadConfig } from '../../config/load.ts';
import { GatewayError } from '../../core/errors.ts';
import { isJsonObject, type JsonObject, type Operation } from '../../core/types.ts';
import { PLAIN_PATH } from '../../dialects/dialect.ts';
import { mlflow } from '../../dialects/mlflow/index.ts';
import { compileSnapshot } from '../../gateway/compile.ts';
import { CounterTable, createCounterMemory } from '../../policies/limits/counter-table.ts';
import { providers } from '../../providers/index.ts';
import { Metrics } from '../../telemetry/metrics.ts';
import { compileRoutes } from '../route-table.ts';
import { openapiDocument } from './openapi.ts';

const TEXT = `
endpoints:
  - name: chat.a
    endpoint_type: llm/v1/chat
    model: { provider: simulated, name: a, config: {} }
    limit: { calls: 3, renewal_period: minute }
  - name: chat-b
    endpoint_type: llm/v1/chat
    model: { provider: simulated, name: b, config: {} }
  - name: text
    endpoint_type: llm/v1/completions
    model: { provider: simulated, name: t, config: {} }
  - name: vectors
    endpoint_type: llm/v1/embeddings
    model: { provider: simulated, name: v, config: {} }
  - name: later
    endpoint_type: llm/v1/chat
    model: { provider: sap-ai-core, name: g, config: {} }
routes:
  - name: both of them
    task_type: llm/v1/chat
    destinations:
      - { name: chat.a, traffic_percentage: 50 }
      - { name: chat-b, traffic_percentage: 50 }
`;

const unused = {
  prepare: () => ({
    send: () => {
      throw new Error('nothing is called in these tests');
    },
  }),
  request: () => {
    throw new Error('nothing is called in these tests');
  },
  upgrade: () => {
    throw new Error('nothing is called in these tests');
  },
  statistics: () => ({ open: 0, idle: 0 }),
  close: () => {},
};

function snapshotOf(text: string) {
  const { config } = loadConfig({ path: 'config.yaml', text, environment: {}, providers });
  const limits = new CounterTable(createCounterMemory());
  return compileSnapshot(config, { transport: unused, limits, metrics: new Metrics(), recorder: NO_RECORDER });
}

const snapshot = snapshotOf(TEXT);
const document = openapiDocument(snapshot, '1.2.3');
const paths = document.paths as Record<string, Record<string, JsonObject>>;

/** Every object in the document, with its path. */
function* objects(value: unknown, at = '#'): Generator<[string, JsonObject]> {
  if (Array.isArray(value)) for (const [index, item] of value.entries()) yield* objects(item, `${at}/${index}`);
  if (!isJsonObject(value)) return;
  yield [at, value];
  for (const [key, item] of Object.entries(value)) yield* objects(item, `${at}/${key}`);
}

function resolve(reference: string): unknown {
  let value: unknown = document;
  for (const part of reference.slice(2).split('/')) value = isJsonObject(value) ? value[part] : undefined;
  return value;
}

const operations = Object.entries(paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
);

describe('the OpenAPI document', () => {
  test('says what OpenAPI 3.1 requires', () => {
    expect(document.openapi).toBe('3.1.1');
    expect(document.info).toMatchObject({ title: 'Sluice', version: '1.2.3' });
    const ids = operations.map(({ operation }) => operation.operationId);
    expect(new Set(ids).size).toBe(ids.length);
    const tags = (document.tags as JsonObject[]).map(({ name }) => name);
    for (const { path, operation } of operations) {
      expect(path).toStartWith('/');
      for (const tag of operation.tags as string[]) expect(tags).toContain(tag);
      const responses = Object.entries(operation.responses as JsonObject);
      expect(responses.length).toBeGreaterThan(0);
      for (const [status, response] of responses) {
        expect(status).toMatch(/^([1-5]\d\d|default)$/);
        const { $ref, description } = response as JsonObject;
        expect(typeof ($ref ?? description)).toBe('string');
      }
    }
  });

  test('declares each parameter of its paths', () => {
    for (const { path, operation } of operations) {
      const templated = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      const parameters = (operation.parameters ?? []) as JsonObject[];
      const declared = parameters.filter((parameter) => parameter.in === 'path');
      expect(declared.map(({ name }) => name)).toEqual(templated);
      for (const parameter of declared) expect(parameter.required).toBe(true);
    }
  });

  test('has no reference that leads nowhere, and no component that nobody uses', () => {
    const references = new Set<string>();
    for (const [, value] of objects(document)) if (typeof value.$ref === 'string') references.add(value.$ref);
    expect(references.size).toBeGreaterThan(20);
    for (const reference of references)
      expect([reference, isJsonObject(resolve(reference))]).toEqual([reference, true]);
    for (const [kind, components] of Object.entries(document.components as Record<string, JsonObject>)) {
      for (const name of Object.keys(components)) expect([...references]).toContain(`#/components/${kind}/${name}`);
    }
  });

  test('has every path that the gateway answers', () => {
    const templates = Object.keys(paths).map(
      (path) => new RegExp(`^${path.replaceAll('.', '\\.').replace(/\{\w+\}/g, '[^/]+')}$`),
    );
    const redirects = ['/api/2.0/endpoints', '/api/2.0/gateway/routes'];
    const answered = [...compileRoutes(snapshot, []).keys()].filter((path) => !redirects.includes(path));
    for (const path of answered)
      expect([path, templates.some((template) => template.test(path))]).toEqual([path, true]);
    expect(Object.keys(paths)).toContain('/gateway/chat.a/invocations');
    expect(Object.keys(paths)).toContain('/gateway/both%20of%20them/invocations');
  });

  test('says where a call can stream and where it is limited', () => {
    const answers = (path: string) => paths[path]?.post?.responses as Record<string, JsonObject>;
    const streams = (path: string) =>
      Object.keys(answers(path)['200']?.content as JsonObject).includes('text/event-stream');
    expect(streams('/gateway/chat.a/invocations')).toBe(true);
    expect(streams('/gateway/vectors/invocations')).toBe(false);
    expect(streams('/gateway/later/invocations')).toBe(false);
    expect(Object.keys(answers('/gateway/chat.a/invocations'))).toContain('429');
    expect(Object.keys(answers('/gateway/both%20of%20them/invocations'))).toContain('429');
    expect(Object.keys(answers('/gateway/chat-b/invocations'))).not.toContain('429');
  });
});

describe('the request schemas', () => {
  const REQUIRED = {
    chat: { messages: [{ role: 'user', content: 'x' }] },
    completions: { prompt: 'x' },
    embeddings: { input: 'x' },
  };
  const accepts = (operation: Operation, body: JsonObject): boolean => {
    try {
      mlflow.check(operation, body, false, PLAIN_PATH);
      return true;
    } catch (error) {
      if (error instanceof GatewayError) return false;
      throw error;
    }
  };

  test('come with examples that the gateway takes', () => {
    for (const [path, operation] of [
      ['/gateway/chat.a/invocations', 'chat'],
      ['/gateway/text/invocations', 'completions'],
      ['/gateway/vectors/invocations', 'embeddings'],
    ] as const) {
      const body = paths[path]?.post?.requestBody as { content: Record<string, { example: JsonObject }> };
      expect(accepts(operation, body.content['application/json']?.example ?? {})).toBe(true);
    }
  });

  test.each(['chat', 'completions'] as const)('state the bounds that the gateway checks: %s', (operation) => {
    const name = operation === 'chat' ? 'ChatRequest' : 'CompletionsRequest';
    const { properties } = resolve(`#/components/schemas/${name}`) as { properties: Record<string, JsonObject> };
    let bounds = 0;
    for (const [field, { minimum, maximum }] of Object.entries(properties)) {
      for (const [bound, beyond] of [
        [minimum, -1],
        [maximum, 1],
      ] as const) {
        if (typeof bound !== 'number') continue;
        bounds += 1;
        expect([field, bound, accepts(operation, { ...REQUIRED[operation], [field]: bound })]).toEqual([
          field,
          bound,
          true,
        ]);
        expect([field, beyond, accepts(operation, { ...REQUIRED[operation], [field]: bound + beyond })]).toEqual([
          field,
          beyond,
          false,
        ]);
      }
    }
    expect(bounds).toBe(12);
  });
});
