import { describe, expect, test } from 'bun:test';
import { isJsonObject, type JsonObject } from '../core/types.ts';
import { fakeRegistry } from './fake-registry.ts';
import { buildJsonSchema } from './json-schema.ts';
import type { JsonSchema } from './known-keys.ts';

const schema = buildJsonSchema(fakeRegistry);
const model = schema.properties?.endpoints?.items?.properties?.model;

/** What the schema asks of `config` for a provider's name, as an editor finds it. */
function configFor(provider: string): JsonSchema[] {
  const rules = (model?.allOf ?? []) as ReadonlyArray<{ if: JsonObject; then: { properties: { config: JsonSchema } } }>;
  return rules
    .filter((rule) => {
      const properties = rule.if.properties;
      const condition =
        isJsonObject(properties) && isJsonObject(properties.provider) ? properties.provider.pattern : null;
      return new RegExp(String(condition)).test(provider);
    })
    .map((rule) => rule.then.properties.config);
}

describe('the JSON Schema', () => {
  test('offers the providers, and takes their other spellings', () => {
    const provider = model?.properties?.provider;
    const [names, ...patterns] = provider?.anyOf ?? [];
    expect(names?.enum).toEqual(['openai', 'mlflow-model-serving', 'made_up', 'also-made-up']);
    const takes = (text: string) => patterns.some(({ pattern }) => new RegExp(String(pattern)).test(text));
    expect(['OpenAI', 'MLFLOW_MODEL-SERVING', 'Made-Up'].every(takes)).toBe(true);
    expect(['openaix', 'xopenai', 'azuread'].some(takes)).toBe(false);
  });

  test('asks for the keys of the provider that is chosen, and for no others', () => {
    for (const spelling of ['openai', 'OpenAI']) {
      const [config, ...others] = configFor(spelling);
      expect(others).toEqual([]);
      expect(config?.required).toEqual(['openai_api_key']);
      expect(config?.additionalProperties).toBe(false);
    }
    expect(configFor('made-up')).toHaveLength(1);
    expect(configFor('unknown')).toEqual([]);
  });

  test('marks keys as values not to be shown', () => {
    expect(configFor('openai')[0]?.properties?.openai_api_key).toMatchObject({ type: 'string', writeOnly: true });
  });

  test('asks for what MLflow asks for, and allows blocks that hold anchors', () => {
    expect(schema.required).toEqual(['endpoints']);
    expect(schema.properties?.endpoints?.items?.required).toEqual(['name', 'endpoint_type', 'model']);
    expect(model?.required).toEqual(['provider', 'config']);
    expect(schema.patternProperties).toEqual({ '^x-': {} });
    expect(schema.$schema).toBe('http://json-schema.org/draft-07/schema#');
  });

  test('describes every key of the file', () => {
    const missing: string[] = [];
    const visit = (part: JsonSchema, path: string) => {
      for (const [key, property] of Object.entries(part.properties ?? {})) {
        if (typeof property.description !== 'string') missing.push(`${path}.${key}`);
        for (const branch of [property, ...(property.anyOf ?? [])]) {
          visit(branch, `${path}.${key}`);
          if (branch.items) visit(branch.items, `${path}.${key}[]`);
        }
      }
    };
    visit(schema, '');
    expect(missing).toEqual([]);
  });
});
