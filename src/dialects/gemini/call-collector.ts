import type { ToolCallDelta } from '../../core/neutral/response.ts';
import type { JsonObject } from '../../core/types.ts';
import { encodeCall, malformedCall } from './encode-parts.ts';

interface Call {
  id: string;
  name: string;
  arguments: string;
  signature?: string;
}

/**
 * Calls come whole in this API. A call is written as soon as it is seen to be whole: when it came in one piece, or when
 * something else follows and its arguments are a JSON object. The others wait for the end.
 */
export class CallCollector {
  readonly #calls = new Map<number, Call>();
  readonly #written = new Set<number>();

  get isWaiting(): boolean {
    return this.#calls.size > 0;
  }

  /** The parts of calls that are whole by now. */
  add(delta: ToolCallDelta): JsonObject[] {
    if (this.#written.has(delta.index)) return [];
    const parts = this.#calls.has(delta.index) ? [] : this.whole();
    const call = this.#calls.get(delta.index) ?? { id: '', name: '', arguments: '' };
    this.#calls.set(delta.index, call);
    if (delta.id !== undefined) call.id = delta.id;
    if (delta.name !== undefined) call.name = delta.name;
    if (delta.arguments !== undefined) call.arguments += delta.arguments;
    if (delta.signature !== undefined) call.signature = delta.signature;
    const cameWhole = delta.name !== undefined && delta.arguments?.endsWith('}') === true;
    return cameWhole ? [...parts, ...this.whole()] : parts;
  }

  /** Those at the front whose arguments are a JSON object, after which nothing can follow. */
  whole(): JsonObject[] {
    const parts: JsonObject[] = [];
    for (const [index, call] of this.#calls) {
      const part = call.arguments === '' ? null : encodeCall(call);
      if (!part) break;
      parts.push(part);
      this.#calls.delete(index);
      this.#written.add(index);
    }
    return parts;
  }

  /** All that are left. Those that cannot be written are told in `troubles`. */
  end(troubles: string[]): JsonObject[] {
    const parts: JsonObject[] = [];
    for (const call of this.#calls.values()) {
      const part = encodeCall(call);
      if (part) parts.push(part);
      else troubles.push(malformedCall(call));
    }
    this.#calls.clear();
    return parts;
  }
}
