import type { JsonObject } from '../../core/types.ts';
import { isJsonObject } from '../../core/types.ts';
import { camelKeys } from './fields.ts';

/**
 * A schema in the notation of OpenAPI 3.0, which this API has beside JSON Schema, as JSON Schema: types in lower case,
 * `nullable` as a type, counts as numbers. https://ai.google.dev/api/caching#Schema
 */
export function jsonSchemaOf(value: unknown): unknown {
  if (!isJsonObject(value)) return value;
  const schema = camelKeys(value);
  const converted: JsonObject = {};
  for (const field in schema) {
    const [name, member] = memberOf(field, schema[field]);
    if (member !== undefined && member !== null) converted[name] = member;
  }
  return schema.nullable === true ? nullable(converted) : converted;
}

const COUNTS: ReadonlySet<string> = new Set([
  'minItems',
  'maxItems',
  'minLength',
  'maxLength',
  'minProperties',
  'maxProperties',
]);

function memberOf(field: string, value: unknown): readonly [name: string, value: unknown] {
  switch (field) {
    case 'type':
      return [field, typeof value === 'string' ? typeOf(value) : value];
    case 'nullable':
      return [field, undefined];
    case 'format':
      // Says only that there is an `enum`.
      return [field, value === 'enum' ? undefined : value];
    case 'properties':
      return [field, isJsonObject(value) ? mapValues(value) : value];
    case 'defs':
    case '$defs':
      return ['$defs', isJsonObject(value) ? mapValues(value) : value];
    case 'ref':
      return ['$ref', value];
    case 'items':
    case 'additionalProperties':
      return [field, jsonSchemaOf(value)];
    case 'anyOf':
    case 'oneOf':
    case 'allOf':
    case 'prefixItems':
      return [field, Array.isArray(value) ? value.map(jsonSchemaOf) : value];
    default:
      // 64-bit numbers are texts in the JSON of protocol buffers.
      return [field, COUNTS.has(field) && typeof value === 'string' && value.trim() !== '' ? Number(value) : value];
  }
}

function typeOf(type: string): string | undefined {
  return type === 'TYPE_UNSPECIFIED' ? undefined : type.toLowerCase();
}

function mapValues(object: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(object).map(([name, value]) => [name, jsonSchemaOf(value)]));
}

function nullable(schema: JsonObject): JsonObject {
  const result = { ...schema };
  if (typeof schema.type === 'string') result.type = [schema.type, 'null'];
  else if (Array.isArray(schema.anyOf)) result.anyOf = [...schema.anyOf, { type: 'null' }];
  if (Array.isArray(schema.enum) && !schema.enum.includes(null)) result.enum = [...schema.enum, null];
  return result;
}
