import { isJsonObject } from '../core/types.ts';
import { inputSchema, type JsonSchema } from './known-keys.ts';
import { fileSchema } from './schema.ts';
import type { ProviderRegistry, ProviderRules } from './types.ts';

/**
 * A JSON Schema (draft 7, which editors' YAML servers complete best) of the configuration file: of the keys of every
 * provider, those of the provider that is chosen. https://json-schema.org/draft-07
 */
export function buildJsonSchema(providers: ProviderRegistry): JsonSchema {
  const file = closed(inputSchema(fileSchema));
  const properties = { ...file.properties };
  const endpoints = properties.endpoints;
  const endpoint = endpoints?.items;
  const model = endpoint?.properties?.model;
  if (!endpoints || !endpoint || !model) throw new Error('The schema of the file has no model');
  properties.endpoints = {
    ...endpoints,
    items: { ...endpoint, properties: { ...endpoint.properties, model: modelSchema(model, providers.all()) } },
  };
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Sluice configuration',
    description: 'The configuration file of the Sluice gateway; MLflow’s AI Gateway reads the same file.',
    ...withoutDialect(file),
    properties,
    // The custom of other formats for blocks that only hold anchors.
    patternProperties: { '^x-': {} },
  };
}

function modelSchema(model: JsonSchema, providers: readonly ProviderRules[]): JsonSchema {
  const provider = {
    description: model.properties?.provider?.description,
    type: 'string',
    // The enumeration is what editors offer; the patterns are what is accepted besides.
    anyOf: [{ enum: providers.map(({ name }) => name) }, ...providers.map(({ name }) => ({ pattern: spelling(name) }))],
  };
  return {
    ...model,
    required: ['provider', 'config'],
    properties: { ...model.properties, provider },
    allOf: providers.map((rules) => ({
      if: { required: ['provider'], properties: { provider: { pattern: spelling(rules.name) } } },
      // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
      then: { properties: { config: configSchema(rules) } },
    })),
  };
}

function configSchema(rules: ProviderRules): JsonSchema {
  return { description: `How to reach ${rules.displayName}.`, ...withoutDialect(closed(inputSchema(rules.schema))) };
}

/** Matches a provider's name as the gateway does: without regard to case, `-` and `_` being the same. */
function spelling(name: string): string {
  const letters = [...name].map((letter) => {
    if (letter === '-' || letter === '_') return '[-_]';
    const upper = letter.toUpperCase();
    return upper === letter ? letter : `[${upper}${letter}]`;
  });
  return `^${letters.join('')}$`;
}

/** Unknown keys are ignored, but editors should underline them, for most are misspelt. */
function closed(schema: JsonSchema): JsonSchema {
  const entries = Object.entries(schema).map(([keyword, value]) => [keyword, closedValue(value)]);
  const copy = Object.fromEntries(entries);
  const isClosable = isJsonObject(schema.properties) && schema.additionalProperties === undefined;
  return isClosable ? { ...copy, additionalProperties: false } : copy;
}

function closedValue(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(closedValue);
  return isJsonObject(value) ? closed(value) : value;
}

function withoutDialect({ $schema: _, ...schema }: JsonSchema): JsonSchema {
  return schema;
}
