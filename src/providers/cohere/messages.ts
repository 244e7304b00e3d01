import type { Changes } from '../../core/neutral/changes.ts';
import { type NeutralPart, textOf } from '../../core/neutral/parts.ts';
import type { NeutralMessage } from '../../core/neutral/request.ts';
import type { JsonObject } from '../../core/types.ts';

/** The conversation for version 2 of the chat: https://docs.cohere.com/reference/chat */
export function convertMessages(messages: readonly NeutralMessage[], changes: Changes): JsonObject[] {
  return messages.map((message, index) => {
    const path = `messages.${index}`;
    for (const field of Object.keys(message.rest)) changes.dropped(`${path}.${field}`);
    for (const [position, part] of message.parts.entries()) noteExtras(part, `${path}.content.${position}`, changes);
    return convertMessage(message, path, changes);
  });
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
  changes.dropped(path);
  return [];
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
      ...(others.length > 0 && { content: convertContent(others, path, changes) }),
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
