import type { FieldNames } from '../../core/neutral/changes.ts';
import type { JsonObject, Operation } from '../../core/types.ts';
import { isJsonObject } from '../../core/types.ts';
import type { CheckedRequest } from '../dialect.ts';
import { fieldNames } from '../field-names.ts';
import { Places } from '../places.ts';
import { questionOf } from './check.ts';
import { decodeRequest } from './decode.ts';
import { camelKeys } from './fields.ts';
import { NATIVE, NUMBERS, RENAMED } from './generation-config.ts';

/** `generationConfig` holds what other APIs have beside the messages. */
const CONFIG = Object.fromEntries(
  [
    ...[...NUMBERS, ...RENAMED].map(([own, neutral]) => [neutral, own] as const),
    ...[...NATIVE].map((own) => [own, own] as const),
    ['max_completion_tokens', 'maxOutputTokens'] as const,
    ['stop', 'stopSequences'] as const,
    ['modalities', 'responseModalities'] as const,
    ['thinking', 'thinkingConfig.thinkingBudget'] as const,
    ['thinkingConfig', 'thinkingConfig'] as const,
    ['include_thoughts', 'thinkingConfig.includeThoughts'] as const,
  ].map(([neutral, own]) => [neutral, `generationConfig.${own}`]),
);

const FIELDS = {
  ...CONFIG,
  service_tier: 'serviceTier',
  tool_choice: 'toolConfig.functionCallingConfig',
  dimensions: 'outputDimensionality',
  input: 'content',
};

const MEMBERS = {
  thought_signature: 'thoughtSignature',
  signature: 'thoughtSignature',
  encrypted: 'thoughtSignature',
  is_error: 'functionResponse.response.error',
  'file.filename': 'displayName',
  'image_url.detail': 'mediaResolution',
};

/** The names that Google's API has for what a request has. */
export function namesOf(operation: Operation, request: CheckedRequest): FieldNames {
  const places = new Places();
  const decoded = decodeRequest(operation, request, places);
  const said = questionOf(request.body, request.path).generationConfig;
  const config = isJsonObject(said) ? camelKeys(said) : {};
  return fieldNames(decoded, places, { fields: { ...FIELDS, ...saidAs(config) }, members: MEMBERS });
}

/** What a client may say in several fields. */
function saidAs({ responseJsonSchema, responseSchema, responseMimeType, thinkingConfig }: JsonObject): Vocabulary {
  const schema = responseSchema !== undefined && 'responseSchema';
  const format = (responseJsonSchema !== undefined && 'responseJsonSchema') || schema;
  const isLevel = isJsonObject(thinkingConfig) && camelKeys(thinkingConfig).thinkingLevel !== undefined;
  return {
    response_format: `generationConfig.${format || (responseMimeType === undefined ? 'responseFormat' : 'responseMimeType')}`,
    reasoning_effort: `generationConfig.thinkingConfig.${isLevel ? 'thinkingLevel' : 'thinkingBudget'}`,
  };
}

type Vocabulary = Readonly<Record<string, string>>;
