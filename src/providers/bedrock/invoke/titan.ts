import { GatewayError } from '../../../core/errors.ts';
import type { Changes } from '../../../core/neutral/changes.ts';
import type { NeutralCompletionsRequest } from '../../../core/neutral/request.ts';
import type { Finish, NeutralTextResponse } from '../../../core/neutral/response.ts';
import { isJsonObject, type JsonObject } from '../../../core/types.ts';
import { invalidAnswer } from '../errors.ts';
import { promptOf } from '../request.ts';
import { plainUsage } from '../usage.ts';
import { convertParameters, type Parameters } from './parameters.ts';

const PARAMETERS: Parameters = {
  names: { max_tokens: 'maxTokenCount', stop: 'stopSequences', temperature: 'temperature', top_p: 'topP' },
  own: [],
  temperature: { factor: 0.5, maximum: 1 },
};

/** https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-titan-text.html */
export function encodeTitan(request: NeutralCompletionsRequest, changes: Changes): JsonObject {
  const { n, top_p } = request.settings;
  if (n !== undefined && n !== 1) {
    throw new GatewayError('invalid_body', `'n' must be '1' for AWS Titan models. Received value: '${n}'.`, {
      parameter: 'n',
    });
  }
  if (top_p === 0) {
    throw new GatewayError(
      'invalid_body',
      "'top_p' must be greater than 0 for AWS Titan models. Received value: '0.0'.",
      { parameter: 'top_p' },
    );
  }
  const textGenerationConfig = convertParameters(request, PARAMETERS, changes);
  return { inputText: promptOf(request), textGenerationConfig };
}

const FINISHES = new Map<string, string>([
  ['FINISH', 'stop'],
  ['STOP_CRITERIA_MET', 'stop'],
  ['LENGTH', 'length'],
  ['CONTENT_FILTERED', 'content_filter'],
]);

export function decodeTitan(body: unknown): NeutralTextResponse {
  if (!isJsonObject(body) || !Array.isArray(body.results)) throw invalidAnswer("no list in 'results'");
  let output = 0;
  const choices = body.results.map((result: unknown) => {
    if (!isJsonObject(result) || typeof result.outputText !== 'string')
      throw invalidAnswer("a result without 'outputText'");
    if (typeof result.tokenCount === 'number') output += result.tokenCount;
    return { parts: [{ type: 'text', text: result.outputText } as const], finish: finishOf(result.completionReason) };
  });
  return {
    operation: 'completions',
    id: null,
    model: null,
    choices,
    usage: plainUsage(body.inputTextTokenCount, output),
  };
}

function finishOf(reason: unknown): Finish | null {
  return typeof reason === 'string' ? { reason: FINISHES.get(reason) ?? 'stop', native: reason } : null;
}
