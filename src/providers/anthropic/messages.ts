import { GatewayError } from '../../core/errors.ts';
import type { Changes } from '../../core/neutral/changes.ts';
import type { NeutralPart } from '../../core/neutral/parts.ts';
import type { NeutralChatRequest, NeutralMessage } from '../../core/neutral/request.ts';
import type { JsonObject } from '../../core/types.ts';
import { blockOf, contentOf } from './blocks.ts';

export interface Conversation {
  /** Empty where there are no instructions. */
  readonly system: string | JsonObject[];
  readonly messages: JsonObject[];
}

/**
 * Instructions stand outside of the messages, whose roles are `user` and `assistant` alone. `instruction` is one more.
 * https://docs.anthropic.com/en/api/messages#body-messages
 */
export function convertMessages(
  { messages, surface }: NeutralChatRequest,
  instruction: string | null,
  changes: Changes,
): Conversation {
  const system: JsonObject[] = [];
  const converted: JsonObject[] = [];
  let results: JsonObject[] | null = null;
  for (const [index, message] of messages.entries()) {
    const { role, parts } = message;
    const path = `messages.${index}`;
    noteRest(message, path, changes);
    if (role === 'tool') {
      // The results of parallel calls belong into one message; from several the model learns to call one by one.
      if (!results) {
        results = [];
        converted.push({ role: 'user', content: results });
      }
      addBlocks(results, parts, path, changes);
      continue;
    }
    results = null;
    if (role === 'system' || role === 'developer') {
      // It will stand before what was said before it.
      if (converted.length > 0) changes.approximated(path);
      addInstructions(system, parts, path, changes);
    } else if (role === 'user' || role === 'assistant') {
      const content = contentOf(parts, path, changes);
      // An assistant's message without content, which the API would refuse, says nothing.
      if (role === 'user' || content.length > 0) converted.push({ role, content });
    } else if (surface === 'mlflow') {
      changes.dropped(path);
    } else {
      throw invalid(`Claude knows no messages of the role '${role}'.`, `${path}.role`);
    }
  }
  if (instruction !== null) system.push({ type: 'text', text: instruction });
  return { system: joined(system), messages: converted };
}

function addBlocks(blocks: JsonObject[], parts: readonly NeutralPart[], path: string, changes: Changes): void {
  for (const part of parts) {
    const block = blockOf(part, path, changes);
    if (block) blocks.push(block);
  }
}

function addInstructions(system: JsonObject[], parts: readonly NeutralPart[], path: string, changes: Changes): void {
  for (const [index, part] of parts.entries()) {
    if (part.type !== 'text') {
      const at = `${path}.content.${index}`;
      throw invalid(`Claude takes instructions as text alone, unlike '${at}'.`, at);
    }
    if (part.text !== '') addBlocks(system, [part], `${path}.content.${index}`, changes);
  }
}

/** One text, unless a block says more than its text, such as that it is worth caching. */
function joined(system: JsonObject[]): Conversation['system'] {
  const isPlain = system.every((block) => Object.keys(block).length === 2);
  return isPlain ? system.map(({ text }) => text).join('\n') : system;
}

function noteRest({ rest }: NeutralMessage, path: string, changes: Changes): void {
  for (const field in rest) if (!isNothing(rest[field])) changes.dropped(`${path}.${field}`);
}

/** Clients send back whole messages of earlier answers, with the fields that had nothing to say. */
function isNothing(value: unknown): boolean {
  return value === null || (Array.isArray(value) && value.length === 0);
}

function invalid(message: string, parameter: string): GatewayError {
  return new GatewayError('invalid_body', message, { parameter });
}
