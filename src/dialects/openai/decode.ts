import type {
  NeutralChatRequest,
  NeutralCompletionsRequest,
  NeutralEmbeddingsRequest,
  NeutralRequest,
} from '../../core/neutral/request.ts';
import type { JsonObject, Operation } from '../../core/types.ts';
import type { CheckedRequest } from '../dialect.ts';
import { invalid, invalidType, optionalBoolean, setField } from './fields.ts';
import { decodeMessages } from './messages.ts';
import { decodeReasoning, decodeResponseFormat, type SettingsDraft, takeSetting } from './settings.ts';
import { decodeFunctionChoice, decodeFunctions, decodeToolChoice, decodeTools } from './tools.ts';

type Surface = NeutralRequest['surface'];

/**
 * The neutral shape of a request in OpenAI's format. Fields that are null count as absent. Throws a GatewayError
 * (`invalid_request`) that names the field for a value that no provider could read.
 */
export function decodeRequest(operation: Operation, request: CheckedRequest, surface: Surface): NeutralRequest {
  const body = withReplacements(request);
  if (operation === 'chat') return decodeChat(body, request.streams, surface);
  if (operation === 'completions') return decodeCompletions(body, request.streams, surface);
  return decodeEmbeddings(body, surface);
}

function withReplacements({ body, replacements }: CheckedRequest): JsonObject {
  return replacements ? { ...body, ...Object.fromEntries(replacements) } : body;
}

type Draft<T> = { -readonly [K in keyof T]: T[K] };

function decodeChat(body: JsonObject, stream: boolean, surface: Surface): NeutralChatRequest {
  const settings: SettingsDraft = surface === 'mlflow' ? { n: 1 } : {};
  const rest: JsonObject = {};
  if (!Array.isArray(body.messages)) throw invalidType('messages', 'an array of objects', body.messages);
  const request: Draft<NeutralChatRequest> = {
    operation: 'chat',
    surface,
    messages: decodeMessages(body.messages, surface === 'mlflow'),
    tools: [],
    settings,
    stream,
    rest,
  };
  const legacy = isLegacy(body);
  for (const field in body) {
    const value = body[field];
    if (value === null || value === undefined || OWN_FIELDS.has(field)) continue;
    if (legacy && (field === 'functions' || field === 'function_call')) continue;
    if (!takeSetting(settings, field, value) && !takeChatField(request, field, value)) setField(rest, field, value);
  }
  if (body.thinking !== undefined || body.reasoning !== undefined || body.reasoning_effort !== undefined) {
    const reasoning = decodeReasoning(body, rest);
    if (reasoning) request.reasoning = reasoning;
  }
  if (legacy) decodeLegacyFunctions(request, body);
  return request;
}

/** What is read on its own, or meant for the gateway: it decides whether there is a stream, and what it ends with. */
const OWN_FIELDS = new Set(['messages', 'stream', 'stream_options', 'thinking', 'reasoning', 'reasoning_effort']);

/** False when the field stays among the other fields. */
function takeChatField(request: Draft<NeutralChatRequest>, field: string, value: unknown): boolean {
  switch (field) {
    case 'tools':
      request.tools = decodeTools(value);
      return true;
    case 'tool_choice': {
      const choice = decodeToolChoice(value);
      if (choice === null) return false;
      request.toolChoice = choice;
      return true;
    }
    case 'parallel_tool_calls': {
      const parallel = optionalBoolean(value, field);
      if (parallel !== undefined) request.parallelToolCalls = parallel;
      return true;
    }
    case 'response_format': {
      const format = decodeResponseFormat(value);
      if (format === null) return false;
      request.responseFormat = format;
      return true;
    }
    default:
      return false;
  }
}

/** Whether the client speaks the deprecated form of function calling, and must be answered in it. */
export function isLegacy(body: JsonObject): boolean {
  return body.functions !== undefined && body.functions !== null && (body.tools === undefined || body.tools === null);
}

function decodeLegacyFunctions(request: Draft<NeutralChatRequest>, body: JsonObject): void {
  request.tools = decodeFunctions(body.functions);
  if (body.function_call !== undefined && body.function_call !== null) {
    request.toolChoice = decodeFunctionChoice(body.function_call);
  }
  // An answer of that form has room for one call.
  request.parallelToolCalls = false;
}

function decodeCompletions(body: JsonObject, stream: boolean, surface: Surface): NeutralCompletionsRequest {
  const settings: SettingsDraft = surface === 'mlflow' ? { n: 1 } : {};
  const rest: JsonObject = {};
  const { prompt } = body;
  if (typeof prompt !== 'string' && !isInputList(prompt)) {
    throw invalidType('prompt', 'a string, an array of strings, or an array of tokens', prompt);
  }
  for (const field in body) {
    const value = body[field];
    if (value === null || value === undefined) continue;
    if (field === 'prompt' || field === 'stream' || field === 'stream_options') continue;
    if (!takeSetting(settings, field, value)) setField(rest, field, value);
  }
  return { operation: 'completions', surface, prompt, settings, stream, rest };
}

function decodeEmbeddings(body: JsonObject, surface: Surface): NeutralEmbeddingsRequest {
  const rest: JsonObject = {};
  for (const field in body) {
    const value = body[field];
    if (field !== 'input' && value !== null && value !== undefined) setField(rest, field, value);
  }
  return { operation: 'embeddings', surface, input: decodeInput(body.input), rest };
}

function decodeInput(input: unknown): unknown[] {
  if (typeof input === 'string') return [input];
  if (!isInputList(input)) throw invalidType('input', 'a string, an array of strings, or an array of tokens', input);
  if (input.length === 0) throw invalid("Invalid 'input': expected at least one text.", 'input');
  // A list of token numbers is one text.
  return typeof input[0] === 'number' ? [input] : input;
}

/** A list of texts, a list of token numbers, or a list of those. */
function isInputList(value: unknown): value is unknown[] {
  if (!Array.isArray(value)) return false;
  return value.every((item) => typeof item === 'string') || isTokens(value) || value.every(isTokens);
}

function isTokens(value: unknown): boolean {
  return Array.isArray(value) && value.every((item) => Number.isInteger(item));
}
