import type { NeutralPart, ToolCallPart } from '../../core/neutral/parts.ts';
import type { JsonObject } from '../../core/types.ts';
import { isJsonObject } from '../../core/types.ts';
import { missing, optionalObject, optionalString, otherFieldsOfBoth } from './fields.ts';

const CALL = new Set(['id', 'type', 'function', 'thought_signature', 'extra_content', 'index', 'cache_control']);
const FUNCTION = new Set(['name', 'arguments']);

/** One entry of an assistant message's `tool_calls`; a call of another kind than `function` is kept as it is. */
export function decodeToolCall(call: JsonObject, path: string, lenient: boolean): NeutralPart {
  const type = optionalString(call.type, `${path}.type`);
  if (type !== undefined && type !== 'function') return { type: 'other', value: call };
  const id = optionalString(call.id, `${path}.id`);
  if (id === undefined && !lenient) throw missing(`${path}.id`);
  const definition = optionalObject(call.function, `${path}.function`);
  if (!definition && !lenient) throw missing(`${path}.function`);
  const name = optionalString(definition?.name, `${path}.function.name`);
  if (name === undefined && !lenient) throw missing(`${path}.function.name`);
  const cacheControl = optionalObject(call.cache_control, `${path}.cache_control`);
  const signature = optionalString(call.thought_signature, `${path}.thought_signature`) ?? googleSignature(call);
  const rest = callRest(call, definition ?? {});
  return {
    type: 'tool-call',
    id: id ?? '',
    name: name ?? '',
    arguments: argumentsText(definition?.arguments, `${path}.function.arguments`),
    ...(signature !== undefined && { signature }),
    ...(cacheControl && { cacheControl }),
    ...(rest && { rest }),
  };
}

/** Some clients send the arguments parsed. */
function argumentsText(value: unknown, path: string): string {
  if (isJsonObject(value)) return JSON.stringify(value);
  return optionalString(value, path) ?? '';
}

/** Where Google's own OpenAI-compatible API has it: https://ai.google.dev/gemini-api/docs/thought-signatures */
function googleSignature(call: JsonObject): string | undefined {
  const google = isJsonObject(call.extra_content) ? call.extra_content.google : undefined;
  const signature = isJsonObject(google) ? google.thought_signature : undefined;
  return typeof signature === 'string' ? signature : undefined;
}

function callRest(call: JsonObject, definition: JsonObject): JsonObject | undefined {
  const rest = otherFieldsOfBoth(call, CALL, 'function', definition, FUNCTION);
  const extra = call.extra_content;
  if (extra === undefined || extra === null || isSignatureAlone(extra)) return rest;
  return { ...rest, extra_content: extra };
}

function isSignatureAlone(extra: unknown): boolean {
  if (!isJsonObject(extra) || Object.keys(extra).length !== 1 || !isJsonObject(extra.google)) return false;
  return Object.keys(extra.google).length === 1 && typeof extra.google.thought_signature === 'string';
}

/** A call of an answer, in OpenAI's shape. Clients parse the arguments, so a call without any has `{}`. */
export function encodeToolCall(call: ToolCallPart): JsonObject {
  return {
    id: call.id,
    type: 'function',
    function: { name: call.name, arguments: call.arguments === '' ? '{}' : call.arguments },
    ...(call.signature !== undefined && { thought_signature: call.signature }),
    ...call.rest,
  };
}
