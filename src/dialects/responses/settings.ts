import type {
  GenerationSettings,
  NeutralChatRequest,
  ReasoningSettings,
  ResponseFormat,
} from '../../core/neutral/request.ts';
import { isJsonObject, type JsonObject } from '../../core/types.ts';
import { invalidType, optionalBoolean, optionalObject, optionalString, otherFields } from '../openai/fields.ts';

export type Draft<T> = { -readonly [K in keyof T]: T[K] };

type NumberSetting = Exclude<keyof GenerationSettings, 'stop'>;

const NUMBERS: ReadonlyMap<string, { readonly name: NumberSetting; readonly integer: boolean }> = new Map([
  ['max_output_tokens', { name: 'max_completion_tokens', integer: true }],
  ['temperature', { name: 'temperature', integer: false }],
  ['top_p', { name: 'top_p', integer: false }],
  ['top_k', { name: 'top_k', integer: true }],
  ['presence_penalty', { name: 'presence_penalty', integer: false }],
  ['frequency_penalty', { name: 'frequency_penalty', integer: false }],
]);

/** False when the field is none of the settings. The value is not null. */
export function takeSetting(settings: Draft<GenerationSettings>, field: string, value: unknown): boolean {
  const setting = NUMBERS.get(field);
  if (!setting) return false;
  const { name, integer } = setting;
  if (typeof value !== 'number' || (integer && !Number.isInteger(value))) {
    throw invalidType(field, integer ? 'an integer' : 'a number', value);
  }
  settings[name] = value;
  return true;
}

const TEXT = new Set(['format', 'verbosity']);
const FORMAT = new Set(['type']);

/** https://platform.openai.com/docs/api-reference/responses/create#responses-create-text */
export function takeText(request: Draft<NeutralChatRequest>, value: unknown): void {
  const text = optionalObject(value, 'text') ?? {};
  const format = optionalObject(text.format, 'text.format');
  const responseFormat = format && decodeFormat(format);
  if (responseFormat) request.responseFormat = responseFormat;
  const verbosity = optionalString(text.verbosity, 'text.verbosity');
  if (verbosity !== undefined) request.rest.verbosity = verbosity;
  const others = otherFields(text, TEXT);
  const unknown = format && !responseFormat ? { ...others, format } : others;
  if (unknown) request.rest.text = unknown;
}

/** Null for a format that the neutral shape does not know. */
function decodeFormat(format: JsonObject): ResponseFormat | null {
  const { type } = format;
  if (type === 'text' || type === 'json_object') return { type };
  if (type !== 'json_schema') return null;
  optionalString(format.name, 'text.format.name');
  optionalObject(format.schema, 'text.format.schema');
  optionalBoolean(format.strict, 'text.format.strict');
  return { type, json_schema: otherFields(format, FORMAT) ?? {} };
}

const REASONING = new Set(['effort', 'summary']);

/**
 * https://platform.openai.com/docs/api-reference/responses/create#responses-create-reasoning. A summary of whatever kind
 * the provider has (`auto`) is what clients get anyway; a wish for another one is kept whole in the other fields.
 */
export function takeReasoning(request: Draft<NeutralChatRequest>, value: unknown): void {
  const reasoning = optionalObject(value, 'reasoning') ?? {};
  const effort = optionalString(reasoning.effort, 'reasoning.effort');
  const summary = optionalString(reasoning.summary, 'reasoning.summary');
  const settings: Draft<ReasoningSettings> = {};
  if (effort !== undefined) settings.effort = effort;
  if (effort !== undefined) request.reasoning = settings;
  const isPlain = (summary === undefined || summary === 'auto') && !otherFields(reasoning, REASONING);
  if (!isPlain) request.rest.reasoning = reasoning;
}

const LOGPROBS = 'message.output_text.logprobs';
/** An answer has it in any case: no state is kept here. */
const ENCRYPTED_REASONING = 'reasoning.encrypted_content';

/** What the client wants in the answer beyond the usual, and how many log probabilities a token. */
export function takeIncluded(rest: JsonObject, { include, top_logprobs: count }: JsonObject): void {
  if (include !== undefined && include !== null && !Array.isArray(include)) {
    throw invalidType('include', 'an array of strings', include);
  }
  const included: readonly unknown[] = Array.isArray(include) ? include : [];
  const others = included.filter((name) => name !== LOGPROBS && name !== ENCRYPTED_REASONING);
  if (others.length > 0) rest.include = others;
  const hasCount = typeof count === 'number' && count > 0;
  if (hasCount || included.includes(LOGPROBS)) rest.logprobs = true;
  if (hasCount) rest.top_logprobs = count;
}

/** Fields whose value says what an upstream that keeps no state does anyway. */
export function saysNothing(field: string, value: unknown): boolean {
  switch (field) {
    case 'store':
    case 'background':
      return value === false;
    case 'truncation':
      return value === 'disabled';
    case 'metadata':
      return isJsonObject(value) && Object.keys(value).length === 0;
    default:
      return false;
  }
}
