import { createHash } from 'node:crypto';
import type { Changes } from '../../core/neutral/changes.ts';
import type { JsonObject } from '../../core/types.ts';
import { isJsonObject } from '../../core/types.ts';
import { contentParts } from './parts.ts';

const MESSAGE_FIELDS: Readonly<Record<string, ReadonlySet<string>>> = {
  system: new Set(['role', 'content']),
  user: new Set(['role', 'content']),
  assistant: new Set(['role', 'content', 'tool_calls', 'prefix']),
  tool: new Set(['role', 'content', 'tool_call_id', 'name']),
};

/**
 * The messages as Mistral takes them, or null where they already are: it refuses fields that it does not know, has
 * reasoning as a part of the content, and calls documents and recordings by other names.
 */
export function adjustMessages(messages: unknown, changes: Changes, shortensIds = true): unknown[] | null {
  if (!Array.isArray(messages)) return null;
  let changed = false;
  const adjusted = messages.map((message: unknown, index) => {
    const better = isJsonObject(message)
      ? adjustMessage(shortensIds ? withShortIds(message) : message, `messages.${index}`, changes)
      : message;
    if (better !== message) changed = true;
    return better;
  });
  return changed ? adjusted : null;
}

/** The API refuses other ids than 9 letters and digits; clients have longer ones of other providers. */
const ID = /^[A-Za-z0-9]{9}$/;

function withShortIds(message: JsonObject): JsonObject {
  const { tool_call_id: id, tool_calls: calls } = message;
  if (typeof id === 'string' && !ID.test(id)) return { ...message, tool_call_id: shortId(id) };
  if (!Array.isArray(calls) || calls.every((call) => !isJsonObject(call) || hasShortId(call))) return message;
  const shortened = calls.map((call: unknown) =>
    isJsonObject(call) && !hasShortId(call) ? { ...call, id: shortId(String(call.id)) } : call,
  );
  return { ...message, tool_calls: shortened };
}

function hasShortId({ id }: JsonObject): boolean {
  return typeof id !== 'string' || ID.test(id);
}

/** The same id becomes the same again. */
function shortId(id: string): string {
  return createHash('sha256').update(id).digest('hex').slice(0, 9);
}

function adjustMessage(message: JsonObject, path: string, changes: Changes): JsonObject {
  const role = message.role === 'developer' ? 'system' : String(message.role);
  const known = MESSAGE_FIELDS[role];
  if (!known) return message;
  const extras = Object.keys(message).filter((field) => !known.has(field));
  const content = Array.isArray(message.content) ? contentParts(message.content, path, changes) : message.content;
  const calls = Array.isArray(message.tool_calls) ? toolCalls(message.tool_calls, path, changes) : message.tool_calls;
  const isFine = extras.length === 0 && content === message.content && calls === message.tool_calls;
  if (isFine && role === message.role) return message;
  const thinking = role === 'assistant' ? thinkingParts(message) : [];
  for (const field of extras) {
    if (!isCarried(field, thinking) && message[field] !== null) changes.dropped(`${path}.${field}`);
  }
  const kept = Object.entries(message).filter(([field]) => known.has(field) && field !== 'content');
  return {
    ...Object.fromEntries(kept),
    role,
    ...(calls !== undefined && { tool_calls: calls }),
    ...(thinking.length > 0 ? { content: [...thinking, ...asParts(content)] } : 'content' in message && { content }),
  };
}

/** What an earlier answer of the model carried beside its content. */
function thinkingParts({ reasoning_content: text, reasoning_details: details }: JsonObject): JsonObject[] {
  const texts = Array.isArray(details) ? details.flatMap(reasoningText) : [];
  if (texts.length === 0 && typeof text === 'string' && text !== '') texts.push(text);
  return texts.map((thought) => ({ type: 'thinking', thinking: [{ type: 'text', text: thought }] }));
}

function reasoningText(detail: unknown): string[] {
  return isJsonObject(detail) && typeof detail.text === 'string' && detail.text !== '' ? [detail.text] : [];
}

function isCarried(field: string, thinking: readonly JsonObject[]): boolean {
  return thinking.length > 0 && (field === 'reasoning_content' || field === 'reasoning_details');
}

function asParts(content: unknown): unknown[] {
  if (Array.isArray(content)) return content;
  return typeof content === 'string' && content !== '' ? [{ type: 'text', text: content }] : [];
}

const CALL_FIELDS = ['id', 'type', 'function', 'index'];

function toolCalls(calls: readonly unknown[], path: string, changes: Changes): readonly unknown[] {
  let changed = false;
  const adjusted = calls.map((call, index) => {
    if (!isJsonObject(call)) return call;
    const extras = Object.keys(call).filter((field) => !CALL_FIELDS.includes(field));
    if (extras.length === 0) return call;
    changed = true;
    for (const field of extras) changes.dropped(`${path}.tool_calls.${index}.${field}`);
    return Object.fromEntries(Object.entries(call).filter(([field]) => CALL_FIELDS.includes(field)));
  });
  return changed ? adjusted : calls;
}
