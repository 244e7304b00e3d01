import { GatewayError } from '../../core/errors.ts';
import type { Changes } from '../../core/neutral/changes.ts';
import type { NeutralPart } from '../../core/neutral/parts.ts';
import type { NeutralMessage, NeutralRequest } from '../../core/neutral/request.ts';
import type { NeutralResponse } from '../../core/neutral/response.ts';
import type { JsonObject } from '../../core/types.ts';
import { isJsonObject } from '../../core/types.ts';
import type { Wire } from '../wire.ts';

export function chat(model: string | null): Wire {
  return { encode: encodeChat, decode: (body) => textResponse('chat', model, body) };
}

export function completions(model: string | null): Wire {
  return { encode: encodeCompletions, decode: (body) => textResponse('completions', model, body) };
}

export function embeddings(model: string | null): Wire {
  return { encode: encodeEmbeddings, decode: (body, text) => embeddingsResponse(model, body, text) };
}

function encodeChat(request: NeutralRequest, changes: Changes): JsonObject {
  if (request.operation !== 'chat') return {};
  const [message] = request.messages;
  const count = request.messages.length;
  if (message === undefined || count !== 1) {
    throw new GatewayError(
      'invalid_body',
      'MLflow chat models are only capable of processing a single query at a time. The request submitted consists of ' +
        `${count} queries.`,
      { parameter: 'messages' },
    );
  }
  for (const field of Object.keys(message.rest)) changes.dropped(`messages.0.${field}`);
  if (request.tools.length > 0) changes.dropped('tools');
  if (request.toolChoice !== undefined) changes.dropped('tool_choice');
  if (request.parallelToolCalls !== undefined) changes.dropped('parallel_tool_calls');
  const { responseFormat, reasoning, settings, rest } = request;
  return withParameters([textIn(message, changes)], {
    ...settings,
    ...(responseFormat && { response_format: responseFormat }),
    ...(reasoning?.effort !== undefined && { reasoning_effort: reasoning.effort }),
    ...rest,
  });
}

/** A served model takes one text. */
function textIn({ parts }: NeutralMessage, changes: Changes): string | null {
  const texts: string[] = [];
  for (const [index, part] of parts.entries()) {
    if (part.type === 'text') texts.push(part.text);
    else changes.dropped(pathOf(part, index));
  }
  return texts.length === 0 ? null : texts.join('\n');
}

function pathOf(part: NeutralPart, index: number): string {
  return part.type === 'tool-call' ? 'messages.0.tool_calls' : `messages.0.content.${index}`;
}

function encodeCompletions(request: NeutralRequest): JsonObject {
  if (request.operation !== 'completions') return {};
  return withParameters([request.prompt], { ...request.settings, ...request.rest });
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
    return { parts: [{ type: 'text' as const, text }], finish: null };
  });
  return { operation, id: null, model, choices, usage: null };
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
  return { operation: 'embeddings', model, embeddings: list, usage: null };
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
