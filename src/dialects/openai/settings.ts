import type { GenerationSettings, ReasoningSettings, ResponseFormat } from '../../core/neutral/request.ts';
import type { JsonObject } from '../../core/types.ts';
import { isJsonObject } from '../../core/types.ts';
import { invalid, invalidType, optionalBoolean, optionalObject, optionalString, otherFields } from './fields.ts';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
export type SettingsDraft = Mutable<GenerationSettings>;

type NumberSetting = Exclude<keyof GenerationSettings, 'stop'>;

const NUMBERS: ReadonlyMap<string, { readonly name: NumberSetting; readonly integer: boolean }> = new Map([
  ['n', { name: 'n', integer: true }],
  ['max_tokens', { name: 'max_tokens', integer: true }],
  ['max_completion_tokens', { name: 'max_completion_tokens', integer: true }],
  ['top_k', { name: 'top_k', integer: true }],
  ['temperature', { name: 'temperature', integer: false }],
  ['top_p', { name: 'top_p', integer: false }],
  ['presence_penalty', { name: 'presence_penalty', integer: false }],
  ['frequency_penalty', { name: 'frequency_penalty', integer: false }],
]);

/** Takes a field into the settings; false when it is none of theirs. The value is not null. */
export function takeSetting(settings: SettingsDraft, field: string, value: unknown): boolean {
  if (field === 'stop') {
    const stop = stopSequences(value);
    if (stop.length > 0) settings.stop = stop;
    return true;
  }
  const setting = NUMBERS.get(field);
  if (!setting) return false;
  const { name, integer } = setting;
  if (typeof value !== 'number' || (integer && !Number.isInteger(value))) {
    throw invalidType(field, integer ? 'an integer' : 'a number', value);
  }
  if (field === 'n' && value < 1) throw invalid("Invalid 'n': expected a value of at least 1.", 'n');
  settings[name] = value;
  return true;
}

function stopSequences(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (!Array.isArray(value)) throw invalidType('stop', 'a string or an array of strings', value);
  for (const [index, item] of value.entries()) {
    if (typeof item !== 'string') throw invalidType(`stop[${index}]`, 'a string', item);
  }
  return value;
}

/** Null for a format that the neutral shape does not know: it stays among the other fields. */
export function decodeResponseFormat(value: unknown): ResponseFormat | null {
  if (!isJsonObject(value)) throw invalidType('response_format', 'an object', value);
  const type = optionalString(value.type, 'response_format.type');
  if (type === 'text' || type === 'json_object') return { type };
  if (type !== 'json_schema') return null;
  const definition = optionalObject(value.json_schema, 'response_format.json_schema') ?? {};
  optionalString(definition.name, 'response_format.json_schema.name');
  optionalObject(definition.schema, 'response_format.json_schema.schema');
  optionalBoolean(definition.strict, 'response_format.json_schema.strict');
  // Further fields, such as `description`, stay where they are.
  return { type, json_schema: otherFields(definition, NOTHING) ?? {} };
}

const NOTHING: ReadonlySet<string> = new Set();

/**
 * How much to think, from the fields in which clients say it: OpenAI's `reasoning_effort`, Anthropic's `thinking`
 * (`{"type","budget_tokens"}`) and OpenRouter's `reasoning` (`{"effort","max_tokens","enabled"}`). An object that says
 * more than this is kept whole in `rest`, for the provider that knows it.
 */
export function decodeReasoning(body: JsonObject, rest: JsonObject): ReasoningSettings | undefined {
  const reasoning: Mutable<ReasoningSettings> = {};
  const { thinking } = body;
  const general = body.reasoning;
  if (isJsonObject(general)) {
    if (typeof general.effort === 'string') reasoning.effort = general.effort;
    if (isBudget(general.max_tokens)) reasoning.budgetTokens = general.max_tokens;
    if (typeof general.enabled === 'boolean') reasoning.mode = general.enabled ? 'enabled' : 'disabled';
    if (otherFields(general, GENERAL)) rest.reasoning = general;
  } else if (general !== undefined && general !== null) {
    rest.reasoning = general;
  }
  if (isJsonObject(thinking)) {
    if (typeof thinking.type === 'string') reasoning.mode = thinking.type;
    if (isBudget(thinking.budget_tokens)) reasoning.budgetTokens = thinking.budget_tokens;
    if (otherFields(thinking, THINKING)) rest.thinking = thinking;
  } else if (thinking !== undefined && thinking !== null) {
    rest.thinking = thinking;
  }
  const effort = optionalString(body.reasoning_effort, 'reasoning_effort');
  if (effort !== undefined) reasoning.effort = effort;
  for (const _ in reasoning) return reasoning;
  return undefined;
}

const GENERAL = new Set(['effort', 'max_tokens', 'enabled']);
const THINKING = new Set(['type', 'budget_tokens']);

function isBudget(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0;
}
