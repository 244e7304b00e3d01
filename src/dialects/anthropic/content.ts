import type { MediaSource, NeutralPart, TextPart, ToolCallPart } from '../../core/neutral/parts.ts';
import type { JsonObject } from '../../core/types.ts';
import { isJsonObject } from '../../core/types.ts';
import { UNPARSED, WRAPPED } from './blocks.ts';

/** The content blocks of an answer. https://docs.anthropic.com/en/api/messages#response-content */
export function encodeContent(parts: readonly NeutralPart[]): JsonObject[] {
  const blocks: JsonObject[] = [];
  for (const part of parts) {
    if (part.type === 'reasoning') blocks.push(...thinkingBlocks(part));
    else if (part.type !== 'text' || part.text !== '' || part.rest) blocks.push(blockOf(part));
  }
  return blocks;
}

/** A block as a client may send it back. */
export function blockOf(part: Exclude<NeutralPart, { type: 'reasoning' }>): JsonObject {
  switch (part.type) {
    case 'text':
      return { type: 'text', text: part.text, ...textFields(part) };
    case 'refusal':
      return { type: 'text', text: part.text, ...part.rest };
    case 'tool-call':
      return { ...toolUse(part), input: inputOf(part.arguments) };
    case 'tool-result':
      return {
        type: 'tool_result',
        tool_use_id: part.toolCallId,
        content: encodeContent(part.parts),
        ...(part.isError !== undefined && { is_error: part.isError }),
        ...part.rest,
      };
    case 'image':
    case 'audio':
      return { type: part.type, source: encodeSource(part.source), ...part.rest };
    case 'document':
      return {
        type: 'document',
        source: encodeSource(part.source),
        ...(part.name !== undefined && { title: part.name }),
        ...part.rest,
      };
    case 'other':
      return otherBlock(part.value);
  }
}

/** Every block of this API has a type, by which clients and the gateway know what to do with it. */
function otherBlock(value: JsonObject): JsonObject {
  return typeof value.type === 'string' ? value : { type: WRAPPED, part: value };
}

/** What a provider encrypted beside the text that it shows stands in a block of its own. */
function thinkingBlocks(part: Extract<NeutralPart, { type: 'reasoning' }>): JsonObject[] {
  const { text, signature, encrypted, rest } = part;
  const blocks: JsonObject[] = [];
  if (text !== '' || signature !== undefined) {
    blocks.push({ type: 'thinking', thinking: text, signature: signature ?? '', ...(encrypted === undefined && rest) });
  }
  if (encrypted !== undefined) blocks.push({ type: 'redacted_thinking', data: encrypted, ...rest });
  return blocks;
}

/** A call but for its arguments. */
export function toolUse(call: Omit<ToolCallPart, 'type' | 'arguments'>): JsonObject {
  return {
    type: 'tool_use',
    id: call.id === '' ? newId('toolu') : call.id,
    name: call.name,
    input: {},
    ...(call.signature !== undefined && { thought_signature: call.signature }),
    ...call.rest,
  };
}

/** The API knows arguments as an object alone. What is none is handed on as text, so that no tool runs without it. */
function inputOf(text: string): JsonObject {
  if (text.trim() === '') return {};
  try {
    const input: unknown = JSON.parse(text);
    if (isJsonObject(input)) return input;
  } catch {
    // The answer may have ended at its length.
  }
  return { [UNPARSED]: text };
}

function encodeSource(source: MediaSource): JsonObject {
  switch (source.kind) {
    case 'base64':
      return { type: 'base64', media_type: source.mediaType, data: source.data };
    case 'url':
      return { type: 'url', url: source.url };
    case 'file':
      return { type: 'file', file_id: source.id };
  }
}

function textFields({ rest }: TextPart): JsonObject {
  if (!rest) return {};
  const { citations: _citations, annotations: _annotations, ...others } = rest;
  const citations = citationsOf(rest);
  return { ...others, ...(citations.length > 0 && { citations }) };
}

/**
 * The sources of a text: Anthropic's citations, or another provider's as it has them, or else those in OpenAI's shape as
 * results of a web search. https://docs.anthropic.com/en/docs/build-with-claude/citations
 */
export function citationsOf({ citations, annotations }: JsonObject): readonly unknown[] {
  if (Array.isArray(citations) && citations.length > 0) return citations;
  return Array.isArray(annotations) ? annotations.map(citationOf) : [];
}

function citationOf(annotation: unknown): unknown {
  const source = isJsonObject(annotation) ? (annotation.url_citation ?? annotation) : null;
  if (!isJsonObject(source) || typeof source.url !== 'string') return annotation;
  const title = typeof source.title === 'string' ? source.title : null;
  return { type: 'web_search_result_location', url: source.url, title, cited_text: '', encrypted_index: '' };
}

export function newId(prefix: string): string {
  return `${prefix}_${crypto.randomUUID().replaceAll('-', '')}`;
}
