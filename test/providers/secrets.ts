import { inputSchema, type JsonSchema } from '../../src/config/known-keys.ts';
import { isJsonObject, type JsonObject } from '../../src/core/types.ts';
import { providers } from '../../src/providers/index.ts';
import type { NamedFixture } from './fixture.ts';

/** The values of a model's configuration that nobody may be shown. */
export function secretsOf({ provider, config }: NamedFixture['endpoint']['model']): string[] {
  const found = providers.find(provider);
  return found ? below(config, inputSchema(found.schema)) : [];
}

function below(config: JsonObject, schema: JsonSchema): string[] {
  const branches = alternatives(schema);
  return Object.entries(config).flatMap(([key, value]) => {
    const properties = branches.flatMap((branch): JsonSchema[] => {
      const property = branch.properties?.[key];
      return property ? [property] : [];
    });
    if (isJsonObject(value)) return properties.flatMap((property) => below(value, property));
    const isSecret = properties.flatMap(alternatives).some(({ writeOnly }) => writeOnly === true);
    return isSecret && typeof value === 'string' ? [value] : [];
  });
}

function alternatives(schema: JsonSchema): JsonSchema[] {
  return [schema, ...(schema.anyOf ?? []).flatMap((inner) => alternatives(inner))];
}
