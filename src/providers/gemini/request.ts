import type { Changes } from '../../core/neutral/changes.ts';
import { withoutDeferredTools } from '../../core/neutral/deferred-tools.ts';
import type {
  GenerationSettings,
  NeutralChatRequest,
  NeutralCompletionsRequest,
  ResponseFormat,
} from '../../core/neutral/request.ts';
import { isJsonObject, type JsonObject } from '../../core/types.ts';
import { clamped, promptText, refuseNativeNames } from '../request-fields.ts';
import { encodeMessages, type MessageOptions } from './messages.ts';
import { type Draft, type NativeFields, nativeFields } from './native-fields.ts';
import { generation, type ThinkingEncoder, thinkingEncoder } from './thinking.ts';
import { encodeToolChoice, encodeTools } from './tools.ts';

export interface GenerateOptions {
  readonly model: string;
  /** Vertex AI has fields of its own. */
  readonly isVertex: boolean;
  /** Where `files/…` lie, or null where there are no such files. */
  readonly fileBase: string | null;
}

type ChatOrCompletions = NeutralChatRequest | NeutralCompletionsRequest;

/** Makes the body of `generateContent`. https://ai.google.dev/api/generate-content */
export class RequestEncoder {
  readonly #messages: MessageOptions;
  readonly #thinking: ThinkingEncoder;
  readonly #native: NativeFields;

  constructor({ model, isVertex, fileBase }: GenerateOptions) {
    this.#messages = {
      callIds: !isVertex,
      mlflowDropsTextBesideCalls: isVertex,
      // Later models refuse to go on after a function call that carries no thought signature.
      needsSignatures: generation(model) >= 3,
      fileBase,
    };
    this.#thinking = thinkingEncoder(model);
    this.#native = nativeFields(isVertex);
  }

  chat(given: NeutralChatRequest, changes: Changes): JsonObject {
    const request = withoutDeferredTools(given, changes);
    const { contents, systemInstruction } = encodeMessages(request, this.#messages, changes);
    const draft: Draft = { body: { contents }, generation: encodeSettings(request, changes) };
    if (systemInstruction) draft.body.system_instruction = systemInstruction;
    encodeResponseFormat(request.responseFormat, draft.generation);
    const thinking = request.reasoning && this.#thinking(request.reasoning, changes);
    if (thinking) draft.generation.thinkingConfig = thinking;
    const tools = encodeTools(request.tools, changes);
    if (tools.length > 0) draft.body.tools = tools;
    this.#rest(request, draft, changes);
    const choice = encodeToolChoice(request, changes);
    if (choice) addToolChoice(draft.body, choice);
    return finished(draft);
  }

  completions(request: NeutralCompletionsRequest, changes: Changes): JsonObject {
    const contents = [{ role: 'user', parts: [{ text: promptText(request.prompt, 'Gemini') }] }];
    const draft: Draft = { body: { contents }, generation: encodeSettings(request, changes) };
    const { system_prompt: system } = request.rest;
    if (typeof system === 'string') draft.body.system_instruction = { parts: [{ text: system }] };
    this.#rest(request, draft, changes);
    return finished(draft);
  }

  #rest(request: ChatOrCompletions, draft: Draft, changes: Changes): void {
    if (request.surface === 'mlflow') refuseNativeNames(request.rest, NATIVE_NAMES);
    for (const field in request.rest) {
      const value = request.rest[field];
      if (value === undefined || value === null) continue;
      const carried = carryField(field, value, draft, request.operation) || this.#native(field, value, draft);
      if (!carried && !this.#googles(field, value, draft, changes)) changes.dropped(field);
    }
  }

  /** `{"extra_body": {"google": {…}}}`, in which clients of Google's own API in OpenAI's shape put native fields. */
  #googles(field: string, value: unknown, draft: Draft, changes: Changes): boolean {
    const isNested = field === 'extra_body' && isJsonObject(value);
    const outer = isNested ? value : { [field]: value };
    const { google, ...others } = outer;
    if (!isJsonObject(google)) return false;
    for (const name in others) changes.dropped(`${field}.${name}`);
    const path = isNested ? `${field}.google` : field;
    for (const name in google) if (!this.#native(name, google[name], draft)) changes.dropped(`${path}.${name}`);
    return true;
  }
}

