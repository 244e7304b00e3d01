import { expect, test } from 'bun:test';
import { Validator } from '@seriousme/openapi-schema-validator';
import { ROUTES } from '../../src/admin/routes.ts';
import type { JsonObject } from '../../src/core/types.ts';
import { TestApi } from './api.ts';

const document = await new TestApi().get('/openapi.json');
const paths = document.paths as Record<string, Record<string, JsonObject>>;

test('is valid OpenAPI 3.1', async () => {
  const { valid, errors } = await new Validator().validate(structuredClone(document));
  expect(errors ?? []).toEqual([]);
  expect(valid).toBe(true);
});

test('describes every route with its parameters', () => {
  for (const { method, path, parameters, operationId } of ROUTES) {
    const operation = paths[`/api/v1${path}`]?.[method.toLowerCase()];
    expect(operation?.operationId).toBe(operationId);
    const named = (operation?.parameters ?? []) as Array<{ name: string; in: string; description?: string }>;
    const query = named.filter((parameter) => parameter.in === 'query');
    expect(query.map(({ name }) => name)).toEqual(Object.keys(parameters.shape));
    for (const { name, description } of query) expect([name, (description ?? '').length > 10]).toEqual([name, true]);
  }
  const ids = ROUTES.map(({ operationId }) => operationId);
  expect(new Set(ids).size).toBe(ids.length);
});

test('has no reference that leads nowhere', () => {
  const text = JSON.stringify(document);
  const references = new Set(
    [...text.matchAll(/"\$ref":"#\/components\/(\w+)\/(\w+)"/g)].map(([, kind, name]) => `${kind}/${name}`),
  );
  expect(references.size).toBeGreaterThan(10);
  const components = document.components as Record<string, JsonObject>;
  for (const reference of references) {
    const [kind = '', name = ''] = reference.split('/');
    expect([reference, components[kind]?.[name] !== undefined]).toEqual([reference, true]);
  }
  expect(text).not.toContain('$defs');
});
