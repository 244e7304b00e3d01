import type { JsonObject } from '../../../core/types.ts';

/** Shorthands for JSON Schema 2020-12, the dialect of OpenAPI 3.1: https://spec.openapis.org/oas/v3.1.1.html#schema-object */

export const schemaRef = (name: string, extra: JsonObject = {}): JsonObject => ({
  $ref: `#/components/schemas/${name}`,
  ...extra,
});

export const string = (extra: JsonObject = {}): JsonObject => ({ type: 'string', ...extra });

export const integer = (extra: JsonObject = {}): JsonObject => ({ type: 'integer', ...extra });

export const number = (extra: JsonObject = {}): JsonObject => ({ type: 'number', ...extra });

export const list = (items: JsonObject, extra: JsonObject = {}): JsonObject => ({ type: 'array', items, ...extra });

/** Allows null beside the one type of a schema. */
export const nullable = (schema: JsonObject): JsonObject =>
  typeof schema.type === 'string' ? { ...schema, type: [schema.type, 'null'] } : { anyOf: [schema, { type: 'null' }] };

export const object = (
  properties: JsonObject,
  required: readonly string[] = [],
  extra: JsonObject = {},
): JsonObject => ({
  type: 'object',
  ...(required.length > 0 && { required }),
  properties,
  ...extra,
});
