import type { MediaSource, NeutralPart } from '../../core/neutral/parts.ts';
import type { JsonObject } from '../../core/types.ts';
import { isJsonObject } from '../../core/types.ts';
import { otherFields } from '../openai/fields.ts';
import { marked, type Places } from '../places.ts';
import { TOOL_REFERENCE } from './deferred-tools.ts';
import {
  invalidType,
  objectAt,
  optionalBoolean,
  optionalObject,
  optionalString,
  requiredObject,
  requiredString,
} from './fields.ts';

/** The parts of a `content`: a text, or a list of blocks. https://docs.anthropic.com/en/api/messages#body-messages-content */
export function decodeContent(content: unknown, path: string, places: Places | null = null): NeutralPart[] {
  if (content === undefined || content === null) return [];
  if (typeof content === 'string') return [marked({ type: 'text', text: content }, path, places)];
  if (!Array.isArray(content)) throw invalidType(path, 'a valid string or list');
  return content.map((block: unknown, index) => {
    const at = `${path}.${index}`;
    return marked(decodeBlock(objectAt(block, at), at, places), at, places);
  });
}

/** Blocks of a kind that the neutral shape does not know, such as those of server tools, are kept as they are. */
function decodeBlock(block: JsonObject, path: string, places: Places | null): NeutralPart {
  switch (requiredString(block, 'type', path)) {
    case 'text':
      return { type: 'text', text: requiredString(block, 'text', path), ...common(block, TEXT, path) };
    case 'image':
      return media('image', block, path);
    case 'audio':
      return media('audio', block, path);
    case 'document':
      return document(block, path);
    case 'thinking':
      return thinking(block, path);
    case 'redacted_thinking':
      return {
        type: 'reasoning',
        text: '',
        encrypted: requiredString(block, 'data', path),
        ...common(block, REDACTED, path),
      };
    case 'tool_use':
      return toolUse(block, path);
    case 'tool_result':
      return toolResult(block, path, places);
    case 'search_result':
      return { type: 'other', value: block, text: searchResultText(block) };
    case TOOL_REFERENCE:
      return { type: 'other', value: block, text: `The tool ${String(block.tool_name)} can be called now.` };
    case WRAPPED:
      return { type: 'other', value: isJsonObject(block.part) ? block.part : block };
    default:
      return { type: 'other', value: block };
  }
}

/** The type of a block around a part of an API whose parts have no types. */
export const WRAPPED = 'provider_part';

const TEXT = new Set(['type', 'text', 'cache_control']);
const MEDIA = new Set(['type', 'source', 'cache_control']);
const DOCUMENT = new Set(['type', 'source', 'title', 'cache_control']);
const THINKING = new Set(['type', 'thinking', 'signature', 'cache_control']);
const REDACTED = new Set(['type', 'data', 'cache_control']);
const TOOL_USE = new Set(['type', 'id', 'name', 'input', 'thought_signature', 'cache_control']);
const TOOL_RESULT = new Set(['type', 'tool_use_id', 'content', 'is_error', 'cache_control']);

type Common = { cacheControl?: JsonObject; rest?: JsonObject };

function common(block: JsonObject, known: ReadonlySet<string>, path: string, more?: JsonObject): Common {
  const cacheControl = optionalObject(block, 'cache_control', path);
  const others = otherFields(block, known);
  const rest = more ? { ...others, ...more } : others;
  return { ...(cacheControl && { cacheControl }), ...(rest && { rest }) };
}

function media(type: 'image' | 'audio', block: JsonObject, path: string): NeutralPart {
  const given = requiredObject(block, 'source', path);
  const source = decodeSource(given, `${path}.source`);
  if (!source) return { type: 'other', value: block };
  return { type, source, ...common(block, MEDIA, path, sourceRest(given)) };
}

function document(block: JsonObject, path: string): NeutralPart {
  const given = requiredObject(block, 'source', path);
  const source = decodeSource(given, `${path}.source`);
  if (!source) return { type: 'other', value: block, text: contentText(given.content) };
  const name = optionalString(block, 'title', path);
  return {
    type: 'document',
    source,
    ...(name !== undefined && { name }),
    ...common(block, DOCUMENT, path, sourceRest(given)),
  };
}

/** Null for a source that the neutral shape does not know, such as a document made of blocks. */
function decodeSource(source: JsonObject, path: string): MediaSource | null {
  switch (requiredString(source, 'type', path)) {
    case 'base64':
      return {
        kind: 'base64',
        mediaType: requiredString(source, 'media_type', path),
        data: requiredString(source, 'data', path),
      };
    case 'text': {
      const data = Buffer.from(requiredString(source, 'data', path), 'utf8').toString('base64');
      return { kind: 'base64', mediaType: optionalString(source, 'media_type', path) ?? 'text/plain', data };
    }
    case 'url':
      return { kind: 'url', url: requiredString(source, 'url', path) };
    case 'file':
      return { kind: 'file', id: requiredString(source, 'file_id', path) };
    default:
      return null;
  }
}

const SOURCE = new Set(['type', 'media_type', 'data', 'url', 'file_id']);

function sourceRest(source: JsonObject): JsonObject | undefined {
  const others = otherFields(source, SOURCE);
  return others && Object.fromEntries(Object.entries(others).map(([field, value]) => [`source.${field}`, value]));
}

function thinking(block: JsonObject, path: string): NeutralPart {
  const signature = optionalString(block, 'signature', path);
  return {
    type: 'reasoning',
    text: requiredString(block, 'thinking', path),
    // The gateway itself writes an empty one for models that sign nothing.
    ...(signature !== undefined && signature !== '' && { signature }),
    ...common(block, THINKING, path),
  };
}

function toolUse(block: JsonObject, path: string): NeutralPart {
  const signature = optionalString(block, 'thought_signature', path);
  return {
    type: 'tool-call',
    id: requiredString(block, 'id', path),
    name: requiredString(block, 'name', path),
    arguments: argumentsText(block.input),
    ...(signature !== undefined && { signature }),
    ...common(block, TOOL_USE, path),
  };
}

/** The member in which a call whose arguments were no JSON object carries their text, for `input` must be one. */
export const UNPARSED = 'unparsed_arguments';

function argumentsText(input: unknown): string {
  if (isJsonObject(input)) {
    const text = input[UNPARSED];
    if (typeof text === 'string' && Object.keys(input).length === 1) return text;
  }
  return JSON.stringify(input ?? {});
}

function toolResult(block: JsonObject, path: string, places: Places | null): NeutralPart {
  const isError = optionalBoolean(block, 'is_error', path);
  return {
    type: 'tool-result',
    toolCallId: requiredString(block, 'tool_use_id', path),
    parts: decodeContent(block.content, `${path}.content`, places),
    ...(isError !== undefined && { isError }),
    ...common(block, TOOL_RESULT, path),
  };
}

/** https://docs.anthropic.com/en/docs/build-with-claude/search-results */
function searchResultText({ title, source, content }: JsonObject): string {
  return [title, source, contentText(content)].filter((text) => typeof text === 'string' && text !== '').join('\n');
}

function contentText(content: unknown): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  const texts = content.map((block: unknown) => (isJsonObject(block) ? block.text : null));
  return texts.filter((text) => typeof text === 'string').join('\n');
}
