import type { MediaSource, NeutralPart, TextPart, ToolCallPart } from '../../core/neutral/parts.ts';
import { textOf } from '../../core/neutral/parts.ts';
import type { JsonObject } from '../../core/types.ts';
import { isJsonObject } from '../../core/types.ts';
import { camelKeys } from './fields.ts';
import { encodeEncrypted, encodeSignature } from './signatures.ts';

/** A part of an answer; null for a tool call whose arguments are no JSON object. https://ai.google.dev/api/caching#Part */
export function encodePart(part: NeutralPart): JsonObject | null {
  switch (part.type) {
    case 'text':
      return encodeText(part);
    case 'reasoning':
      return encodeThought(part.text, part);
    case 'tool-call':
      return encodeCall(part);
    case 'image':
    case 'audio':
    case 'document':
      return { ...encodeMedia(part.source), ...(part.rest && camelKeys(part.rest)) };
    case 'refusal':
      return { text: part.text };
    case 'tool-result': {
      const response = { result: textOf(part.parts) };
      return { functionResponse: { id: part.toolCallId, name: '', response } };
    }
    case 'other':
      return encodeOther(part.value, part.text);
  }
}

/** Where a text is from stays with it: clients send the metadata of a part back. */
function encodeText({ text, rest }: TextPart): JsonObject {
  if (!rest) return { text };
  const { citations, annotations: _inCitationMetadata, ...others } = rest;
  const isCited = Array.isArray(citations) && citations.length > 0;
  return { text, ...camelKeys(others), ...(isCited && { partMetadata: { citations } }) };
}

/** Thoughts are told from what they are signed with by nothing but `thought`. */
export function encodeThought(
  text: string,
  { signature, encrypted }: { readonly signature?: string; readonly encrypted?: string },
): JsonObject {
  const thought = { text, thought: true };
  if (encrypted !== undefined) return { ...thought, thoughtSignature: encodeEncrypted(encrypted) };
  return signature === undefined ? thought : { ...thought, thoughtSignature: encodeSignature(signature) };
}

export function encodeCall({
  id,
  name,
  arguments: text,
  signature,
}: Pick<ToolCallPart, 'id' | 'name' | 'arguments' | 'signature'>): JsonObject | null {
  const args = parseArguments(text);
  if (args === null) return null;
  return {
    functionCall: { ...(id !== '' && { id }), name, args },
    ...(signature !== undefined && { thoughtSignature: encodeSignature(signature) }),
  };
}

/** Null for what is no JSON object. */
function parseArguments(text: string): JsonObject | null {
  if (text.trim() === '') return {};
  try {
    const value: unknown = JSON.parse(text);
    return isJsonObject(value) ? value : null;
  } catch {
    return null;
  }
}

/** Google's own words for a call that a model did not get right. */
export function malformedCall({ name, arguments: text }: Pick<ToolCallPart, 'name' | 'arguments'>): string {
  return `Malformed function call: ${name}(${text})`;
}

function encodeMedia(source: MediaSource): JsonObject {
  if (source.kind === 'base64') return { inlineData: { mimeType: source.mediaType, data: source.data } };
  const fileUri = source.kind === 'url' ? source.url : source.id;
  return { fileData: { ...(source.mediaType !== undefined && { mimeType: source.mediaType }), fileUri } };
}

const NATIVE = ['executableCode', 'codeExecutionResult', 'toolCall', 'toolResponse', 'inlineData', 'fileData'] as const;

/** A part of another API travels as metadata, which clients send back. */
function encodeOther(value: JsonObject, text = ''): JsonObject {
  const isNative = NATIVE.some((name) => isJsonObject(value[name]));
  return isNative ? value : { text, partMetadata: { part: value } };
}
