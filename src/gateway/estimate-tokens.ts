import type { MediaSource, NeutralPart } from '../core/neutral/parts.ts';
import type { NeutralChatRequest } from '../core/neutral/request.ts';

/** Close enough for what clients do with it, which is to see whether a conversation still fits. */
const CHARACTERS_PER_TOKEN = 4;

/** What providers count for an image of usual size. */
const IMAGE_TOKENS = 1200;
const AUDIO_TOKENS = 800;
/** For one whose size is not known. */
const DOCUMENT_TOKENS = 3000;
const BYTES_PER_DOCUMENT_TOKEN = 20;

/** The roles, delimiters and instructions that providers put around a message or a tool. */
const MESSAGE_TOKENS = 4;
const TOOL_TOKENS = 12;

/** How many tokens a request has, about. */
export function estimateTokens({ messages, tools, responseFormat }: NeutralChatRequest): number {
  let tokens = 0;
  for (const { parts } of messages) tokens += MESSAGE_TOKENS + partsTokens(parts);
  for (const tool of tools) tokens += TOOL_TOKENS + jsonTokens('other' in tool ? tool.other : tool);
  if (responseFormat?.type === 'json_schema') tokens += jsonTokens(responseFormat.json_schema);
  return tokens;
}

function partsTokens(parts: readonly NeutralPart[]): number {
  let tokens = 0;
  for (const part of parts) tokens += partTokens(part);
  return tokens;
}

function partTokens(part: NeutralPart): number {
  switch (part.type) {
    case 'text':
    case 'refusal':
      return textTokens(part.text);
    case 'reasoning':
      return textTokens(part.text) + textTokens(part.encrypted ?? '');
    case 'tool-call':
      return textTokens(part.name) + textTokens(part.arguments);
    case 'tool-result':
      return partsTokens(part.parts);
    case 'image':
      return IMAGE_TOKENS;
    case 'audio':
      return AUDIO_TOKENS;
    case 'document':
      return documentTokens(part.source);
    case 'other':
      return jsonTokens(part.value);
  }
}

function documentTokens(source: MediaSource): number {
  if (source.kind !== 'base64') return DOCUMENT_TOKENS;
  const bytes = source.data.length * 0.75;
  const bytesPerToken = source.mediaType.startsWith('text/') ? CHARACTERS_PER_TOKEN : BYTES_PER_DOCUMENT_TOKEN;
  return Math.ceil(bytes / bytesPerToken);
}

function textTokens(text: string): number {
  return Math.ceil(text.length / CHARACTERS_PER_TOKEN);
}

function jsonTokens(value: unknown): number {
  return textTokens(JSON.stringify(value) ?? '');
}
