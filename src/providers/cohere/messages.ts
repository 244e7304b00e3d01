import type { Changes } from '../../core/neutral/changes.ts';
import { documentText, type NeutralPart, textOf } from '../../core/neutral/parts.ts';
import type { NeutralChatRequest, NeutralMessage } from '../../core/neutral/request.ts';
import type { JsonObject } from '../../core/types.ts';
import { invalidParameter } from './errors.ts';

/** The conversation for version 2 of the chat: https://docs.cohere.com/reference/chat */
export function convertMessages({ messages, surface }: NeutralChatRequest, changes: Changes): JsonObject[] {
  if (surface === 'standard') refuseMedia(messages);
  return messages.map((message, index) => {
    const path = `messages.${index}`;
    for (const field of Object.keys(message.rest)) changes.dropped(`${path}.${field}`);
    noteAllExtras(message, path, changes);
    return convertMessage(message, path, changes);
  });
}

/** An answer that passes over them would mislead. */
function refuseMedia(messages: readonly NeutralMessage[]): void {
  for (const [index, { parts }] of messages.entries()) {
    const contents = parts.filter(({ type }) => type !== 'reasoning' && type !== 'tool-call');
    for (const [position, part] of contents.entries()) {
      const isLost = part.type === 'audio' || (part.type === 'document' && documentText(part) === null);
      if (!isLost) continue;
      const path = `messages.${index}.content.${position}`;
      throw invalidParameter(`Cohere takes text and images alone; at '${path}' is something else.`, path);
    }
  }
}

function noteAllExtras({ parts }: NeutralMessage, path: string, changes: Changes): void {
  let contents = 0;
  let calls = 0;
  for (const part of parts) {
    let at = path;
    if (part.type === 'tool-call') at = `${path}.tool_calls.${calls++}`;
    else if (part.type === 'reasoning') at = `${path}.reasoning_content`;
    else if (part.type !== 'tool-result') at = `${path}.content.${contents++}`;
    noteExtras(part, at, changes);
    if (part.type !== 'tool-result') continue;
    if (part.isError) changes.dropped(`${path}.is_error`);
    for (const [index, inner] of part.parts.entries()) noteExtras(inner, `${path}.content.${index}`, changes);
  }
}

function noteExtras(part: NeutralPart, path: string, changes: Changes): void {
  if (part.type === 'other') return;
  if (part.cacheControl) changes.dropped(`${path}.cache_control`);
  for (const field of Object.keys(part.rest ?? {})) changes.dropped(`${path}.${field}`);
}

function convertMessage({ role, parts }: NeutralMessage, path: string, changes: Changes): JsonObject {
  if (role === 'assistant') return assistant(parts, path, changes);
  const [first] = parts;
  if (role === 'tool' && first?.type === 'tool-result') {
    const content = convertContent(first.parts, path, changes);
    return { role, tool_call_id: first.toolCallId, content };
  }
  return { role: role === 'developer' ? 'system' : role, content: convertContent(parts, path, changes) };
}

/** Text alone is a text, as most clients send it; anything else is a list. */
function convertContent(parts: readonly NeutralPart[], path: string, changes: Changes): string | JsonObject[] {
  const [first] = parts;
  if (parts.length === 0) return '';
  if (parts.length === 1 && first?.type === 'text') return first.text;
  return parts.flatMap((part, index) => convertPart(part, `${path}.content.${index}`, changes));
}

function convertPart(part: NeutralPart, path: string, changes: Changes): JsonObject[] {
  if (part.type === 'text' || part.type === 'refusal') return [{ type: 'text', text: part.text }];
  if (part.type === 'image' && part.source.kind !== 'file') {
    const { source, detail } = part;
    const url = source.kind === 'url' ? source.url : `data:${source.mediaType};base64,${source.data}`;
    return [{ type: 'image_url', image_url: { url, ...(detail !== undefined && { detail }) } }];
  }
  if (part.type === 'other' && part.text) {
    changes.approximated(path);
    return [{ type: 'text', text: part.text }];
  }
  const document = part.type === 'document' ? documentText(part) : null;
  if (document !== null) {
    changes.approximated(path);
    return [{ type: 'text', text: document }];
  }
  changes.dropped(path);
  return [];
}

function contentBeside(parts: readonly NeutralPart[], path: string, changes: Changes): JsonObject {
  const content = convertContent(parts, path, changes);
  return content.length > 0 ? { content } : {};
}

/** Beside tool calls, reasoning is the plan of them; otherwise it is a part of the content. */
function assistant(parts: readonly NeutralPart[], path: string, changes: Changes): JsonObject {
  const calls: JsonObject[] = [];
  const thoughts: string[] = [];
  const others: NeutralPart[] = [];
  for (const part of parts) {
    if (part.type === 'tool-call') {
      const { id, name, arguments: text, signature } = part;
      if (signature !== undefined) changes.dropped(`${path}.tool_calls.${calls.length}.thought_signature`);
      calls.push({ id, type: 'function', function: { name, arguments: text === '' ? '{}' : text } });
    } else if (part.type === 'reasoning') {
      if (part.text !== '') thoughts.push(part.text);
      if (part.encrypted !== undefined) changes.dropped(`${path}.reasoning_details`);
    } else others.push(part);
  }
  if (calls.length > 0) {
    return {
      role: 'assistant',
      tool_calls: calls,
      ...(thoughts.length > 0 && { tool_plan: thoughts.join('\n') }),
      ...contentBeside(others, path, changes),
    };
  }
  if (thoughts.length === 0) return { role: 'assistant', content: convertContent(others, path, changes) };
  const thinking = thoughts.map((thought) => ({ type: 'thinking', thinking: thought }));
  const text =
    textOf(others) === ''
      ? []
      : others.flatMap((part, index) => convertPart(part, `${path}.content.${index}`, changes));
  return { role: 'assistant', content: [...thinking, ...text] };
}
