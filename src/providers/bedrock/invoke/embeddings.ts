import { GatewayError } from '../../../core/errors.ts';
import type { Changes } from '../../../core/neutral/changes.ts';
import type { NeutralEmbeddingsRequest } from '../../../core/neutral/request.ts';
import type { NeutralEmbeddingsResponse } from '../../../core/neutral/response.ts';
import { isJsonObject, type JsonObject } from '../../../core/types.ts';
import type { Wire } from '../../wire.ts';
import { invalidAnswer } from '../errors.ts';
import type { Model } from '../models.ts';
import { plainUsage } from '../usage.ts';

interface EmbeddingsFormat {
  /** Where the API has the length of a vector. */
  setDimensions(body: JsonObject, dimensions: unknown): boolean;
  /** Fields of the client's body that the API has too. */
  readonly own: readonly string[];
  texts(texts: readonly string[]): JsonObject;
  decode(body: JsonObject): NeutralEmbeddingsResponse;
}

/** Takes one text. https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-titan-embed-text.html */
const TITAN: EmbeddingsFormat = {
  setDimensions: () => false,
  own: [],
  texts: ([inputText = '']) => ({ inputText }),
  decode: (body) => ({
    operation: 'embeddings',
    model: null,
    embeddings: [vectorOf(body.embedding)],
    usage: plainUsage(body.inputTextTokenCount, 0),
  }),
};

const TITAN_2: EmbeddingsFormat = {
  ...TITAN,
  own: ['normalize'],
  setDimensions: (body, dimensions) => {
    body.dimensions = dimensions;
    return true;
  },
};

/** https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-titan-embed-mm.html */
const TITAN_IMAGE: EmbeddingsFormat = {
  ...TITAN,
  setDimensions: (body, outputEmbeddingLength) => {
    body.embeddingConfig = { outputEmbeddingLength };
    return true;
  },
};

/** Takes many texts. https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-embed.html */
const COHERE: EmbeddingsFormat = {
  setDimensions: () => false,
  own: ['input_type', 'truncate'],
  texts: (texts) => ({ texts, input_type: 'search_document' }),
  decode: (body) => ({
    operation: 'embeddings',
    model: null,
    embeddings: cohereVectors(body.embeddings),
    usage: null,
  }),
};

const COHERE_4: EmbeddingsFormat = {
  ...COHERE,
  own: ['input_type', 'truncate', 'max_tokens'],
  setDimensions: (body, dimensions) => {
    body.output_dimension = dimensions;
    return true;
  },
};

export function takesManyTexts({ vendor }: Model): boolean {
  return vendor === 'cohere';
}

function formatOf({ vendor, id }: Model): EmbeddingsFormat {
  if (vendor === 'cohere') return id.includes('embed-v4') ? COHERE_4 : COHERE;
  if (id.includes('titan-embed-image')) return TITAN_IMAGE;
  return id.includes('titan-embed-text-v2') ? TITAN_2 : TITAN;
}

export function embeddingsWire(model: Model): Wire {
  const format = formatOf(model);
  return {
    encode: (request, changes) => {
      if (request.operation !== 'embeddings') throw new GatewayError('not_implemented', 'This model only embeds.');
      return encode(request, format, changes);
    },
    decode: (body) => {
      if (!isJsonObject(body)) throw invalidAnswer('no JSON object');
      return format.decode(body);
    },
  };
}

function encode({ input, rest }: NeutralEmbeddingsRequest, format: EmbeddingsFormat, changes: Changes): JsonObject {
  const body = format.texts(input.map(textOf));
  for (const field in rest) {
    const value = rest[field];
    if (field === 'dimensions' && format.setDimensions(body, value)) continue;
    // Vectors of numbers are all that there is, and the common default.
    if (field === 'encoding_format' && value === 'float') continue;
    if (format.own.includes(field)) body[field] = value;
    else changes.dropped(field);
  }
  return body;
}

function textOf(input: unknown): string {
  if (typeof input === 'string') return input;
  throw new GatewayError('invalid_body', 'Amazon Bedrock embeds texts, no lists of token numbers.', {
    parameter: 'input',
  });
}

/** A list of vectors, or `{"float": […]}` where a request names the types that it wants. */
function cohereVectors(embeddings: unknown): number[][] {
  const list = isJsonObject(embeddings) ? embeddings.float : embeddings;
  if (!Array.isArray(list)) throw invalidAnswer("no list in 'embeddings'");
  return list.map(vectorOf);
}

function vectorOf(vector: unknown): number[] {
  if (!Array.isArray(vector) || !vector.every((value) => typeof value === 'number')) {
    throw invalidAnswer('an embedding that is no list of numbers');
  }
  return vector;
}
