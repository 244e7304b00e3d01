import { GatewayError } from '../../core/errors.ts';
import type { Changes } from '../../core/neutral/changes.ts';
import { textOf } from '../../core/neutral/parts.ts';
import type {
  NeutralChatRequest,
  NeutralCompletionsRequest,
  NeutralEmbeddingsRequest,
  NeutralMessage,
} from '../../core/neutral/request.ts';
import type { JsonObject } from '../../core/types.ts';
import { clamped, given, keepKnown, promptText, refuseNativeNames } from '../request-fields.ts';

const CHAT_FIELDS: ReadonlySet<string> = new Set(['top_p', 'top_k', 'topP', 'topK']);
const TEXT_FIELDS: ReadonlySet<string> = new Set([...CHAT_FIELDS, 'safety_settings', 'safetySettings']);

/** `generateMessage`. https://ai.google.dev/palm_docs/palm_api_deprecated */
export function encodeChat(request: NeutralChatRequest, changes: Changes): JsonObject {
  const { surface, rest } = request;
  const { n, stop, temperature, max_tokens, max_completion_tokens, ...settings } = request.settings;
  const { context, examples, ...others } = rest;
  noteUnsupported(request, changes);
  if (surface === 'mlflow') {
    if (max_tokens !== undefined || rest.maxOutputTokens !== undefined) throw noMaxTokens();
    refuseNativeNames(rest, { stopSequences: 'stop', candidateCount: 'n' });
  } else {
    if (stop !== undefined) changes.dropped('stop');
    if (max_tokens !== undefined) changes.dropped('max_tokens');
  }
  if (max_completion_tokens !== undefined) changes.dropped('max_completion_tokens');
  return given({
    ...passedOn({ ...settings, ...others }, CHAT_FIELDS, surface, changes),
    candidateCount: n,
    stopSequences: surface === 'mlflow' ? stop : undefined,
    temperature: scaled(temperature, surface, changes),
    prompt: given({ ...encodeMessages(request, changes), ...given({ context, examples }) }),
  });
}

/** `generateText`. https://ai.google.dev/palm_docs/palm_api_deprecated */
export function encodeCompletions(request: NeutralCompletionsRequest, changes: Changes): JsonObject {
  const { surface, rest, prompt } = request;
  const { n, stop, temperature, max_tokens, max_completion_tokens, ...settings } = request.settings;
  if (surface === 'mlflow') {
    refuseNativeNames(rest, { stopSequences: 'stop', candidateCount: 'n', maxOutputTokens: 'max_tokens' });
  }
  return given({
    ...passedOn({ ...settings, ...rest }, TEXT_FIELDS, surface, changes),
    candidateCount: n,
    stopSequences: stop,
    maxOutputTokens: max_tokens ?? max_completion_tokens,
    temperature: scaled(temperature, surface, changes),
    prompt: { text: promptText(prompt, 'PaLM') },
  });
}

/** `batchEmbedText`. https://ai.google.dev/palm_docs/palm_api_deprecated */
export function encodeEmbeddings({ input, rest, surface }: NeutralEmbeddingsRequest, changes: Changes): JsonObject {
  const { encoding_format, ...others } = rest;
  if (surface === 'mlflow') refuseNativeNames(rest, { texts: 'input' });
  const texts = input.map((text) => {
    if (typeof text === 'string') return text;
    throw new GatewayError('invalid_body', 'PaLM embeds text, not tokens.', { parameter: 'input' });
  });
  return { ...passedOn(others, new Set(), surface, changes), texts };
}

/** MLflow's gateway passes on all that it does not know. */
function passedOn(
  fields: JsonObject,
  known: ReadonlySet<string>,
  surface: 'mlflow' | 'standard',
  changes: Changes,
): JsonObject {
  return surface === 'mlflow' ? fields : keepKnown(given(fields), known, changes);
}

/** MLflow halves the temperature, as the API's range ends at 1. */
function scaled(temperature: number | undefined, surface: 'mlflow' | 'standard', changes: Changes): number | undefined {
  if (temperature === undefined) return undefined;
  return surface === 'mlflow' ? temperature * 0.5 : clamped(temperature, 0, 1, 'temperature', changes);
}

function encodeMessages({ messages, surface }: NeutralChatRequest, changes: Changes): JsonObject {
  const context: string[] = [];
  const turns: JsonObject[] = [];
  messages.forEach((message, index) => {
    const content = contentOf(message, `messages.${index}`, changes);
    const isSystem = message.role === 'system' || message.role === 'developer';
    if (isSystem && surface === 'standard') context.push(content);
    else turns.push({ content, author: message.role });
  });
  return context.length > 0 ? { context: context.join('\n'), messages: turns } : { messages: turns };
}

function contentOf({ parts, rest }: NeutralMessage, path: string, changes: Changes): string {
  for (const field in rest) changes.dropped(`${path}.${field}`);
  if (parts.some((part) => part.type !== 'text')) changes.dropped(`${path}.content`);
  return textOf(parts);
}

function noteUnsupported(request: NeutralChatRequest, changes: Changes): void {
  if (request.tools.length > 0) changes.dropped('tools');
  if (request.toolChoice !== undefined) changes.dropped('tool_choice');
  if (request.parallelToolCalls !== undefined) changes.dropped('parallel_tool_calls');
  if (request.responseFormat && request.responseFormat.type !== 'text') changes.dropped('response_format');
  if (request.reasoning) changes.dropped('reasoning_effort');
}

function noMaxTokens(): GatewayError {
  return new GatewayError('invalid_body', 'Max tokens is not supported for PaLM chat.', { parameter: 'max_tokens' });
}
