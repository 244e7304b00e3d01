import type { MediaSource, NeutralPart } from '../../core/neutral/parts.ts';
import type { JsonObject } from '../../core/types.ts';
import { isJsonObject } from '../../core/types.ts';
import { decodeContentList } from './content-list.ts';
import { invalidType, missing, optionalObject, optionalString, otherFields, otherFieldsOfBoth } from './fields.ts';
import { audioMediaType, documentMediaType, sourceOfUrl } from './media.ts';

/**
 * The parts of a message's `content`: a text, a list of content parts, or nothing.
 * https://platform.openai.com/docs/api-reference/chat/create#chat-create-messages
 */
export function decodeContent(content: unknown, path: string): NeutralPart[] {
  return decodeContentList(content, path, decodePart);
}

function decodePart(part: JsonObject, path: string): NeutralPart {
  if (part.type === undefined || part.type === null) throw missing(`${path}.type`);
  switch (part.type) {
    case 'text':
      return { type: 'text', text: requiredText(part, 'text', path), ...common(part, TEXT, path) };
    case 'refusal':
      return { type: 'refusal', text: requiredText(part, 'refusal', path), ...common(part, REFUSAL, path) };
    case 'image_url':
      return image(part, path);
    case 'input_audio':
      return audio(part, path);
    case 'file':
      return file(part, path);
    case 'reasoning':
      return reasoning(part, path);
    default:
      if (typeof part.type !== 'string') throw invalidType(`${path}.type`, 'a string', part.type);
      return { type: 'other', value: part };
  }
}

const TEXT = new Set(['type', 'text', 'cache_control']);
const REFUSAL = new Set(['type', 'refusal', 'cache_control']);
const IMAGE = new Set(['type', 'image_url', 'cache_control']);
const IMAGE_URL = new Set(['url', 'detail']);
const AUDIO = new Set(['type', 'input_audio', 'cache_control']);
const INPUT_AUDIO = new Set(['data', 'format']);
const FILE = new Set(['type', 'file', 'cache_control']);
const FILE_FIELDS = new Set(['file_data', 'file_id', 'filename']);
const REASONING = new Set(['type', 'summary', 'encrypted_content', 'cache_control']);

type Common = { cacheControl?: JsonObject; rest?: JsonObject };

function common(part: JsonObject, known: ReadonlySet<string>, path: string): Common {
  return withCache(part, otherFields(part, known), path);
}

function withCache(part: JsonObject, rest: JsonObject | undefined, path: string): Common {
  const cacheControl = optionalObject(part.cache_control, `${path}.cache_control`);
  return { ...(cacheControl && { cacheControl }), ...(rest && { rest }) };
}

function requiredText(part: JsonObject, field: string, path: string): string {
  const value = part[field];
  if (value === undefined || value === null) throw missing(`${path}.${field}`);
  if (typeof value !== 'string') throw invalidType(`${path}.${field}`, 'a string', value);
  return value;
}

function requiredObject(part: JsonObject, field: string, path: string): JsonObject {
  const value = part[field];
  if (value === undefined || value === null) throw missing(`${path}.${field}`);
  if (!isJsonObject(value)) throw invalidType(`${path}.${field}`, 'an object', value);
  return value;
}

function image(part: JsonObject, path: string): NeutralPart {
  // Some clients write the address without the object around it.
  const given = typeof part.image_url === 'string' ? { url: part.image_url } : requiredObject(part, 'image_url', path);
  const at = `${path}.image_url`;
  const source = sourceOfUrl(requiredText(given, 'url', at), `${at}.url`);
  const detail = optionalString(given.detail, `${at}.detail`);
  const rest = otherFieldsOfBoth(part, IMAGE, 'image_url', given, IMAGE_URL);
  return { type: 'image', source, ...(detail !== undefined && { detail }), ...withCache(part, rest, path) };
}

function audio(part: JsonObject, path: string): NeutralPart {
  const given = requiredObject(part, 'input_audio', path);
  const at = `${path}.input_audio`;
  const data = requiredText(given, 'data', at);
  const source: MediaSource = data.startsWith('data:')
    ? sourceOfUrl(data, `${at}.data`)
    : { kind: 'base64', mediaType: audioMediaType(requiredText(given, 'format', at)), data };
  const rest = otherFieldsOfBoth(part, AUDIO, 'input_audio', given, INPUT_AUDIO);
  return { type: 'audio', source, ...withCache(part, rest, path) };
}

function file(part: JsonObject, path: string): NeutralPart {
  const given = requiredObject(part, 'file', path);
  const name = optionalString(given.filename, `${path}.file.filename`);
  const id = optionalString(given.file_id, `${path}.file.file_id`);
  const data = optionalString(given.file_data, `${path}.file.file_data`);
  if (id === undefined && data === undefined) return { type: 'other', value: part };
  const rest = otherFieldsOfBoth(part, FILE, 'file', given, FILE_FIELDS);
  return {
    type: 'document',
    source: data === undefined ? { kind: 'file', id: id ?? '' } : fileSource(data, name, `${path}.file.file_data`),
    ...(name !== undefined && { name }),
    ...withCache(part, rest, path),
  };
}

function fileSource(data: string, name: string | undefined, path: string): MediaSource {
  if (/^(?:data:|https?:\/\/|gs:\/\/|s3:\/\/)/i.test(data.slice(0, 8))) return sourceOfUrl(data, path);
  return { kind: 'base64', mediaType: documentMediaType(name), data };
}

/** MLflow's part for what a model thought: `{"type":"reasoning","summary":[{"type":"summary_text","text":"…"}]}`. */
function reasoning(part: JsonObject, path: string): NeutralPart {
  const { summary } = part;
  const encrypted = optionalString(part.encrypted_content, `${path}.encrypted_content`);
  if (summary !== undefined && summary !== null && !Array.isArray(summary)) {
    throw invalidType(`${path}.summary`, 'an array', summary);
  }
  const texts: string[] = [];
  for (const [index, item] of (summary ?? []).entries()) {
    if (!isJsonObject(item)) throw invalidType(`${path}.summary[${index}]`, 'an object', item);
    texts.push(requiredText(item, 'text', `${path}.summary[${index}]`));
  }
  return {
    type: 'reasoning',
    text: texts.join('\n\n'),
    ...(encrypted !== undefined && { encrypted }),
    ...common(part, REASONING, path),
  };
}
