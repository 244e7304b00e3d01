import type { NeutralPart, ReasoningPart, TextPart, ToolResultPart } from '../../core/neutral/parts.ts';
import type { JsonObject } from '../../core/types.ts';
import { isJsonObject } from '../../core/types.ts';
import type { Places } from '../places.ts';
import type { CallIds } from './calls.ts';
import { listAt, objectAt, optionalString, otherFields, stringAt } from './fields.ts';
import { decodeFileData, decodeInlineData } from './media.ts';
import { decodeSignature } from './signatures.ts';

const TEXT = new Set(['text', 'thought', 'thoughtSignature', 'partMetadata']);
const CALL_PART = new Set(['functionCall', 'thoughtSignature']);
const CALL = new Set(['id', 'name', 'args']);
const RESPONSE = new Set(['id', 'name', 'response', 'parts']);
const INLINE = new Set(['inlineData']);
const FILE = new Set(['fileData']);

/** The neutral parts of one part: none for an empty one, two for a text with a signature. https://ai.google.dev/api/caching#Part */
export function decodePart(
  value: unknown,
  path: string,
  callIds: CallIds,
  places: Places | null = null,
): readonly NeutralPart[] {
  const parts = partsOf(value, path, callIds, places);
  if (places) for (const part of parts) places.mark(part, path);
  return parts;
}

function partsOf(value: unknown, path: string, callIds: CallIds, places: Places | null): readonly NeutralPart[] {
  const part = objectAt(value, path);
  if (typeof part.text === 'string') return decodeText(part, part.text, path);
  if (isJsonObject(part.functionCall)) return [decodeCall(part, path, callIds)];
  if (isJsonObject(part.functionResponse)) {
    return [decodeResponse(part.functionResponse, path, callIds, places)];
  }
  const media = decodeMedia(part, path);
  if (media) return [media];
  if (typeof part.thoughtSignature === 'string' && Object.keys(part).every((field) => TEXT.has(field))) {
    return decodeText(part, '', path);
  }
  return Object.keys(part).length === 0 ? [] : [other(part)];
}

/** What only Google's models know; what they ran, and what came of it, others may be told. */
function other(part: JsonObject): NeutralPart {
  const { executableCode: code, codeExecutionResult: result } = part;
  let text = '';
  if (isJsonObject(code))
    text = `\`\`\`${String(code.language ?? '').toLowerCase()}\n${String(code.code ?? '')}\n\`\`\``;
  else if (isJsonObject(result)) text = String(result.output ?? result.outcome ?? '');
  return { type: 'other', value: part, ...(text !== '' && { text }) };
}

function decodeMedia(part: JsonObject, path: string): NeutralPart | null {
  if (isJsonObject(part.inlineData)) {
    return decodeInlineData(part.inlineData, otherFields(part, INLINE), `${path}.inlineData`);
  }
  if (isJsonObject(part.fileData)) return decodeFileData(part.fileData, otherFields(part, FILE), `${path}.fileData`);
  return null;
}

/** A text, a thought, or a part that this dialect wrote in this form because the API has no other for it. */
function decodeText(part: JsonObject, text: string, path: string): NeutralPart[] {
  const sealed = decodeSignature(optionalString(part.thoughtSignature, `${path}.thoughtSignature`) ?? '');
  const seal = part.thoughtSignature === undefined || part.thoughtSignature === null ? {} : sealed;
  const { part: foreign, ...metadata } = isJsonObject(part.partMetadata) ? part.partMetadata : {};
  if (isJsonObject(foreign)) return [{ type: 'other', value: foreign, ...(text !== '' && { text }) }];
  const { citations, ...others } = metadata;
  const rest = {
    ...otherFields(part, TEXT),
    ...(Array.isArray(citations) && { citations }),
    ...(Object.keys(others).length > 0 && { partMetadata: others }),
  };
  const further = Object.keys(rest).length > 0 && { rest };
  if (part.thought === true) return [{ type: 'reasoning', text, ...seal, ...further }];
  const isSealed = seal.signature !== undefined || seal.encrypted !== undefined;
  const parts: NeutralPart[] = text === '' && isSealed && !further ? [] : [{ type: 'text', text, ...further }];
  if (isSealed) parts.push({ type: 'reasoning', text: '', ...seal });
  return parts;
}

