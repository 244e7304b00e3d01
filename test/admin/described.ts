import { expect } from 'bun:test';
import Ajv2020 from 'ajv/dist/2020.js';
import type { JsonObject } from '../../src/core/types.ts';
import type { TestApi } from './api.ts';

/** Checks an answer against the schema that the API's own description gives for it. */
export async function checkAnswer(
  api: TestApi,
  method: 'get' | 'post',
  path: string,
  status: number,
  body: JsonObject,
): Promise<void> {
  const document = await api.get('/openapi.json');
  const [name = ''] = path.split('?');
  const paths = document.paths as Record<string, Record<string, JsonObject>>;
  const described = paths[`/api/v1${name}`]?.[method];
  const components = document.components as { responses: { Error: JsonObject } };
  if (status === 200 && described === undefined) throw new Error(`${name} is not described`);
  const responses = (described?.responses ?? {}) as Record<string, JsonObject>;
  const response = status === 200 ? responses['200'] : components.responses.Error;
  const content = response?.content as Record<string, { schema: JsonObject }>;
  const ajv = new Ajv2020({ strict: false, allErrors: true, validateFormats: false });
  ajv.addSchema(document, 'api');
  const schema = JSON.parse(
    JSON.stringify(content['application/json']?.schema).replaceAll('"#/components', '"api#/components'),
  ) as JsonObject;
  const validate = ajv.compile(schema);
  validate(body);
  expect(validate.errors ?? []).toEqual([]);
}
