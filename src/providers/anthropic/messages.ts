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
  const turns = new Turns(surface);
  for (const [index, message] of messages.entries()) {
    const { role, parts } = message;
    const path = `messages.${index}`;
    noteRest(message, path, changes);
    if (role === 'tool') {
      turns.addResults(blocksAt(parts, path, changes));
    } else if (role === 'system' || role === 'developer') {
      // It will stand before what was said before it.
      if (turns.messages.length > 0) changes.approximated(path);
      turns.interrupt();
      addInstructions(system, parts, path, changes);
    } else if (role === 'user' || role === 'assistant') {
      turns.add(role, contentOf(parts, path, changes));
    } else if (surface === 'mlflow') {
      turns.interrupt();
      changes.dropped(path);
    } else {
      throw invalid(`Claude knows no messages of the role '${role}'.`, `${path}.role`);
    }
  }
  if (instruction !== null) system.push({ type: 'text', text: instruction });
  return { system: surface === 'mlflow' ? joined(system) : asSaid(system), messages: turns.messages };
}

type Content = string | JsonObject[];

/**
 * The results of parallel calls belong into one message, or the model learns to call one by one; what the user says beside
 * them follows them there. MLflow makes that a message of its own.
 */
class Turns {
  readonly messages: JsonObject[] = [];
  readonly #joinsUser: boolean;
  /** The message with results that is being written, and how many of its blocks are results: these must come first. */
  #open: { readonly content: JsonObject[]; results: number } | null = null;

  constructor(surface: NeutralChatRequest['surface']) {
    this.#joinsUser = surface === 'standard';
  }

  addResults(blocks: readonly JsonObject[]): void {
    if (!this.#open) {
      this.#open = { content: [], results: 0 };
      this.messages.push({ role: 'user', content: this.#open.content });
    }
    this.#open.content.splice(this.#open.results, 0, ...blocks);
    this.#open.results += blocks.length;
  }

  /** Something else than a turn stands between results. */
  interrupt(): void {
    if (!this.#joinsUser) this.#open = null;
  }

  add(role: 'user' | 'assistant', content: Content): void {
    if (role === 'user' && this.#joinsUser && this.#open) {
      this.#open.content.push(...blocksOf(content));
      return;
    }
    this.#open = null;
    // An assistant's message without content, which the API would refuse, says nothing.
    if (role === 'user' || content.length > 0) this.messages.push({ role, content });
  }
}

function blocksOf(content: Content): JsonObject[] {
  if (typeof content !== 'string') return content;
  return content.trim() === '' ? [] : [{ type: 'text', text: content }];
}

function blocksAt(parts: readonly NeutralPart[], path: string, changes: Changes): JsonObject[] {
  return parts.map((part) => blockOf(part, path, changes)).filter((block) => block !== null);
}

function addInstructions(system: JsonObject[], parts: readonly NeutralPart[], path: string, changes: Changes): void {
  for (const [index, part] of parts.entries()) {
    if (part.type !== 'text') {
      const at = `${path}.content.${index}`;
      throw invalid(`Claude takes instructions as text alone, unlike '${at}'.`, at);
    }
    if (part.text !== '') system.push(...blocksAt([part], `${path}.content.${index}`, changes));
  }
}

/** One text as a text; several stay apart. */
function asSaid(system: JsonObject[]): Conversation['system'] {
  return system.length === 1 ? joined(system) : system;
}

/** One text, as MLflow has it, unless a block says more than its text, such as that it is worth caching. */
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
