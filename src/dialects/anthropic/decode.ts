import type {
  GenerationSettings,
  NeutralChatRequest,
  ReasoningSettings,
  ResponseFormat,
} from '../../core/neutral/request.ts';
import type { JsonObject } from '../../core/types.ts';
import { isJsonObject } from '../../core/types.ts';
import type { CheckedRequest } from '../dialect.ts';
import { otherFields, setField } from '../openai/fields.ts';
import type { Places } from '../places.ts';
import { invalidType, listAt } from './fields.ts';
import { decodeMessages } from './messages.ts';
import { decodeToolChoice, decodeTools } from './tools.ts';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

interface Draft {
  readonly body: JsonObject;
  readonly request: Mutable<NeutralChatRequest>;
  readonly settings: Mutable<GenerationSettings>;
  readonly reasoning: Mutable<ReasoningSettings>;
  readonly rest: JsonObject;
  readonly places: Places | null;
}

/**
 * The neutral shape of a message request. What it does not know stays in `rest` under its own name. Throws a
 * GatewayError (`invalid_request`) that names the field for a value that no provider could read.
 */
export function decodeRequest({ body, streams }: CheckedRequest, places: Places | null = null): NeutralChatRequest {
  const settings: Mutable<GenerationSettings> = {};
  const rest: JsonObject = {};
  const reasoning: Mutable<ReasoningSettings> = {};
  const request: Mutable<NeutralChatRequest> = {
    operation: 'chat',
    surface: 'standard',
    messages: decodeMessages(body, places),
    tools: [],
    settings,
    stream: streams,
    rest,
  };
  const draft = { body, request, settings, reasoning, rest, places };
  for (const field in body) {
    const value = body[field];
    if (value === null || value === undefined || OWN_FIELDS.has(field)) continue;
    if (!take(draft, field, value)) setField(rest, field, value);
  }
  for (const _ in reasoning) return { ...request, reasoning: withEffort(reasoning) };
  return request;
}

/** Effort alone leaves it to the model whether to think. */
function withEffort(reasoning: ReasoningSettings): ReasoningSettings {
  return reasoning.mode === undefined ? { ...reasoning, effortAlone: true } : reasoning;
}

/** What is read on its own, or meant for the gateway. */
const OWN_FIELDS = new Set(['model', 'stream', 'messages', 'system']);

/** False when the field stays among the other fields. */
function take(draft: Draft, field: string, value: unknown): boolean {
  const { request, settings, places } = draft;
  switch (field) {
    case 'max_tokens':
    case 'top_k':
      settings[field] = integer(value, field);
      return true;
    case 'temperature':
    case 'top_p':
      settings[field] = number(value, field);
      return true;
    case 'stop_sequences':
      settings.stop = texts(value, field);
      return true;
    case 'tools':
      request.tools = decodeTools(draft.body, request.messages, places);
      return true;
    case 'tool_choice':
      return takeToolChoice(request, value);
    case 'thinking':
      return takeThinking(draft, value);
    case 'output_config':
      return takeOutputConfig(draft, value);
    case 'output_format':
      return takeFormat(draft, value);
    case 'service_tier':
      draft.rest.service_tier = value === 'standard_only' ? 'default' : value;
      return true;
    default:
      return false;
  }
}

function number(value: unknown, field: string): number {
  if (typeof value !== 'number') throw invalidType(field, 'a valid number');
  return value;
}

function integer(value: unknown, field: string): number {
  if (!Number.isInteger(value)) throw invalidType(field, 'a valid integer');
  return number(value, field);
}

function texts(value: unknown, field: string): string[] {
  return listAt(value, field).map((item, index) => {
    if (typeof item !== 'string') throw invalidType(`${field}.${index}`, 'a valid string');
    return item;
  });
}

function takeToolChoice(request: Mutable<NeutralChatRequest>, value: unknown): boolean {
  const { choice, isOneByOne } = decodeToolChoice(value);
  if (choice === null) return false;
  request.toolChoice = choice;
  if (isOneByOne) request.parallelToolCalls = false;
  return true;
}

const MODES = new Set(['enabled', 'disabled', 'adaptive']);
const THINKING = new Set(['type', 'budget_tokens']);

/** One that says more than the neutral shape knows is kept whole as well. */
function takeThinking({ reasoning }: Draft, value: unknown): boolean {
  if (!isJsonObject(value)) throw invalidType('thinking', 'a valid dictionary');
  const { type, budget_tokens: budget } = value;
  if (typeof type !== 'string' || !MODES.has(type)) return false;
  reasoning.mode = type;
  if (budget !== undefined && budget !== null) reasoning.budgetTokens = integer(budget, 'thinking.budget_tokens');
  return otherFields(value, THINKING) === undefined;
}

const OUTPUT_CONFIG = new Set(['effort', 'format']);

/** https://docs.anthropic.com/en/docs/build-with-claude/effort, …/structured-outputs */
function takeOutputConfig(draft: Draft, value: unknown): boolean {
  if (!isJsonObject(value)) throw invalidType('output_config', 'a valid dictionary');
  const { effort, format } = value;
  const others = otherFields(value, OUTPUT_CONFIG) ?? {};
  if (typeof effort === 'string') draft.reasoning.effort = effort;
  else if (effort !== undefined && effort !== null) others.effort = effort;
  if (format !== undefined && format !== null) {
    const decoded = formatOf(format);
    if (decoded) draft.request.responseFormat = decoded;
    else others.format = format;
  }
  if (Object.keys(others).length > 0) draft.rest.output_config = others;
  return true;
}

/** The same, where the first version of the API had it. */
function takeFormat(draft: Draft, value: unknown): boolean {
  const format = formatOf(value);
  if (format) draft.request.responseFormat = format;
  return format !== null;
}

const FORMAT = new Set(['type']);

/** Null for a format that the neutral shape does not know. OpenAI's API wants a name for each schema. */
function formatOf(value: unknown): ResponseFormat | null {
  if (!isJsonObject(value) || value.type !== 'json_schema' || !isJsonObject(value.schema)) return null;
  return { type: 'json_schema', json_schema: { name: 'answer', ...otherFields(value, FORMAT) } };
}
