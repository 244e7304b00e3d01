import type { ChoiceDelta, Finish } from '../../core/neutral/response.ts';
import type { JsonObject } from '../../core/types.ts';
import { CallCollector } from './call-collector.ts';
import { encodeCitations, encodeRest } from './candidate-fields.ts';
import { encodeEnd } from './encode.ts';
import { encodePart, encodeThought } from './encode-parts.ts';
import { encodeSignature } from './signatures.ts';

/** Writes the candidates of one choice of a stream. How it ended is said in the last one. */
export class CandidateState {
  readonly #index: number;
  readonly #calls = new CallCollector();
  #finish: Finish | null = null;
  /** The answer's text, which places of citations are counted in. */
  readonly #texts: string[] = [];
  #isThought = false;
  /** Further fields that came with nothing else to say. */
  #rest: JsonObject = {};

  constructor(index: number) {
    this.#index = index;
  }

  /** Whether calls wait to be written. */
  get hasCalls(): boolean {
    return this.#calls.isWaiting;
  }

  addText(text: string): void {
    this.#texts.push(text);
    this.#isThought = false;
  }

  /** The candidate of a chunk, or null when there is nothing to say yet. */
  candidate(delta: ChoiceDelta): JsonObject | null {
    const parts = this.#parts(delta);
    const citations = this.#citations(delta);
    const rest = { ...encodeRest(delta.rest), ...(citations && { citationMetadata: citations }) };
    if (delta.finish) this.#finish = delta.finish;
    if (parts.length === 0) {
      Object.assign(this.#rest, rest);
      return null;
    }
    return { content: { parts, role: 'model' }, index: this.#index, ...rest };
  }

  /** The last one. Clients keep no turn in which a content is empty, so it has an empty text at least. */
  last(): JsonObject {
    const troubles: string[] = [];
    const parts = this.#calls.end(troubles);
    if (parts.length === 0) parts.push({ text: '' });
    return {
      content: { parts, role: 'model' },
      ...encodeEnd({ finish: this.#finish }, troubles),
      index: this.#index,
      ...this.#rest,
    };
  }

  #parts(delta: ChoiceDelta): JsonObject[] {
    const { text, reasoning, refusal, toolCalls, parts: whole } = delta;
    const parts: JsonObject[] = [];
    if (text || reasoning || refusal || whole) parts.push(...this.#calls.whole());
    if (reasoning?.text) {
      // A signature beside a text is that of the text.
      const isSigned = reasoning.signature !== undefined && text === undefined;
      parts.push(encodeThought(reasoning.text, isSigned ? { signature: reasoning.signature } : {}));
      this.#isThought = true;
    }
    if (text) {
      parts.push({ text });
      this.addText(text);
    }
    const signature = reasoning?.text && text === undefined ? undefined : reasoning?.signature;
    if (signature !== undefined) this.#sign(parts, signature, text);
    if (reasoning?.encrypted !== undefined) parts.push(encodeThought('', { encrypted: reasoning.encrypted }));
    if (refusal) {
      parts.push({ text: refusal });
      this.addText(refusal);
    }
    for (const part of whole ?? []) {
      const encoded = encodePart(part);
      if (encoded) parts.push(encoded);
      if (part.type === 'text') this.addText(part.text);
    }
    for (const call of toolCalls ?? []) parts.push(...this.#calls.add(call));
    return parts;
  }

  #sign(parts: JsonObject[], signature: string, text: string | undefined): void {
    const thoughtSignature = encodeSignature(signature);
    const last = text ? parts.at(-1) : undefined;
    if (last) last.thoughtSignature = thoughtSignature;
    else if (this.#isThought || this.#texts.length === 0) parts.push({ text: '', thought: true, thoughtSignature });
    else parts.push({ text: '', thoughtSignature });
  }

  #citations({ parts = [], rest }: ChoiceDelta): JsonObject | null {
    // Google's own answers say them there.
    if (rest?.grounding_metadata !== undefined) return null;
    const annotations = parts.flatMap((part) => {
      const list = part.type === 'text' ? part.rest?.annotations : undefined;
      return Array.isArray(list) ? list : [];
    });
    return annotations.length > 0 ? encodeCitations(annotations, this.#texts.join('')) : null;
  }
}
