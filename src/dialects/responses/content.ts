import type { MediaSource, NeutralPart } from '../../core/neutral/parts.ts';
import type { JsonObject } from '../../core/types.ts';
import { decodeContentList } from '../openai/content-list.ts';
import { missing, optionalObject, optionalString, otherFields } from '../openai/fields.ts';
import { audioMediaType, documentMediaType, sourceOfUrl } from '../openai/media.ts';
import type { Places } from '../places.ts';
import { fromAnnotation } from './annotations.ts';

/**
 * The parts of a message's `content` or of a tool's `output`: a text, a list of content parts, or nothing.
 * https://platform.openai.com/docs/api-reference/responses/create#responses-create-input
 */
export function decodeContent(content: unknown, path: string, places: Places | null = null): NeutralPart[] {
  return decodeContentList(content, path, decodePart, places);
}

function decodePart(part: JsonObject, path: string): NeutralPart {
  switch (part.type) {
    case 'input_text':
    case 'text':
      return { type: 'text', text: requiredText(part, 'text', path), ...common(part, TEXT, path) };
    case 'output_text':
      return outputText(part, path);
    case 'refusal':
      return { type: 'refusal', text: requiredText(part, 'refusal', path), ...common(part, REFUSAL, path) };
    case 'input_image':
      return image(part, path);
    case 'input_file':
      return file(part, path);
    case 'input_audio':
      return audio(part, path);
    default:
      if (part.type === undefined || part.type === null) throw missing(`${path}.type`);
      return { type: 'other', value: part };
  }
}

const TEXT = new Set(['type', 'text', 'cache_control']);
const OUTPUT_TEXT = new Set(['type', 'text', 'cache_control', 'annotations', 'logprobs']);
const REFUSAL = new Set(['type', 'refusal', 'cache_control']);
const IMAGE = new Set(['type', 'image_url', 'file_id', 'detail', 'cache_control']);
const FILE = new Set(['type', 'file_id', 'file_data', 'file_url', 'filename', 'cache_control']);
const AUDIO = new Set(['type', 'input_audio', 'cache_control']);

type Common = { cacheControl?: JsonObject; rest?: JsonObject };

function common(part: JsonObject, known: ReadonlySet<string>, path: string): Common {
  const cacheControl = optionalObject(part.cache_control, `${path}.cache_control`);
  const rest = otherFields(part, known);
  return { ...(cacheControl && { cacheControl }), ...(rest && { rest }) };
}

export function requiredText(value: JsonObject, field: string, path: string): string {
  const text = optionalString(value[field], `${path}.${field}`);
  if (text === undefined) throw missing(`${path}.${field}`);
  return text;
}

/** A text of an earlier answer. The log probabilities of its tokens say nothing to a model, the sources do. */
function outputText(part: JsonObject, path: string): NeutralPart {
  const { cacheControl, rest } = common(part, OUTPUT_TEXT, path);
  // A provider's own citations say the same in more words.
  const isCited = rest?.citations !== undefined;
  const annotations = Array.isArray(part.annotations) && !isCited ? part.annotations.map(fromAnnotation) : [];
  const fields = annotations.length > 0 ? { ...rest, annotations } : rest;
  return {
    type: 'text',
    text: requiredText(part, 'text', path),
    ...(cacheControl && { cacheControl }),
    ...(fields && { rest: fields }),
  };
}

function image(part: JsonObject, path: string): NeutralPart {
  const url = optionalString(part.image_url, `${path}.image_url`);
  const id = optionalString(part.file_id, `${path}.file_id`);
  const detail = optionalString(part.detail, `${path}.detail`);
  if (url === undefined && id === undefined) throw missing(`${path}.image_url`);
  const source: MediaSource =
    url === undefined ? { kind: 'file', id: id ?? '' } : sourceOfUrl(url, `${path}.image_url`);
  return { type: 'image', source, ...(detail !== undefined && { detail }), ...common(part, IMAGE, path) };
}

function file(part: JsonObject, path: string): NeutralPart {
  const name = optionalString(part.filename, `${path}.filename`);
  return {
    type: 'document',
    source: fileSource(part, name, path),
    ...(name !== undefined && { name }),
    ...common(part, FILE, path),
  };
}

function fileSource(part: JsonObject, name: string | undefined, path: string): MediaSource {
  const url = optionalString(part.file_url, `${path}.file_url`);
  if (url !== undefined) return sourceOfUrl(url, `${path}.file_url`);
  const data = optionalString(part.file_data, `${path}.file_data`);
  if (data !== undefined) {
    if (data.startsWith('data:')) return sourceOfUrl(data, `${path}.file_data`);
    return { kind: 'base64', mediaType: documentMediaType(name), data };
  }
  const id = optionalString(part.file_id, `${path}.file_id`);
  if (id === undefined) throw missing(`${path}.file_data`);
  return { kind: 'file', id };
}

function audio(part: JsonObject, path: string): NeutralPart {
  const given = optionalObject(part.input_audio, `${path}.input_audio`);
  if (!given) throw missing(`${path}.input_audio`);
  const data = requiredText(given, 'data', `${path}.input_audio`);
  const mediaType = audioMediaType(requiredText(given, 'format', `${path}.input_audio`));
  return { type: 'audio', source: { kind: 'base64', mediaType, data }, ...common(part, AUDIO, path) };
}
