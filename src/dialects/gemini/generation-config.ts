import type { GenerationSettings, ReasoningSettings, ResponseFormat } from '../../core/neutral/request.ts';
import type { JsonObject } from '../../core/types.ts';
import { isJsonObject } from '../../core/types.ts';
import { invalidType, listAt, members, objectAt, optionalString, stringAt } from './fields.ts';
import { jsonSchemaOf } from './schema.ts';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

export interface ConfigDraft {
  readonly settings: Mutable<GenerationSettings>;
  readonly rest: JsonObject;
  responseFormat?: ResponseFormat;
  reasoning?: ReasoningSettings;
}

export const NUMBERS: ReadonlyMap<string, Exclude<keyof GenerationSettings, 'stop'>> = new Map([
  ['temperature', 'temperature'],
  ['topP', 'top_p'],
  ['topK', 'top_k'],
  ['candidateCount', 'n'],
  ['maxOutputTokens', 'max_tokens'],
  ['presencePenalty', 'presence_penalty'],
  ['frequencyPenalty', 'frequency_penalty'],
]);

/** What OpenAI's API has under another name; the neutral shape keeps it under that one. */
export const RENAMED: ReadonlyMap<string, string> = new Map([
  ['seed', 'seed'],
  ['responseLogprobs', 'logprobs'],
  ['logprobs', 'top_logprobs'],
]);

const FORMAT: ReadonlySet<string> = new Set(['responseMimeType', 'responseSchema', 'responseJsonSchema']);

/** What only Google's models know, so that the name alone says what it is about. */
export const NATIVE: ReadonlySet<string> = new Set([
  'speechConfig',
  'imageConfig',
  'mediaResolution',
  'audioTimestamp',
  'enableEnhancedCivicAnswers',
  'routingConfig',
  'modelConfig',
]);

/** https://ai.google.dev/api/generate-content#v1beta.GenerationConfig */
export function decodeGenerationConfig(value: unknown, draft: ConfigDraft): void {
  const config = objectAt(value, 'generationConfig');
  const unknown: JsonObject = {};
  for (const [field, member] of members(config)) {
    const setting = NUMBERS.get(field);
    const renamed = RENAMED.get(field);
    if (setting !== undefined) draft.settings[setting] = numberAt(member, field);
    else if (renamed !== undefined) draft.rest[renamed] = member;
    else if (field === 'stopSequences') addStop(member, draft);
    else if (field === 'responseModalities') draft.rest.modalities = listAt(member).map(lowerCase);
    else if (field === 'thinkingConfig') decodeThinking(member, draft);
    else if (NATIVE.has(field)) draft.rest[field] = member;
    else if (!FORMAT.has(field)) unknown[field] = member;
  }
  decodeFormat(config, draft);
  if (Object.keys(unknown).length > 0) draft.rest.generationConfig = unknown;
}

function numberAt(value: unknown, field: string): number {
  // 64-bit numbers are texts in the JSON of protocol buffers, and others may be.
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  if (typeof number !== 'number' || Number.isNaN(number)) {
    throw invalidType(`generationConfig.${field}`, 'a number', value);
  }
  return number;
}

function addStop(value: unknown, { settings }: ConfigDraft): void {
  const stop = listAt(value).map((text, index) => stringAt(text, `generationConfig.stopSequences[${index}]`));
  if (stop.length > 0) settings.stop = stop;
}

function lowerCase(value: unknown): unknown {
  return typeof value === 'string' ? value.toLowerCase() : value;
}

/** https://ai.google.dev/gemini-api/docs/structured-output */
function decodeFormat(config: JsonObject, draft: ConfigDraft): void {
  const mimeType = optionalString(config.responseMimeType, 'generationConfig.responseMimeType');
  const schema = config.responseJsonSchema ?? jsonSchemaOf(config.responseSchema);
  if (mimeType !== undefined && mimeType !== 'application/json' && mimeType !== 'text/plain') {
    // A single value of an enumeration, `text/x.enum`, and what may come: nobody else has it.
    for (const field of FORMAT) if (isGiven(config[field])) draft.rest[field] = config[field];
  } else if (isJsonObject(schema)) {
    draft.responseFormat = { type: 'json_schema', json_schema: { name: nameOf(schema), schema } };
  } else if (mimeType !== undefined) {
    draft.responseFormat = { type: mimeType === 'text/plain' ? 'text' : 'json_object' };
  }
}

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null;
}

/** Where schemas must have a name, it is one of 64 characters of these kinds. */
function nameOf({ title }: JsonObject): string {
  const name = typeof title === 'string' ? title.replace(/[^A-Za-z0-9_-]+/g, '_').slice(0, 64) : '';
  return name === '' || name === '_' ? 'response' : name;
}

const THINKING: ReadonlySet<string> = new Set(['thinkingBudget', 'thinkingLevel', 'includeThoughts']);

/** https://ai.google.dev/gemini-api/docs/thinking. A budget of -1 leaves it to the model. */
function decodeThinking(value: unknown, draft: ConfigDraft): void {
  const config = objectAt(value, 'generationConfig.thinkingConfig');
  for (const [field] of members(config)) if (!THINKING.has(field)) draft.rest.thinkingConfig = config;
  const level = optionalString(config.thinkingLevel, 'generationConfig.thinkingConfig.thinkingLevel');
  const budget = isGiven(config.thinkingBudget)
    ? numberAt(config.thinkingBudget, 'thinkingConfig.thinkingBudget')
    : null;
  const visible = config.includeThoughts === true;
  const reasoning: Mutable<ReasoningSettings> = {};
  if (level !== undefined && level !== 'THINKING_LEVEL_UNSPECIFIED') reasoning.effort = level.toLowerCase();
  if (budget !== null) {
    reasoning.mode = budget < 0 ? 'adaptive' : budget === 0 ? 'disabled' : 'enabled';
    if (budget >= 0) reasoning.budgetTokens = budget;
  }
  if (visible || Object.keys(reasoning).length > 0) draft.reasoning = { ...reasoning, visible };
}
