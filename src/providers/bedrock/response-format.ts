import type { Changes } from '../../core/neutral/changes.ts';
import type { ResponseFormat } from '../../core/neutral/request.ts';
import { isJsonObject, type JsonObject } from '../../core/types.ts';
import { answerSchema } from '../anthropic/schema.ts';
import type { Model } from './models.ts';

export interface FormatSettings {
  /** https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_OutputFormat.html */
  readonly textFormat?: JsonObject;
  /** For models that cannot be held to a format, only asked. */
  readonly instruction?: string;
}

export function convertFormat(format: ResponseFormat | undefined, model: Model, changes: Changes): FormatSettings {
  if (!format || format.type === 'text') return {};
  if (format.type !== 'json_schema') {
    changes.approximated('response_format');
    return { instruction: ONE_OBJECT };
  }
  const { json_schema: definition } = format;
  const { name, schema, strict, ...rest } = definition as JsonObject & typeof definition;
  for (const field in rest) if (field !== 'description') changes.dropped(`response_format.json_schema.${field}`);
  if (!schema) {
    changes.approximated('response_format');
    return { instruction: ONE_OBJECT };
  }
  if (!model.enforcesSchemas) {
    changes.approximated('response_format');
    return { instruction: `${ONE_OBJECT} It must be valid against this JSON Schema:\n${JSON.stringify(schema)}` };
  }
  const known = answerSchema(schema, true);
  if (known?.isChanged) changes.approximated('response_format');
  const jsonSchema = {
    schema: JSON.stringify(known?.value ?? closeObjects(schema)),
    ...(name !== undefined && { name }),
    ...(typeof rest.description === 'string' && { description: rest.description }),
  };
  return { textFormat: { type: 'json_schema', structure: { jsonSchema } } };
}

const ONE_OBJECT = 'Answer with one JSON object and nothing else: no text around it, no Markdown.';

/**
 * The schema with `additionalProperties: false` where an object leaves it open, as Bedrock demands. Whatever fits the
 * closed schema fits the open one too.
 */
export function closeObjects(schema: unknown): unknown {
  if (!isJsonObject(schema)) return schema;
  const closed: JsonObject = {};
  for (const [keyword, value] of Object.entries(schema)) closed[keyword] = closeKeyword(keyword, value);
  const isObject = schema.type === 'object' || isJsonObject(schema.properties);
  if (isObject && schema.additionalProperties === undefined) closed.additionalProperties = false;
  return closed;
}

function closeKeyword(keyword: string, value: unknown): unknown {
  switch (keyword) {
    case 'properties':
    case '$defs':
    case 'definitions':
      return isJsonObject(value)
        ? Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, closeObjects(inner)]))
        : value;
    case 'items':
    case 'not':
      return closeObjects(value);
    case 'anyOf':
    case 'allOf':
    case 'oneOf':
    case 'prefixItems':
      return Array.isArray(value) ? value.map(closeObjects) : value;
    default:
      return value;
  }
}
