import { GatewayError } from '../../core/errors.ts';
import { readUsage } from '../../core/gemini/usage.ts';
import type { Changes } from '../../core/neutral/changes.ts';
import type { NeutralEmbeddingsRequest } from '../../core/neutral/request.ts';
import type { NeutralEmbeddingsResponse } from '../../core/neutral/response.ts';
import { isJsonObject, type JsonObject } from '../../core/types.ts';
import type { Wire } from '../wire.ts';
import { invalid } from './response.ts';

/** What a request for embeddings may say besides its input, under the names of the API. */
export const EMBEDDING_FIELDS: Readonly<Record<string, string>> = {
  dimensions: 'outputDimensionality',
  output_dimensionality: 'outputDimensionality',
  outputDimensionality: 'outputDimensionality',
  task_type: 'taskType',
  taskType: 'taskType',
  title: 'title',
};

/**
 * `embedContent` for one input and `batchEmbedContents` for several. `model` is the resource, `models/…`.
 * https://ai.google.dev/api/embeddings
 */
export function embedContent(model: string): Wire {
  return {
    encode: (request, changes) => {
      if (request.operation !== 'embeddings') return {};
      const options = embeddingOptions(request, EMBEDDING_FIELDS, changes);
      const contents = inputTexts(request).map((text) => ({ content: { parts: [{ text }] }, ...options }));
      const [first] = contents;
      return first && contents.length === 1 ? first : { requests: contents.map((content) => ({ model, ...content })) };
    },
    decode: decodeEmbeddings,
  };
}

/** The input as texts. Throws a 422 for tokens, which are those of another provider's models. */
export function inputTexts({ input }: NeutralEmbeddingsRequest): string[] {
  return input.map((text) => {
    if (typeof text === 'string') return text;
    throw new GatewayError('invalid_body', 'The input must be text: this provider does not take tokens.', {
      parameter: 'input',
    });
  });
}

/** The fields of a request under the names of `names`; others are noted as dropped. */
export function embeddingOptions(
  { rest }: NeutralEmbeddingsRequest,
  names: Readonly<Record<string, string>>,
  changes: Changes,
): JsonObject {
  const options: JsonObject = {};
  for (const field in rest) {
    const name = Object.hasOwn(names, field) ? names[field] : undefined;
    if (name !== undefined) options[name] = rest[field];
    // The gateway itself sees to the form in which the client gets them.
    else if (field !== 'encoding_format') changes.dropped(field);
  }
  return options;
}

/** The answer of both methods. */
export function decodeEmbeddings(body: unknown): NeutralEmbeddingsResponse {
  if (!isJsonObject(body)) throw invalid('no object');
  const list: readonly unknown[] = Array.isArray(body.embeddings) ? body.embeddings : [body.embedding];
  return {
    operation: 'embeddings',
    model: null,
    embeddings: list.map((embedding) => {
      if (isJsonObject(embedding) && isVector(embedding.values)) return embedding.values;
      throw invalid('an embedding without its values');
    }),
    usage: isJsonObject(body.usageMetadata) ? readUsage(body.usageMetadata) : null,
  };
}

export function isVector(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'number');
}