/** https://ai.google.dev/api/caching#FunctionCall */
function decodeCall(part: JsonObject, path: string, callIds: CallIds): NeutralPart {
  const call = objectAt(part.functionCall, `${path}.functionCall`);
  const name = stringAt(call.name, `${path}.functionCall.name`);
  const signature = optionalString(part.thoughtSignature, `${path}.thoughtSignature`);
  const rest = { ...otherFields(part, CALL_PART), ...otherFields(call, CALL) };
  return {
    type: 'tool-call',
    id: callIds.call(name, optionalString(call.id, `${path}.functionCall.id`)),
    name,
    arguments: JSON.stringify(call.args ?? {}),
    ...(signature !== undefined && { signature: decodeSignature(signature).signature ?? signature }),
    ...(Object.keys(rest).length > 0 && { rest }),
  };
}

/** https://ai.google.dev/api/caching#FunctionResponse */
function decodeResponse(value: JsonObject, path: string, callIds: CallIds, places: Places | null): ToolResultPart {
  const answer = objectAt(value, `${path}.functionResponse`);
  const name = stringAt(answer.name, `${path}.functionResponse.name`);
  const response = isJsonObject(answer.response) ? answer.response : {};
  const media = listAt(answer.parts).flatMap((part, index) =>
    decodePart(part, `${path}.functionResponse.parts[${index}]`, callIds, places),
  );
  const rest = otherFields(answer, RESPONSE);
  const isError = Object.keys(response).length === 1 && typeof response.error === 'string';
  return {
    type: 'tool-result',
    toolCallId: callIds.response(name, optionalString(answer.id, `${path}.functionResponse.id`)),
    parts: [{ type: 'text', text: isError ? String(response.error) : responseText(response) }, ...media],
    ...(isError && { isError }),
    ...(rest && { rest }),
  };
}

/** A response must be an object here; one that is there only to hold a text is that text. */
function responseText(response: JsonObject): string {
  const { result } = response;
  const isText = typeof result === 'string' && Object.keys(response).length === 1;
  return isText && !result.trimStart().startsWith('{') ? result : JSON.stringify(response);
}

/** Adds a part of a model's turn. A thought that came in pieces is signed as a whole: by its last piece. */
export function pushPart(parts: NeutralPart[], part: NeutralPart, places: Places | null): void {
  if (part.type === 'reasoning' && part.signature !== undefined) {
    let text = part.text;
    for (let last = parts.at(-1); last?.type === 'reasoning' && isPlain(last); last = parts.at(-1)) {
      text = last.text + text;
      parts.pop();
    }
    const whole = { ...part, text };
    places?.move(part, whole);
    parts.push(whole);
  } else parts.push(part);
}

function isPlain(part: ReasoningPart | TextPart): boolean {
  if (part.type === 'reasoning' && (part.signature !== undefined || part.encrypted !== undefined)) return false;
  return part.rest === undefined;
}

/** Clients keep a streamed turn as one content for each event: what follows is joined to what was there. */
export function joinPart(parts: NeutralPart[], part: NeutralPart, places: Places | null): void {
  const last = parts.at(-1);
  const joined = last ? joinedPart(last, part) : null;
  if (last && joined) {
    places?.move(last, joined);
    parts[parts.length - 1] = joined;
  } else if (part.type !== 'text' || part.text !== '' || part.rest) pushPart(parts, part, places);
}

/** Null for two parts that stay two. */
function joinedPart(last: NeutralPart, part: NeutralPart): NeutralPart | null {
  if (part.type === 'text' && last.type === 'text') {
    if (isPlain(last) && isPlain(part)) return { ...last, text: last.text + part.text };
    return part.text === '' ? { ...last, rest: { ...last.rest, ...part.rest } } : null;
  }
  if (part.type !== 'reasoning' || last.type !== 'reasoning' || !isPlain(last) || !isPlain(part)) return null;
  return { ...last, text: last.text + part.text };
}
