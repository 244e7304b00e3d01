import type { NeutralPart } from '../../core/neutral/parts.ts';
import type { NeutralMessage } from '../../core/neutral/request.ts';
import type { JsonObject } from '../../core/types.ts';
import { otherFields } from '../openai/fields.ts';
import { decodeContent } from './blocks.ts';
import { invalidType, listAt, objectAt } from './fields.ts';

/** The instructions and the turns. A turn with tool results becomes one message for each, and one for what else it has. */
export function decodeMessages(body: JsonObject): NeutralMessage[] {
  const messages: NeutralMessage[] = [];
  const system = decodeContent(body.system, 'system');
  if (system.length > 0) messages.push({ role: 'system', parts: system, rest: {} });
  for (const [index, given] of listAt(body.messages, 'messages').entries()) {
    const path = `messages.${index}`;
    const message = objectAt(given, path);
    const { role } = message;
    if (role !== 'user' && role !== 'assistant' && role !== 'system') {
      throw invalidType(`${path}.role`, "'user' or 'assistant'");
    }
    const parts = decodeContent(message.content, `${path}.content`);
    const rest = otherFields(message, KNOWN) ?? {};
    if (role === 'user') addUserTurn(messages, parts, rest);
    else messages.push({ role, parts, rest });
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