/** What MLflow's gateway refuses, with its own name for it. */
const NATIVE_NAMES: Readonly<Record<string, string>> = {
  stopSequences: 'stop',
  candidateCount: 'n',
  maxOutputTokens: 'max_tokens',
  topK: 'top_k',
  topP: 'top_p',
  frequencyPenalty: 'frequency_penalty',
  presencePenalty: 'presence_penalty',
};

function encodeSettings({ settings, surface }: ChatOrCompletions, changes: Changes): JsonObject {
  const draft: JsonObject = {};
  const { stop, n, max_tokens, max_completion_tokens, top_k } = settings;
  if (n !== undefined) draft.candidateCount = n;
  if (stop !== undefined) draft.stopSequences = stop;
  const limit = max_tokens ?? max_completion_tokens;
  if (limit !== undefined) draft.maxOutputTokens = limit;
  if (top_k !== undefined) draft.topK = top_k;
  for (const [field, name, least, most] of RANGES) {
    const value = settings[field];
    if (value === undefined) continue;
    draft[name] = surface === 'standard' ? clamped(value, least, most, field, changes) : value;
  }
  return draft;
}

/** The penalties must stay below 2. https://cloud.google.com/vertex-ai/generative-ai/docs/model-reference/inference */
const RANGES: ReadonlyArray<readonly [field: RangedSetting, name: string, least: number, most: number]> = [
  ['temperature', 'temperature', 0, 2],
  ['top_p', 'topP', 0, 1],
  ['frequency_penalty', 'frequencyPenalty', -2, 1.99],
  ['presence_penalty', 'presencePenalty', -2, 1.99],
];

type RangedSetting = Exclude<keyof GenerationSettings, 'stop'>;

/** A schema is always strict here, and has no name. https://ai.google.dev/gemini-api/docs/structured-output */
function encodeResponseFormat(format: ResponseFormat | undefined, draft: JsonObject): void {
  if (!format || format.type === 'text') return;
  draft.responseMimeType = 'application/json';
  if (format.type === 'json_schema' && format.json_schema.schema) draft.responseJsonSchema = format.json_schema.schema;
}

/** Fields of OpenAI's API that this one has under another name; false for one that it does not have. */
function carryField(field: string, value: unknown, { body, generation }: Draft, operation: string): boolean {
  switch (field) {
    case 'seed':
      generation.seed = value;
      return true;
    case 'logprobs':
      // For completions it is a number, and the answer has another shape.
      if (value === true) generation.responseLogprobs = true;
      return typeof value === 'boolean';
    case 'top_logprobs':
      generation.logprobs = value;
      return true;
    case 'modalities':
      if (Array.isArray(value)) generation.responseModalities = value.map((kind) => String(kind).toUpperCase());
      return Array.isArray(value);
    case 'include_thoughts':
      generation.thinkingConfig = { ...asObject(generation.thinkingConfig), includeThoughts: value };
      return true;
    case 'service_tier':
      if (value !== 'auto') body.serviceTier = value === 'default' ? 'standard' : value;
      return true;
    case 'store':
      return value === false;
    case 'tool_choice':
      // Read with the tools.
      return operation === 'chat';
    case 'system_prompt':
      return operation === 'completions';
    default:
      return false;
  }
}

/** Beside what the client says in the API's own words. */
function addToolChoice(body: JsonObject, choice: JsonObject): void {
  const config = asObject(body.toolConfig);
  body.toolConfig = { ...config, functionCallingConfig: { ...asObject(config.functionCallingConfig), ...choice } };
}

function asObject(value: unknown): JsonObject {
  return isJsonObject(value) ? value : {};
}

function finished({ body, generation }: Draft): JsonObject {
  if (Object.keys(generation).length > 0) body.generationConfig = generation;
  return body;
}
