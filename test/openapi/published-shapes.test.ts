import { describe, expect, test } from 'bun:test';
import { join } from 'node:path';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { isJsonObject, type JsonObject } from '../../src/core/types.ts';
import { eachEventData } from '../../src/dialects/sse.ts';
import { type NamedFixture, readFixtures } from '../providers/fixture.ts';
import { FixtureGateway } from '../providers/fixture-gateway.ts';
import { playedBytes } from '../providers/frames.ts';

/** OpenAI's own schemas of its answers: https://github.com/openai/openai-openapi */
const published: JsonObject = await Bun.file(join(import.meta.dir, 'openai-schemas.json')).json();
allowWhatTheApiSends();
const ajv = new Ajv2020({ strict: false, validateFormats: false, allErrors: true });
ajv.addSchema(published, 'openai');

/** Where OpenAI's own servers send null, or base64, and their schema does not say so. */
function allowWhatTheApiSends(): void {
  const nullable = (path: string) => {
    const names = path.split('.');
    const last = names.pop() ?? '';
    const parent = names.reduce<JsonObject>((at, name) => at[name] as JsonObject, published);
    parent[last] = { anyOf: [parent[last], { type: 'null' }] };
  };
  const completion = 'components.schemas.CreateCompletionResponse.properties';
  // In chunks before the last.
  nullable(`${completion}.choices.items.properties.finish_reason`);
  nullable(`${completion}.usage`);
  const response = published as {
    components: { schemas: Record<string, { allOf?: JsonObject[]; properties?: JsonObject }> };
  };
  for (const part of response.components.schemas.Response?.allOf ?? []) {
    const properties = part.properties as JsonObject | undefined;
    // While the response is in progress.
    if (properties?.usage) properties.usage = { anyOf: [properties.usage, { type: 'null' }] };
  }
  const embedding = published as { components: { schemas: { Embedding: { properties: { embedding: unknown } } } } };
  // Where the client asked for base64.
  const { properties } = embedding.components.schemas.Embedding;
  properties.embedding = { anyOf: [properties.embedding, { type: 'string' }] };
}

const schemas = new Map<string, ValidateFunction>();

function problems(name: string, value: unknown): string[] {
  const validate = schemas.get(name) ?? ajv.compile({ $ref: `openai#/components/schemas/${name}` });
  schemas.set(name, validate);
  if (validate(value)) return [];
  return (validate.errors ?? []).map(({ instancePath, message }) => `${name}${instancePath} ${message}`);
}

const WHOLE = {
  chat: 'CreateChatCompletionResponse',
  completions: 'CreateCompletionResponse',
  embeddings: 'CreateEmbeddingResponse',
} as const;

/** Those whose answers Sluice writes itself: what a provider of OpenAI's format sends is passed on as it is. */
const translated = (await readFixtures()).filter(
  (fixture) => fixture.status === 200 && fixture.surface === 'openai' && new FixtureGateway(fixture).translates,
);

async function chunksOf(fixture: NamedFixture): Promise<unknown[]> {
  const chunks: unknown[] = [];
  const { body } = await new FixtureGateway(fixture).ask(fixture.upstreamResponse.map(playedBytes));
  eachEventData(Buffer.from(body).toString('latin1'), (data) => {
    if (data !== '[DONE]') chunks.push(JSON.parse(Buffer.from(data, 'latin1').toString()));
  });
  return chunks;
}

const isStream = ({ request }: NamedFixture): boolean => request.stream === true;
const operationOf = ({ endpoint }: NamedFixture) =>
  endpoint.endpoint_type.slice('llm/v1/'.length) as keyof typeof WHOLE;

describe('answers on OpenAI’s surface are of the shapes that OpenAI publishes', () => {
  test('of every provider with a format of its own', () => {
    expect(translated.length).toBeGreaterThan(150);
  });

  for (const fixture of translated) {
    test(fixture.name, async () => {
      if (isStream(fixture)) {
        const chunk = operationOf(fixture) === 'chat' ? 'CreateChatCompletionStreamResponse' : WHOLE.completions;
        for (const value of await chunksOf(fixture)) {
          if (!isJsonObject(value) || value.error === undefined) expect(problems(chunk, value)).toEqual([]);
        }
        return;
      }
      const { body } = await new FixtureGateway(fixture).ask(fixture.upstreamResponse.map(playedBytes));
      expect(problems(WHOLE[operationOf(fixture)], JSON.parse(body))).toEqual([]);
    });
  }
});

describe('and so are those to clients of the Responses API', () => {
  for (const original of translated.filter((fixture) => operationOf(fixture) === 'chat')) {
    const request = { input: 'Hello', ...(isStream(original) && { stream: true }) };
    const fixture: NamedFixture = { ...original, surface: 'responses', request };
    test(fixture.name, async () => {
      if (isStream(fixture)) {
        for (const value of await chunksOf(fixture)) expect(problems('ResponseStreamEvent', value)).toEqual([]);
        return;
      }
      const { body } = await new FixtureGateway(fixture).ask(fixture.upstreamResponse.map(playedBytes));
      expect(problems('Response', JSON.parse(body))).toEqual([]);
    });
  }
});
