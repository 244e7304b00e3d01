import type { NeutralEmbeddingsRequest } from '../../core/neutral/request.ts';
import type { NeutralEmbeddingsResponse } from '../../core/neutral/response.ts';
import type { JsonObject } from '../../core/types.ts';
import type { CheckedRequest } from '../dialect.ts';
import { invalid, listAt, members, objectAt, optionalObject } from './fields.ts';
import { encodeUsage } from './usage.ts';

/** https://ai.google.dev/api/embeddings */
export function decodeEmbeddings({ body, path }: CheckedRequest): NeutralEmbeddingsRequest {
  const whole = objectAt(body, 'body');
  const isBatch = path.batch === true;
  const requests = isBatch
    ? listAt(whole.requests).map((request, index) => objectAt(request, `requests[${index}]`))
    : [whole];
  return {
    operation: 'embeddings',
    surface: 'standard',
    input: requests.map(({ content }, index) => textOf(content, isBatch ? `requests[${index}].content` : 'content')),
    rest: optionsOf(requests.map(readOptions)),
  };
}

function textOf(value: unknown, path: string): string {
  const texts = listAt(objectAt(value, path).parts).map((value, index) => {
    const part = objectAt(value, `${path}.parts[${index}]`);
    if (typeof part.text === 'string') return part.text;
    throw invalid(`Invalid value at '${path}.parts[${index}]': only text can be embedded here.`, path);
  });
  return texts.join('\n');
}

/** What a request says beside its content, under the names that other APIs have for it. */
function readOptions(request: JsonObject): JsonObject {
  const options: JsonObject = {};
  const { embedContentConfig, ...fields } = request;
  for (const holder of [fields, optionalObject(embedContentConfig, 'embedContentConfig') ?? {}]) {
    for (const [field, value] of members(holder)) {
      if (field === 'outputDimensionality') options.dimensions = value;
      else if (field !== 'content' && field !== 'model') options[field] = value;
    }
  }
  return options;
}

/** The options that all requests share; with others they are kept apart, request by request. */
function optionsOf(all: readonly JsonObject[]): JsonObject {
  const [first = {}, ...others] = all;
  const shared = Object.entries(first).filter(([field, value]) =>
    others.every((options) => JSON.stringify(options[field]) === JSON.stringify(value)),
  );
  const names = new Set(shared.map(([field]) => field));
  const apart = all.map((options) => Object.entries(options).filter(([field]) => !names.has(field)));
  const rest = Object.fromEntries(shared);
  return apart.every((options) => options.length === 0)
    ? rest
    : { ...rest, requests: apart.map((options) => Object.fromEntries(options)) };
}

export function encodeEmbeddings(response: NeutralEmbeddingsResponse, isBatch: boolean): JsonObject {
  const embeddings = response.embeddings.map((embedding) => ({
    values: typeof embedding === 'string' ? floatsOf(embedding) : embedding,
  }));
  return {
    ...(isBatch ? { embeddings } : { embedding: embeddings[0] ?? { values: [] } }),
    ...(response.usage && { usageMetadata: embeddingUsage(encodeUsage(response.usage)) }),
    ...response.rest,
  };
}

/** Nothing is generated, so there is nothing but a prompt. */
function embeddingUsage({ candidatesTokenCount: _none, ...usage }: JsonObject): JsonObject {
  return usage;
}

/** Little-endian 32-bit floats, as OpenAI sends them in base64. */
function floatsOf(base64: string): number[] {
  const bytes = Buffer.from(base64, 'base64');
  return Array.from({ length: Math.floor(bytes.length / 4) }, (_, index) => bytes.readFloatLE(index * 4));
}
