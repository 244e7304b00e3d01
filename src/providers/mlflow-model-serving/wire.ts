import { GatewayError } from '../../core/errors.ts';
import type { NeutralRequest, NeutralResponse, TokenCounts } from '../../core/neutral.ts';
import type { JsonObject } from '../../core/types.ts';
import { isJsonObject } from '../../core/types.ts';
import type { Wire } from '../wire.ts';

const UNKNOWN: TokenCounts = { prompt: null, completion: null, total: null };

export function chat(model: string | null): Wire {
  return { encode: encodeChat, decode: (body) => textResponse('chat', model, body) };
}

export function completions(model: string | null): Wire {
  return { encode: encodeCompletions, decode: (body) => textResponse('completions', model, body) };
}

export function embeddings(model: string | null): Wire {
  return { encode: encodeEmbeddings, decode: (body, text) => embeddingsResponse(model, body, text) };
}

function encodeChat(request: NeutralRequest): JsonObject {
  if (request.operation !== 'chat') return {};
  const count = request.messages.length;
  if (count !== 1) {
    throw new GatewayError(
      'invalid_body',
      'MLflow chat models are only capable of processing a single query at a time. The request submitted consists of ' +
        `${count} queries.`,
      { parameter: 'messages' },
    );
  }
  return withParameters([request.messages[0]?.content ?? null], request.rest);
}

function encodeCompletions(request: NeutralRequest): JsonObject {
  return request.operation === 'completions' ? withParameters([request.prompt], request.rest) : {};
}

function encodeEmbeddings(request: NeutralRequest): JsonObject {
  return request.operation === 'embeddings' ? withParameters(request.input, request.rest) : {};
}

function withParameters(inputs: readonly unknown[], parameters: JsonObject): JsonObject {
  return Object.keys(parameters).length === 0 ? { inputs } : { inputs, params: parameters };
}

function textResponse(operation: 'chat' | 'completions', model: string | null, body: unknown): NeutralResponse {
  const predictions = predictionsOf(body);
  const texts = Array.isArray(predictions) ? predictions : choicesOf(predictions);
  if (texts.length === 0) throw invalid('an empty list');
  const choices = texts.map((text, index) => {
    if (typeof text !== 'string') throw invalid(`predictions[${index}], which should be a string, as ${kind(text)}`);
    return { text, finishReason: null };
  });
  return { operation, id: null, model, choices, usage: UNKNOWN };
}

/** A model may answer with a dictionary: the list under `choices`, or under its only key. */
function choicesOf(predictions: unknown): unknown[] {
  if (!isJsonObject(predictions)) throw invalid(`'predictions' as ${kind(predictions)}`);
  const values = Object.values(predictions);
  const choices = values.length === 1 ? values[0] : predictions.choices;
  if (!Array.isArray(choices)) throw invalid("a dictionary without a list under 'choices'");
  return choices;
}

function embeddingsResponse(model: string | null, body: unknown, text: string): NeutralResponse {
  const predictions = predictionsOf(body);
  if (!Array.isArray(predictions) || predictions.length === 0) throw invalid(`'predictions' as ${kind(predictions)}`);
  if (hasIntegers(text)) throw invalid('whole numbers; embeddings are floats');
  const vectors: unknown[] = typeof predictions[0] === 'number' ? [predictions] : predictions;
  const list = vectors.map((vector, index) => {
    if (!isVector(vector)) throw invalid(`predictions[${index}], which should be a list of floats, as ${kind(vector)}`);
    return vector;
  });
  return { operation: 'embeddings', model, embeddings: list, usage: UNKNOWN };
}

const isVector = (value: unknown): value is number[] =>
  Array.isArray(value) && value.length > 0 && value.every((item) => typeof item === 'number');

/** MLflow refuses embeddings of whole numbers: they are the sign of a model that returns tokens or labels. */
function hasIntegers(text: string): boolean {
  return /[[,]\s*-?\d+\s*[,\]]/.test(text.slice(text.indexOf('"predictions"')));
}

function predictionsOf(body: unknown): unknown {
  if (!isJsonObject(body) || body.predictions === undefined) throw invalid("no 'predictions'");
  return body.predictions;
}

function kind(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
  return typeof value === 'object' ? 'a dictionary' : `a ${typeof value}`;
}

function invalid(found: string): GatewayError {
  return new GatewayError(
    'upstream_invalid',
    `The model server answered in a shape that this endpoint type cannot use: it sent ${found}.`,
  );
}
