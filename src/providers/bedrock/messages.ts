import type { Changes } from '../../core/neutral/changes.ts';
import type { NeutralPart, OtherPart, ReasoningPart, TextPart } from '../../core/neutral/parts.ts';
import type { NeutralChatRequest, NeutralMessage } from '../../core/neutral/request.ts';
import { isJsonObject, type JsonObject } from '../../core/types.ts';
import { audioBlock, documentBlock, imageBlock } from './media.ts';
import type { Model } from './models.ts';
import { toolResultBlock, toolUseBlock } from './tool-blocks.ts';

export interface Conversation {
  readonly system: JsonObject[];
  readonly messages: Turn[];
}

/** https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Message.html */
export interface Turn extends JsonObject {
  readonly role: 'user' | 'assistant';
  readonly content: JsonObject[];
}

/** What turning one request's messages into Converse's needs at hand. */
export interface Context {
  readonly model: Model;
  readonly surface: NeutralChatRequest['surface'];
  readonly changes: Changes;
  /** The names that documents of this request have. */
  readonly documentNames: Set<string>;
}

/**
 * Converse wants users and assistants by turns, system texts apart, and the results of tools in the user's next turn:
 * neighbours of one role become one message.
 */
export function convertMessages(request: NeutralChatRequest, model: Model, changes: Changes): Conversation {
  const { surface } = request;
  const context: Context = { model, surface, changes, documentNames: new Set() };
  const system: JsonObject[] = [];
  const messages: Turn[] = [];
  for (const [index, message] of request.messages.entries()) {
    const path = `messages.${index}`;
    for (const field in message.rest) changes.dropped(`${path}.${field}`);
    const blocks = convertParts(message, path, context);
    if (message.role === 'system' || message.role === 'developer') {
      if (messages.length > 0 && blocks.length > 0) changes.approximated(path);
      system.push(...blocks);
    } else if (blocks.length > 0) {
      append(messages, roleOf(message, path, changes), blocks);
    }
  }
  return { system, messages };
}

function roleOf({ role }: NeutralMessage, path: string, changes: Changes): Turn['role'] {
  if (role === 'assistant') return 'assistant';
  if (role !== 'user' && role !== 'tool') changes.approximated(`${path}.role`);
  return 'user';
}

function append(messages: Turn[], role: Turn['role'], blocks: JsonObject[]): void {
  const last = messages.at(-1);
  if (last?.role === role) last.content.push(...blocks);
  else messages.push({ role, content: blocks });
}

function convertParts({ parts: given, role }: NeutralMessage, path: string, context: Context): JsonObject[] {
  const parts = context.surface === 'mlflow' ? joinTexts(given) : given;
  const convert = role === 'system' || role === 'developer' ? systemBlock : convertPart;
  const nextPath = partPaths(path);
  const blocks: JsonObject[] = [];
  for (const part of parts) {
    const at = nextPath(part);
    const block = convert(part, at, context);
    if (block) blocks.push(block);
    const cacheControl = cacheControlOf(part);
    if (cacheControl) pushCachePoint(blocks, cacheControl, at, context);
  }
  return blocks;
}

/** Names parts as the client's body has them, where calls and reasoning stand beside the content. */
function partPaths(message: string): (part: NeutralPart) => string {
  let content = 0;
  let calls = 0;
  return ({ type }) => {
    switch (type) {
      case 'tool-call':
        return `${message}.tool_calls.${calls++}`;
      case 'reasoning':
        return `${message}.reasoning_content`;
      case 'tool-result':
        return `${message}.content`;
      default:
        return `${message}.content.${content++}`;
    }
  };
}

/** A cache point cannot stand within a tool's result, only after it. */
function cacheControlOf(part: NeutralPart): JsonObject | undefined {
  if (part.type === 'other') return undefined;
  if (part.type !== 'tool-result' || part.cacheControl) return part.cacheControl;
  for (const inner of part.parts) if (inner.type !== 'other' && inner.cacheControl) return inner.cacheControl;
  return undefined;
}

