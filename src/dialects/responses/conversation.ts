import type { NeutralPart } from '../../core/neutral/parts.ts';
import type { NeutralMessage } from '../../core/neutral/request.ts';
import type { JsonObject } from '../../core/types.ts';
import { marked, type Places } from '../places.ts';

/**
 * The messages of an input. The API has what a model says as a flat list of thoughts, texts and calls; elsewhere those
 * between two words of the user are one message.
 */
export class Conversation {
  readonly #messages: NeutralMessage[] = [];
  readonly #places: Places | null;
  #answer: { readonly path: string; readonly parts: NeutralPart[]; rest: JsonObject } | null = null;

  constructor(places: Places | null) {
    this.#places = places;
  }

  /** Adds to what the model says at this point. `path` is that of the client's item. */
  answer(path: string, parts: readonly NeutralPart[], rest: JsonObject = {}): void {
    if (this.#answer && conflicts(this.#answer.rest, rest)) this.#close();
    this.#answer ??= { path, parts: [], rest: {} };
    this.#answer.parts.push(...parts);
    this.#answer.rest = { ...this.#answer.rest, ...rest };
  }

  message(path: string, role: string, parts: readonly NeutralPart[], rest: JsonObject = {}): void {
    this.#close();
    this.#messages.push(marked({ role, parts, rest }, path, this.#places));
  }

  messages(): NeutralMessage[] {
    this.#close();
    return this.#messages;
  }

  #close(): void {
    if (!this.#answer) return;
    const { path, parts, rest } = this.#answer;
    this.#messages.push(marked({ role: 'assistant', parts, rest }, path, this.#places));
    this.#answer = null;
  }
}

function conflicts(one: JsonObject, other: JsonObject): boolean {
  for (const field in other) if (field in one && one[field] !== other[field]) return true;
  return false;
}
