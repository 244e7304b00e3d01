import { isJsonObject, type JsonObject } from '../../core/types.ts';

/** A request in the making: `generationConfig` is apart until the end. */
export interface Draft {
  readonly body: JsonObject;
  readonly generation: JsonObject;
}

/** https://ai.google.dev/api/generate-content#method:-models.generatecontent */
const REQUEST_FIELDS: ReadonlySet<string> = new Set(['safetySettings', 'cachedContent', 'toolConfig']);

/** https://cloud.google.com/vertex-ai/generative-ai/docs/model-reference/inference */
const VERTEX_REQUEST_FIELDS: ReadonlySet<string> = new Set([...REQUEST_FIELDS, 'labels', 'modelArmorConfig']);

/** https://ai.google.dev/api/generate-content#v1beta.GenerationConfig */
const GENERATION_FIELDS: ReadonlySet<string> = new Set([
  'stopSequences',
  'candidateCount',
  'maxOutputTokens',
  'topP',
  'topK',
  'frequencyPenalty',
  'presencePenalty',
  'responseMimeType',
  'responseSchema',
  'responseJsonSchema',
  'responseLogprobs',
  'responseModalities',
  'speechConfig',
  'thinkingConfig',
  'imageConfig',
  'mediaResolution',
  'enableEnhancedCivicAnswers',
  'audioTimestamp',
  'routingConfig',
  'modelConfig',
]);

/** Puts a field of the provider's own API where it belongs; false for one that it does not have. */
export type NativeFields = (field: string, value: unknown, draft: Draft) => boolean;

export function nativeFields(isVertex: boolean): NativeFields {
  const requestFields = isVertex ? VERTEX_REQUEST_FIELDS : REQUEST_FIELDS;
  return (field, value, { body, generation }) => {
    // The API itself takes both notations.
    const name = field.includes('_') ? camelCase(field) : field;
    if (requestFields.has(name)) body[name] = value;
    else if (GENERATION_FIELDS.has(name)) generation[name] = value;
    else if (name === 'generationConfig' && isJsonObject(value)) Object.assign(generation, value);
    else return false;
    return true;
  };
}

function camelCase(name: string): string {
  return name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
