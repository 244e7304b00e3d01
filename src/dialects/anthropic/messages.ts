import type { NeutralPart } from '../../core/neutral/parts.ts';
import type { NeutralMessage } from '../../core/neutral/request.ts';
import type { JsonObject } from '../../core/types.ts';
import { otherFields } from '../openai/fields.ts';
import { marked, type Places } from '../places.ts';
import { decodeContent } from './blocks.ts';
import { invalidType, listAt, objectAt } from './fields.ts';

/** The instructions and the turns. A turn with tool results becomes one message for each, and one for what else it has. */
export function decodeMessages(body: JsonObject, places: Places | null = null): NeutralMessage[] {
  const messages: NeutralMessage[] = [];
  const system = decodeContent(body.system, 'system', places);
  if (system.length > 0) messages.push(marked({ role: 'system', parts: system, rest: {} }, 'system', places));
  for (const [index, given] of listAt(body.messages, 'messages').entries()) {
    const path = `messages.${index}`;
    const message = objectAt(given, path);
    const { role } = message;
    if (role !== 'user' && role !== 'assistant' && role !== 'system') {
      throw invalidType(`${path}.role`, "'user' or 'assistant'");
    }
    const parts = decodeContent(message.content, `${path}.content`, places);
    const rest = otherFields(message, KNOWN) ?? {};
    const before = messages.length;
    if (role === 'user') addUserTurn(messages, parts, rest);
    else messages.push({ role, parts, rest });
    for (const made of places ? messages.slice(before) : []) places?.mark(made, path);
  }
  return messages;
}

const KNOWN = new Set(['role', 'content']);

function addUserTurn(messages: NeutralMessage[], parts: readonly NeutralPart[], rest: JsonObject): void {
  let others: NeutralPart[] = [];
  const flush = (): void => {
    if (others.length === 0) return;
    messages.push({ role: 'user', parts: others, rest });
    others = [];
  };
  for (const part of parts) {
    if (part.type !== 'tool-result') {
      others.push(part);
      continue;
    }
    flush();
    messages.push({ role: 'tool', parts: [part], rest });
  }
  if (parts.length === 0) messages.push({ role: 'user', parts, rest });
  flush();
}
