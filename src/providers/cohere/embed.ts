import type { Changes } from '../../core/neutral/changes.ts';
import type { NeutralEmbeddingsRequest } from '../../core/neutral/request.ts';
import type { NeutralEmbeddingsResponse } from '../../core/neutral/response.ts';
import type { JsonObject } from '../../core/types.ts';
import { isJsonObject } from '../../core/types.ts';
import { given, keepKnown, refuseNativeNames } from '../request-fields.ts';
import type { Wire } from '../wire.ts';
import { invalidAnswer, invalidParameter } from './errors.ts';
import { readUsage } from './usage.ts';

/** https://docs.cohere.com/reference/embed, beyond OpenAI's fields. */
const FIELDS: ReadonlySet<string> = new Set([
  'embedding_types',
  'input_type',
  'max_tokens',
  'output_dimension',
  'priority',
  'truncate',
]);

/** Models from v3 on must be told what the embeddings are for; most are kept to be searched. */
const DEFAULT_INPUT_TYPE = 'search_document';

/** Embeddings of either version. */
export function embeddings(model: string | null, version: 1 | 2): Wire {
  return {
    encode(request, changes) {
      if (request.operation !== 'embeddings') return {};
      refuseNativeNames(request.rest, { texts: 'input' });
      const texts = textsOf(request.input);
      return version === 1 && request.surface === 'mlflow'
        ? mlflowBody(model, texts, request.rest)
        : body(model, texts, request, version, changes);
    },
    decode,
  };
}

function textsOf(input: readonly unknown[]): readonly string[] {
  if (input.every((text) => typeof text === 'string')) return input;
  throw invalidParameter('Cohere embeds texts, not tokens.', 'input');
}

/** MLflow passes every field on; without an input type it cannot use the newer models. */
function mlflowBody(model: string | null, texts: readonly string[], rest: JsonObject): JsonObject {
  const needsType = /-v([3-9]|\d\d)/.test(model ?? '');
  return { model, texts, ...(needsType && { input_type: DEFAULT_INPUT_TYPE }), ...rest };
}

function body(
  model: string | null,
  texts: readonly string[],
  { rest }: NeutralEmbeddingsRequest,
  version: 1 | 2,
  changes: Changes,
): JsonObject {
  const { encoding_format: format, dimensions, ...further } = rest;
  if (version === 1 && dimensions !== undefined) changes.dropped('dimensions');
  return given({
    model,
    texts,
    input_type: DEFAULT_INPUT_TYPE,
    embedding_types: [format === 'base64' ? 'base64' : 'float'],
    output_dimension: version === 2 ? dimensions : undefined,
    ...keepKnown(further, FIELDS, changes),
  });
}

/** A list of vectors, or lists by the type that was asked for; of those, the first that came. */
function decode(answer: unknown): NeutralEmbeddingsResponse {
  const found = isJsonObject(answer) ? answer.embeddings : null;
  if (!isJsonObject(answer) || found === null) throw invalidAnswer("it has no 'embeddings'");
  const lists = isJsonObject(found) ? Object.values(found).find((list) => Array.isArray(list)) : found;
  if (!Array.isArray(lists)) throw invalidAnswer("'embeddings' holds no list");
  const vectors = lists.map((vector: unknown, index) => {
    if (!isVector(vector)) throw invalidAnswer(`embeddings[${index}] is no vector`);
    return vector;
  });
  return { operation: 'embeddings', model: null, embeddings: vectors, usage: readUsage(answer.meta) };
}

const isVector = (value: unknown): value is number[] | string =>
  typeof value === 'string' || (Array.isArray(value) && value.every((number) => typeof number === 'number'));
