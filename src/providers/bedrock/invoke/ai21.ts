import type { Changes } from '../../../core/neutral/changes.ts';
import type { NeutralCompletionsRequest } from '../../../core/neutral/request.ts';
import type { Finish, NeutralTextResponse } from '../../../core/neutral/response.ts';
import { isJsonObject, type JsonObject } from '../../../core/types.ts';
import { invalidAnswer } from '../errors.ts';
import { promptOf } from '../request.ts';
import { plainUsage } from '../usage.ts';
import { convertParameters, type Parameters, refuseNativeNames } from './parameters.ts';

const MLFLOW_NAMES: Parameters['names'] = {
  max_tokens: 'maxTokens',
  n: 'numResults',
  stop: 'stopSequences',
  temperature: 'temperature',
  top_p: 'topP',
};

const ON_MLFLOW: Parameters = { names: MLFLOW_NAMES, own: [], temperature: { factor: 1, maximum: 1 } };

const scale = (value: unknown): JsonObject => ({ scale: value });

const PARAMETERS: Parameters = {
  names: { ...MLFLOW_NAMES, presence_penalty: 'presencePenalty', frequency_penalty: 'frequencyPenalty' },
  own: ['countPenalty', 'minTokens', 'topKReturn', 'presencePenalty', 'frequencyPenalty'],
  temperature: { factor: 1, maximum: 1 },
  wrap: { presence_penalty: scale, frequency_penalty: scale },
};

/** The Jurassic-2 models: https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-jurassic2.html */
export function encodeAi21(request: NeutralCompletionsRequest, changes: Changes): JsonObject {
  refuseNativeNames(request, MLFLOW_NAMES, 'invalid_body');
  const parameters = request.surface === 'mlflow' ? ON_MLFLOW : PARAMETERS;
  return { prompt: promptOf(request), ...convertParameters(request, parameters, changes) };
}

export function decodeAi21(body: unknown): NeutralTextResponse {
  if (!isJsonObject(body) || !Array.isArray(body.completions)) throw invalidAnswer("no list in 'completions'");
  let output: number | null = null;
  const choices = body.completions.map((completion: unknown) => {
    const { data, finishReason } = isJsonObject(completion) ? completion : {};
    if (!isJsonObject(data) || typeof data.text !== 'string') throw invalidAnswer("a completion without 'data.text'");
    if (Array.isArray(data.tokens)) output = (output ?? 0) + data.tokens.length;
    return { parts: [{ type: 'text', text: data.text } as const], finish: finishOf(finishReason) };
  });
  const prompt = isJsonObject(body.prompt) && Array.isArray(body.prompt.tokens) ? body.prompt.tokens.length : null;
  return { operation: 'completions', id: null, model: null, choices, usage: plainUsage(prompt, output) };
}

/** `{"reason":"length","length":16}`, `endoftext`, or `stop` with the sequence that was met. */
function finishOf(finish: unknown): Finish | null {
  if (!isJsonObject(finish) || typeof finish.reason !== 'string') return null;
  const { reason, sequence } = finish;
  return {
    reason: reason === 'length' ? 'length' : 'stop',
    native: reason,
    ...(typeof sequence === 'string' && { stopSequence: sequence }),
  };
}
