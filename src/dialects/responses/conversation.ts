import type { NeutralPart } from '../../core/neutral/parts.ts';
import type { NeutralMessage } from '../../core/neutral/request.ts';
import type { JsonObject } from '../../core/types.ts';

/**
 * The messages of an input. The API has what a model says as a flat list of thoughts, texts and calls; elsewhere those
 * between two words of the user are one message.
 */
export class Conversation {
  readonly #messages: NeutralMessage[] = [];
  #answer: { readonly parts: NeutralPart[]; rest: JsonObject } | null = null;

  /** Adds to what the model says at this point. */
  answer(parts: readonly NeutralPart[], rest: JsonObject = {}): void {
    if (this.#answer && conflicts(this.#answer.rest, rest)) this.#close();
    this.#answer ??= { parts: [], rest: {} };
    this.#answer.parts.push(...parts);
    this.#answer.rest = { ...this.#answer.rest, ...rest };
  }

  message(role: string, parts: readonly NeutralPart[], rest: JsonObject = {}): void {
    this.#close();
    this.#messages.push({ role, parts, rest });
  }

  messages(): NeutralMessage[] {
    this.#close();
    return this.#messages;
  }

  #close(): void {
    if (!this.#answer) return;
    this.#messages.push({ role: 'assistant', ...this.#answer });
    this.#answer = null;
  }
}

function conflicts(one: JsonObject, other: JsonObject): boolean {
  for (const field in other) if (field in one && one[field] !== other[field]) return true;
  return false;
}
