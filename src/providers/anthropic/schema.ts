import type { JsonObject } from '../../core/types.ts';
import { isJsonObject } from '../../core/types.ts';

export interface AnswerSchema {
  readonly value: JsonObject;
  /** Something that the client's schema said is not said any more, or in words alone. */
  readonly isChanged: boolean;
}

/**
 * A JSON schema that the API takes for an answer: every object in it is closed. Null where one has no `properties`, for
 * such an object could not have any then. With `onlyKnown`, limits that the API refuses become part of a description.
 * https://docs.anthropic.com/en/docs/build-with-claude/structured-outputs#json-schema-limitations
 */
export function answerSchema(schema: JsonObject, onlyKnown: boolean): AnswerSchema | null {
  const walk = new SchemaWalk(onlyKnown);
  const value = walk.convert(schema);
  return walk.hasOpenObject ? null : { value, isChanged: walk.isChanged };
}

/** Keywords whose value is a schema, a list of schemas, or schemas by name. */
const SCHEMA: ReadonlySet<string> = new Set(['items', 'not', 'if', 'then', 'else', 'contains']);
const LISTS: ReadonlySet<string> = new Set(['anyOf', 'allOf', 'oneOf', 'prefixItems']);
const MAPS: ReadonlySet<string> = new Set(['properties', '$defs', 'definitions']);

const REFUSED: ReadonlySet<string> = new Set([
  'minimum',
  'maximum',
  'exclusiveMinimum',
  'exclusiveMaximum',
  'multipleOf',
  'minLength',
  'maxLength',
  'minItems',
  'maxItems',
  'uniqueItems',
  'minProperties',
  'maxProperties',
]);

class SchemaWalk {
  isChanged = false;
  hasOpenObject = false;
  readonly #onlyKnown: boolean;

  constructor(onlyKnown: boolean) {
    this.#onlyKnown = onlyKnown;
  }

  convert(schema: JsonObject): JsonObject {
    const converted: JsonObject = {};
    const limits: JsonObject = {};
    for (const [keyword, value] of Object.entries(schema)) {
      if (this.#onlyKnown && isRefused(keyword, value)) limits[keyword] = value;
      else if (keyword !== 'additionalProperties') converted[keyword] = this.#child(keyword, value);
    }
    if (isObjectSchema(schema)) this.#close(schema, converted);
    else if ('additionalProperties' in schema) converted.additionalProperties = schema.additionalProperties;
    if (Object.keys(limits).length > 0) {
      this.isChanged = true;
      const text = JSON.stringify(limits);
      converted.description = typeof schema.description === 'string' ? `${schema.description}\n\n${text}` : text;
    }
    return converted;
  }

  #close(schema: JsonObject, converted: JsonObject): void {
    if (!isJsonObject(schema.properties)) this.hasOpenObject = true;
    if (schema.additionalProperties !== undefined && schema.additionalProperties !== false) this.isChanged = true;
    converted.additionalProperties = false;
  }

  #child(keyword: string, value: unknown): unknown {
    if (SCHEMA.has(keyword)) return this.#convertIfSchema(value);
    if (LISTS.has(keyword) && Array.isArray(value)) return value.map((item) => this.#convertIfSchema(item));
    if (MAPS.has(keyword) && isJsonObject(value)) {
      return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, this.#convertIfSchema(item)]));
    }
    return value;
  }

  #convertIfSchema(value: unknown): unknown {
    return isJsonObject(value) ? this.convert(value) : value;
  }
}

function isObjectSchema({ type }: JsonObject): boolean {
  return type === 'object' || (Array.isArray(type) && type.includes('object'));
}

/** Lists may be asked to have an item. */
function isRefused(keyword: string, value: unknown): boolean {
  return REFUSED.has(keyword) && !(keyword === 'minItems' && (value === 0 || value === 1));
}
