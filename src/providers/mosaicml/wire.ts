import { GatewayError } from '../../core/errors.ts';
import type { Changes } from '../../core/neutral/changes.ts';
import type {
  NeutralChatRequest,
  NeutralCompletionsRequest,
  NeutralEmbeddingsRequest,
  NeutralRequest,
} from '../../core/neutral/request.ts';
import type { NeutralResponse } from '../../core/neutral/response.ts';
import type { JsonObject, Operation } from '../../core/types.ts';
import { isJsonObject } from '../../core/types.ts';
import { given, keepKnown, promptText, refuseNativeNames } from '../request-fields.ts';
import type { Wire } from '../wire.ts';
import { llamaPrompt } from './prompt.ts';

/** Beyond OpenAI's: https://docs.mosaicml.com/projects/mcli/en/latest/inference/inference_api.html */
const PARAMETERS: ReadonlySet<string> = new Set([
  'do_sample',
  'no_repeat_ngram_size',
  'repetition_penalty',
  'seed',
  'top_k',
  'typical_p',
  'use_cache',
]);

export const WIRES: Readonly<Record<Operation, Wire>> = {
  chat: { encode, decode: (body) => texts('chat', body) },
  completions: { encode, decode: (body) => texts('completions', body) },
  embeddings: { encode, decode: vectors },
};

function encode(request: NeutralRequest, changes: Changes): JsonObject {
  if (request.operation === 'embeddings') return encodeEmbeddings(request, changes);
  refuseNativeNames(request.rest, { max_new_tokens: 'max_tokens' });
  const prompt =
    request.operation === 'chat' ? llamaPrompt(request.messages, changes) : promptText(request.prompt, 'MosaicML');
  if (request.operation === 'chat') noteChatFields(request, changes);
  return { inputs: [prompt], parameters: parameters(request, changes) };
}

function parameters(request: NeutralChatRequest | NeutralCompletionsRequest, changes: Changes): JsonObject {
  const { max_tokens, max_completion_tokens, n, ...settings } = request.settings;
  const onMlflow = request.surface === 'mlflow';
  return given({
    n: n ?? (onMlflow ? 1 : undefined),
    ...settings,
    max_new_tokens: max_tokens ?? max_completion_tokens,
    ...(onMlflow ? request.rest : keepKnown(request.rest, PARAMETERS, changes)),
  });
}

function noteChatFields(request: NeutralChatRequest, changes: Changes): void {
  if (request.tools.length > 0) changes.dropped('tools');
  if (request.toolChoice !== undefined) changes.dropped('tool_choice');
  if (request.parallelToolCalls !== undefined) changes.dropped('parallel_tool_calls');
  if (request.responseFormat && request.responseFormat.type !== 'text') changes.dropped('response_format');
  if (request.reasoning) changes.dropped('reasoning_effort');
}

function encodeEmbeddings({ input, rest, surface }: NeutralEmbeddingsRequest, changes: Changes): JsonObject {
  refuseNativeNames(rest, { inputs: 'input' });
  const further = surface === 'mlflow' ? rest : keepKnown(rest, new Set(), changes);
  return { inputs: input, ...further };
}

/** MosaicML reports neither tokens nor why a model stopped. */
function texts(operation: 'chat' | 'completions', body: unknown): NeutralResponse {
  const choices = outputs(body).map((text, index) => {
    if (typeof text !== 'string') throw invalid(`outputs[${index}] is no text`);
    return { parts: [{ type: 'text' as const, text }], finish: null };
  });
  return { operation, id: null, model: null, choices, usage: null };
}

function vectors(body: unknown): NeutralResponse {
  const embeddings = outputs(body).map((vector, index) => {
    if (!isVector(vector)) throw invalid(`outputs[${index}] is no list of numbers`);
    return vector;
  });
  return { operation: 'embeddings', model: null, embeddings, usage: null };
}

const isVector = (value: unknown): value is number[] =>
  Array.isArray(value) && value.every((item) => typeof item === 'number');

function outputs(body: unknown): unknown[] {
  if (!isJsonObject(body) || !Array.isArray(body.outputs)) throw invalid("it has no list 'outputs'");
  return body.outputs;
}

function invalid(why: string): GatewayError {
  return new GatewayError('upstream_invalid', `MosaicML's answer cannot be read: ${why}.`);
}
