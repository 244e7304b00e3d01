import { GatewayError } from '../../core/errors.ts';
import { withAllowedTools } from '../../core/neutral/allowed-tools.ts';
import type { Changes } from '../../core/neutral/changes.ts';
import { withoutDeferredTools } from '../../core/neutral/deferred-tools.ts';
import type { NeutralChatRequest, NeutralCompletionsRequest, NeutralRequest } from '../../core/neutral/request.ts';
import { isJsonObject, type JsonObject } from '../../core/types.ts';
import { claudeModel } from '../anthropic/models.ts';
import { sampling } from '../anthropic/request.ts';
import { convertMessages } from './messages.ts';
import type { Model } from './models.ts';
import { convertReasoning } from './reasoning.ts';
import { convertFormat } from './response-format.ts';
import { extraSettings, inferenceConfig, otherFields } from './settings.ts';
import { convertTools } from './tools.ts';

/** The body of Converse and ConverseStream: https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html */
export function encodeConverse(request: NeutralRequest, model: Model, changes: Changes): JsonObject {
  if (request.operation === 'chat') return encodeChat(request, model, changes);
  if (request.operation === 'completions') return encodeCompletions(request, model, changes);
  throw new GatewayError('not_implemented', 'Converse makes no embeddings.');
}

function encodeChat(given: NeutralChatRequest, model: Model, changes: Changes): JsonObject {
  const request = withAllowedTools(withoutDeferredTools(given, changes), changes);
  const { settings } = request;
  const { system, messages } = convertMessages(request, model, changes);
  const { toolConfig, modelFields: toolFields } = convertTools(request, messages, model, changes);
  const { textFormat, instruction } = convertFormat(request.responseFormat, model, changes);
  if (instruction !== undefined) system.push({ text: instruction });
  const maxTokens = settings.max_tokens ?? settings.max_completion_tokens;
  const thinking = convertReasoning(request, model, maxTokens, changes);
  const body: JsonObject = { messages };
  if (system.length > 0) body.system = system;
  if (toolConfig) body.toolConfig = toolConfig;
  if (textFormat || thinking.effort !== undefined) {
    body.outputConfig = { ...(textFormat && { textFormat }), ...(thinking.effort && { effort: thinking.effort }) };
  }
  const modelFields = { ...toolFields, ...thinking.modelFields };
  return finish(claudeSampling(request, model, modelFields, changes), model, body, modelFields, changes);
}

/** Claude takes some settings only alone, or not while it thinks, whoever serves it. MLflow passes them on as they are. */
function claudeSampling(
  request: NeutralChatRequest,
  { vendor, id }: Model,
  { thinking }: JsonObject,
  changes: Changes,
): NeutralChatRequest {
  if (vendor !== 'anthropic' || request.surface === 'mlflow') return request;
  const { temperature, top_p, top_k, presence_penalty, frequency_penalty, ...settings } = request.settings;
  const allowed = sampling(request, claudeModel(id), isJsonObject(thinking) ? thinking : null, changes);
  return { ...request, settings: { ...settings, ...allowed } };
}

/** Models of today know nothing but chats: the prompt is the only message of one. */
function encodeCompletions(request: NeutralCompletionsRequest, model: Model, changes: Changes): JsonObject {
  const body = { messages: [{ role: 'user', content: [{ text: promptOf(request) }] }] };
  return finish(scaled(request, model), model, body, {}, changes);
}

/** MLflow halves the temperature of Claude's completions, and stretches Cohere's, on its own surfaces. */
function scaled(request: NeutralCompletionsRequest, { vendor }: Model): NeutralCompletionsRequest {
  const { temperature } = request.settings;
  const factor = vendor === 'anthropic' ? 0.5 : vendor === 'cohere' ? 2.5 : 1;
  if (request.surface !== 'mlflow' || temperature === undefined || factor === 1) return request;
  return { ...request, settings: { ...request.settings, temperature: temperature * factor } };
}

function finish(
  request: NeutralChatRequest | NeutralCompletionsRequest,
  model: Model,
  body: JsonObject,
  modelFields: JsonObject,
  changes: Changes,
): JsonObject {
  const { settings, surface } = request;
  const config = inferenceConfig(settings, surface, changes);
  if (config) body.inferenceConfig = config;
  extraSettings(settings, model, modelFields, changes);
  otherFields(request, model, body, modelFields, changes);
  askForBetas(modelFields);
  for (const _ in modelFields) {
    body.additionalModelRequestFields = modelFields;
    break;
  }
  return body;
}

/** A field that is still a beta is taken only from those who ask for the beta by its name. */
const BETA_OF_CONTEXT_MANAGEMENT = 'context-management-2025-06-27';

function askForBetas(modelFields: JsonObject): void {
  if (modelFields.context_management === undefined) return;
  const asked = Array.isArray(modelFields.anthropic_beta) ? modelFields.anthropic_beta : [];
  if (asked.includes(BETA_OF_CONTEXT_MANAGEMENT)) return;
  modelFields.anthropic_beta = [...asked, BETA_OF_CONTEXT_MANAGEMENT];
}

/** The one text to complete. OpenAI's API also takes several, and texts as token numbers. */
export function promptOf({ prompt }: NeutralCompletionsRequest): string {
  if (typeof prompt === 'string') return prompt;
  if (Array.isArray(prompt) && prompt.length === 1 && typeof prompt[0] === 'string') return prompt[0];
  throw new GatewayError('invalid_body', "Amazon Bedrock completes one text: 'prompt' must be a string.", {
    parameter: 'prompt',
  });
}