/** MLflow puts a line break between the texts of one message. */
function joinTexts(parts: readonly NeutralPart[]): readonly NeutralPart[] {
  if (parts.length < 2) return parts;
  const joined: NeutralPart[] = [];
  for (const part of parts) {
    const last = joined.at(-1);
    if (part.type === 'text' && last?.type === 'text' && !last.cacheControl) {
      joined[joined.length - 1] = { ...part, text: `${last.text}\n${part.text}`, rest: { ...last.rest, ...part.rest } };
    } else joined.push(part);
  }
  return joined;
}

/** Null for what is left out; what that loses is noted. */
function convertPart(part: NeutralPart, path: string, context: Context): JsonObject | null {
  const { changes } = context;
  if (part.type === 'other') return nativeBlock(part, path, changes);
  noteRest(part, path, changes);
  switch (part.type) {
    case 'text':
      return textBlock(part);
    case 'image':
      if (part.detail !== undefined && part.detail !== 'auto') changes.dropped(`${path}.detail`);
      return imageBlock(part);
    case 'audio':
      return audioBlock(part);
    case 'document':
      return documentBlock(part, context.documentNames);
    case 'reasoning':
      return reasoningBlock(part, path, changes);
    case 'refusal':
      changes.approximated(path);
      return part.text === '' ? null : { text: part.text };
    case 'tool-call':
      return toolUseBlock(part, path, context);
    case 'tool-result':
      return toolResultBlock(part, path, context, convertPart);
  }
}

const DOCUMENT_FIELDS = new Set(['context', 'citations']);

function noteRest(part: Exclude<NeutralPart, { type: 'other' }>, path: string, changes: Changes): void {
  for (const field in part.rest) {
    if (part.type !== 'document' || !DOCUMENT_FIELDS.has(field)) changes.dropped(`${path}.${field}`);
  }
}

/** An empty text says nothing, and Bedrock refuses it. */
function textBlock({ text }: TextPart): JsonObject | null {
  return text === '' ? null : { text };
}

function systemBlock(part: NeutralPart, path: string, context: Context): JsonObject | null {
  if (part.type !== 'text' && part.type !== 'other') {
    context.changes.dropped(path);
    return null;
  }
  return convertPart(part, path, context);
}

/** A model wants its reasoning back only with its own signature; without one it would refuse the whole request. */
function reasoningBlock(
  { text, signature, encrypted }: ReasoningPart,
  path: string,
  changes: Changes,
): JsonObject | null {
  if (encrypted !== undefined) return { reasoningContent: { redactedContent: encrypted } };
  if (signature !== undefined) return { reasoningContent: { reasoningText: { text, signature } } };
  changes.dropped(path);
  return null;
}

/** Blocks of Converse that a client wrote itself: https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ContentBlock.html */
const NATIVE_BLOCKS = ['guardContent', 'cachePoint', 'video', 'searchResult', 'citationsContent'];

function nativeBlock({ value, text }: OtherPart, path: string, changes: Changes): JsonObject | null {
  for (const name of NATIVE_BLOCKS) if (isJsonObject(value[name])) return { [name]: value[name] };
  const searchResult = value.type === 'search_result' ? searchResultOf(value) : null;
  if (searchResult) return { searchResult };
  if (text === undefined || text === '') {
    changes.dropped(path);
    return null;
  }
  changes.approximated(path);
  return { text };
}

/** Claude's own block for it: https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_SearchResultBlock.html */
function searchResultOf({ source, title, content, citations }: JsonObject): JsonObject | null {
  if (typeof source !== 'string' || typeof title !== 'string' || !Array.isArray(content)) return null;
  const texts = content.map((block: unknown) => ({ text: isJsonObject(block) ? String(block.text ?? '') : '' }));
  const enabled = isJsonObject(citations) && citations.enabled === true;
  return { source, title, content: texts, citations: { enabled } };
}

/** The block that follows what is marked for the prompt cache: https://docs.aws.amazon.com/bedrock/latest/userguide/prompt-caching.html */
export function cachePoint({ ttl }: JsonObject): JsonObject {
  return { cachePoint: { type: 'default', ...(typeof ttl === 'string' && { ttl }) } };
}

function pushCachePoint(
  blocks: JsonObject[],
  cacheControl: JsonObject,
  path: string,
  { model, changes }: Context,
): void {
  // A point at the very beginning has nothing before it to keep.
  if (model.cachesPrompts && blocks.length > 0) blocks.push(cachePoint(cacheControl));
  else changes.dropped(`${path}.cache_control`);
}
