import { withAllowedTools } from '../../core/neutral/allowed-tools.ts';
import type { Changes } from '../../core/neutral/changes.ts';
import type { NeutralChatRequest, NeutralCompletionsRequest } from '../../core/neutral/request.ts';
import type { JsonObject } from '../../core/types.ts';
import { isJsonObject } from '../../core/types.ts';
import { convertMessages } from './messages.ts';
import type { ClaudeModel } from './models.ts';
import { outputFormat } from './output-format.ts';
import { checkPromptSettings, promptText } from './prompt.ts';
import { restFields } from './rest.ts';
import {
  checkCount,
  DEFAULT_MAXIMUM_TOKENS,
  maximumTokens,
  penalties,
  refusal,
  stopSequences,
  temperatureOf,
} from './settings.ts';
import { thinkingOf } from './thinking.ts';
import { toolFields } from './tools.ts';

/** The body of a message request but for the model's name. https://docs.anthropic.com/en/api/messages */
export function encodeChat(given: NeutralChatRequest, changes: Changes, model: ClaudeModel): JsonObject {
  const request = withAllowedTools(given, changes);
  checkCount(request.settings);
  checkSampling(request);
  const maximum = maximumTokens(request);
  const rest = restFields(request, changes);
  const { format, instruction } = outputFormat(request, model, changes);
  const { system, messages } = convertMessages(request, instruction, changes);
  const { thinking, effort } = thinkingOf(request, model, maximum, changes);
  const stop = stopSequences(request, changes);
  const outputConfig = { ...(format && { format }), ...(effort !== null && { effort }) };
  return {
    ...rest,
    max_tokens: maximum ?? defaultMaximum(request, thinking, model),
    ...(system.length > 0 && { system }),
    messages,
    ...toolFields(request, model, changes),
    ...sampling(request, model, thinking, changes),
    ...(stop.length > 0 && { stop_sequences: stop }),
    ...(thinking && { thinking }),
    ...((format || effort !== null) && { output_config: withNative(outputConfig, rest.output_config) }),
    ...(request.stream && { stream: true }),
  };
}

/** A prompt as the only message of a chat. */
export function encodePrompt(request: NeutralCompletionsRequest, changes: Changes, model: ClaudeModel): JsonObject {
  checkPromptSettings(request);
  const { surface, rest, settings, stream } = request;
  const text = promptText(request);
  const messages = [{ role: 'user', parts: [{ type: 'text', text }], rest: {} }] as const;
  return encodeChat({ operation: 'chat', surface, rest, settings, stream, messages, tools: [] }, changes, model);
}

function checkSampling({ settings, surface }: NeutralChatRequest): void {
  if (surface === 'mlflow' && settings.temperature !== undefined && settings.top_p !== undefined) {
    throw refusal("Cannot set both 'temperature' and 'top_p' parameters.", 'top_p');
  }
}

/** A thinking budget is part of the answer's tokens, and the answer itself needs some too. */
function defaultMaximum({ surface }: NeutralChatRequest, thinking: JsonObject | null, model: ClaudeModel): number {
  const budget = typeof thinking?.budget_tokens === 'number' ? thinking.budget_tokens : 0;
  const answer =
    surface === 'mlflow' ? DEFAULT_MAXIMUM_TOKENS : Math.min(DEFAULT_MAXIMUM_TOKENS, model.maximumTokens ?? Infinity);
  return budget + answer;
}

/** While it thinks, and since Claude Opus 4.7 always, a model refuses all but the neutral values of these. */
export function sampling(
  request: NeutralChatRequest,
  model: ClaudeModel,
  thinking: JsonObject | null,
  changes: Changes,
): JsonObject {
  const { top_p, top_k } = request.settings;
  const fields = penalties(request, changes);
  const thinks = thinking !== null && thinking.type !== 'disabled';
  const isFixed = thinks || model.sampling === 'none';
  const temperature = temperatureOf(request, changes);
  if (temperature !== undefined) {
    if (isFixed && temperature !== 1) changes.dropped('temperature');
    else fields.temperature = temperature;
  }
  if (top_p !== undefined) {
    const least = model.sampling === 'none' ? 0.99 : 0.95;
    const isOneTooMany = model.sampling === 'one' && fields.temperature !== undefined;
    if (isOneTooMany || (isFixed && top_p < least)) changes.dropped('top_p');
    else fields.top_p = top_p;
  }
  if (top_k !== undefined) {
    if (isFixed) changes.dropped('top_k');
    else fields.top_k = top_k;
  }
  return fields;
}

function withNative(config: JsonObject, native: unknown): JsonObject {
  return isJsonObject(native) ? { ...native, ...config } : config;
}
