import type { Changes } from '../../../core/neutral/changes.ts';
import type { NeutralCompletionsRequest } from '../../../core/neutral/request.ts';
import type { Finish, NeutralTextResponse } from '../../../core/neutral/response.ts';
import { isJsonObject, type JsonObject } from '../../../core/types.ts';
import { invalidAnswer } from '../errors.ts';
import { promptOf } from '../request.ts';
import { convertParameters, type Parameters, refuseNativeNames } from './parameters.ts';

const MLFLOW_NAMES: Parameters['names'] = {
  max_tokens: 'max_tokens',
  n: 'num_generations',
  stop: 'stop_sequences',
  temperature: 'temperature',
};

const TEMPERATURE: Parameters['temperature'] = { factor: 2.5, maximum: 5 };

/** MLflow passes `top_p` and `top_k` on under these names. */
const ON_MLFLOW: Parameters = { names: MLFLOW_NAMES, own: [], temperature: TEMPERATURE };

const PARAMETERS: Parameters = {
  names: { ...MLFLOW_NAMES, top_p: 'p', top_k: 'k' },
  own: ['logit_bias', 'return_likelihoods', 'truncate'],
  temperature: TEMPERATURE,
};

/** https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-cohere-command.html */
export function encodeCohere(request: NeutralCompletionsRequest, changes: Changes): JsonObject {
  refuseNativeNames(request, MLFLOW_NAMES, 'invalid_request');
  const parameters = request.surface === 'mlflow' ? ON_MLFLOW : PARAMETERS;
  return { prompt: promptOf(request), ...convertParameters(request, parameters, changes) };
}

const FINISHES = new Map<string, string>([
  ['COMPLETE', 'stop'],
  ['MAX_TOKENS', 'length'],
  ['ERROR_TOXIC', 'content_filter'],
]);

export function decodeCohere(body: unknown): NeutralTextResponse {
  if (!isJsonObject(body) || !Array.isArray(body.generations)) throw invalidAnswer("no list in 'generations'");
  const choices = body.generations.map((generation: unknown) => {
    if (!isJsonObject(generation) || typeof generation.text !== 'string') {
      throw invalidAnswer("a generation without 'text'");
    }
    const { text, finish_reason: reason } = generation;
    return { parts: [{ type: 'text', text } as const], finish: finishOf(reason) };
  });
  return { operation: 'completions', id: null, model: null, choices, usage: null };
}

function finishOf(reason: unknown): Finish | null {
  return typeof reason === 'string' ? { reason: FINISHES.get(reason) ?? 'stop', native: reason } : null;
}
