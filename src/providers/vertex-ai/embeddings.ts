import type { NeutralEmbeddingsResponse } from '../../core/neutral/response.ts';
import { NO_USAGE, type Usage } from '../../core/neutral/usage.ts';
import { isJsonObject, type JsonObject } from '../../core/types.ts';
import { decodeEmbeddings, EMBEDDING_FIELDS, embeddingOptions, inputTexts, isVector } from '../gemini/embeddings.ts';
import { invalid } from '../gemini/response.ts';
import type { Wire } from '../wire.ts';

const EMBED_CONTENT_FIELDS = { ...EMBEDDING_FIELDS, auto_truncate: 'autoTruncate', autoTruncate: 'autoTruncate' };

/** Whether a model is asked by `embedContent`: those of Gemini but for the first, which has `predict`. */
export function hasEmbedContent(model: string): boolean {
  return model.includes('gemini') && model !== 'gemini-embedding-001';
}

/** One input a request. https://cloud.google.com/vertex-ai/generative-ai/docs/embeddings/get-text-embeddings */
export const embedContent: Wire = {
  encode: (request, changes) => {
    if (request.operation !== 'embeddings') return {};
    const parts = inputTexts(request).map((text) => ({ text }));
    const options = embeddingOptions(request, EMBED_CONTENT_FIELDS, changes);
    return { content: { parts }, ...(Object.keys(options).length > 0 && { embedContentConfig: options }) };
  },
  decode: decodeEmbeddings,
};

const PARAMETERS: ReadonlySet<string> = new Set(['outputDimensionality', 'autoTruncate']);

/** https://cloud.google.com/vertex-ai/generative-ai/docs/model-reference/text-embeddings-api */
export const predict: Wire = {
  encode: (request, changes) => {
    if (request.operation !== 'embeddings') return {};
    const instance: JsonObject = {};
    const parameters: JsonObject = {};
    const options = embeddingOptions(request, EMBED_CONTENT_FIELDS, changes);
    for (const name in options) {
      if (PARAMETERS.has(name)) parameters[name] = options[name];
      else instance[name === 'taskType' ? 'task_type' : name] = options[name];
    }
    const instances = inputTexts(request).map((content) => ({ content, ...instance }));
    return Object.keys(parameters).length > 0 ? { instances, parameters } : { instances };
  },
  decode: decodePredictions,
};

function decodePredictions(body: unknown): NeutralEmbeddingsResponse {
  if (!isJsonObject(body) || !Array.isArray(body.predictions)) throw invalid("no 'predictions'");
  const results = body.predictions.map((prediction: unknown) => {
    const result = isJsonObject(prediction) ? prediction.embeddings : null;
    if (isJsonObject(result) && isVector(result.values))
      return { values: result.values, statistics: result.statistics };
    throw invalid('a prediction without an embedding');
  });
  return {
    operation: 'embeddings',
    model: null,
    embeddings: results.map(({ values }) => values),
    usage: sumOf(results.map(({ statistics }) => statistics)),
  };
}

/** Null where the model does not count. */
function sumOf(statistics: readonly unknown[]): Usage | null {
  let input: number | null = null;
  for (const counted of statistics) {
    if (isJsonObject(counted) && typeof counted.token_count === 'number') input = (input ?? 0) + counted.token_count;
  }
  return input === null ? null : { ...NO_USAGE, input };
}
