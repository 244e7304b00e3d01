import { GatewayError } from '../../src/core/errors.ts';
import { textOf } from '../../src/core/neutral/parts.ts';
import type { NeutralChunk } from '../../src/core/neutral/response.ts';
import { NO_USAGE } from '../../src/core/neutral/usage.ts';
import type { JsonObject } from '../../src/core/types.ts';
import type { Target, TranslatedTarget } from '../../src/providers/provider.ts';
import type { ChunkReader, Wire } from '../../src/providers/wire.ts';
import type { Framing } from '../../src/upstream/framing/framing.ts';

export interface ToyOptions {
  readonly framing?: Framing;
  /** The wire has no terminal event: a stream is whole once it has said something. */
  readonly endsWithBody?: boolean;
}

/**
 * The smallest wire format that has everything: `{"ask":"…"}` up, `{"say":"…","read":1,"wrote":2}` down. A stream has
 * events of `say`, `usage`, `fault` and `end`; `{"ask":…}` leaves out `seed` and whatever is no text.
 */
export function toyWire({ framing = 'sse', endsWithBody = false }: ToyOptions = {}): Wire {
  return {
    encode: (request, changes) => {
      if (request.rest.seed !== undefined) changes.dropped('seed');
      if (request.operation === 'embeddings') return { embed: request.input };
      if (request.operation === 'completions') return { ask: request.prompt };
      if (request.rest.refuse) throw new GatewayError('invalid_body', 'The toy refuses.');
      return { ask: request.messages.map(({ parts }) => textOf(parts)).join('|'), stream: request.stream };
    },
    decode: (body) => {
      const { say, vectors, read = 0, wrote = 0 } = body as JsonObject;
      const usage = { ...NO_USAGE, input: Number(read), output: Number(wrote) };
      if (Array.isArray(vectors)) return { operation: 'embeddings', model: 'toy-up', embeddings: vectors, usage };
      if (typeof say !== 'string') throw new GatewayError('upstream_invalid', 'The toy said nothing.');
      const choice = { parts: [{ type: 'text' as const, text: say }], finish: { reason: 'stop' } };
      return { operation: 'chat', id: 'toy-id', model: 'toy-up', choices: [choice], usage };
    },
    stream: { framing, read: () => new ToyReader(endsWithBody) },
  };
}

class ToyReader implements ChunkReader {
  complete = false;
  readonly #endsWithBody: boolean;
  #said = false;

  constructor(endsWithBody: boolean) {
    this.#endsWithBody = endsWithBody;
  }

  event(data: JsonObject, name: string): NeutralChunk | null {
    if (name === 'ping') return null;
    if (data.fault !== undefined) throw new GatewayError('upstream_error', String(data.fault), { status: 529 });
    if (data.crash !== undefined) throw new TypeError('the reader has a defect');
    const base = { id: 'toy-id', model: 'toy-up' };
    if (typeof data.say === 'string') {
      this.#said = true;
      return { ...base, choices: [{ index: 0, text: data.say }] };
    }
    if (data.end !== undefined) this.complete = !this.#endsWithBody;
    const usage = { ...NO_USAGE, input: 3, cacheRead: 4, cacheWriteLong: 5, output: 2, reasoning: 1 };
    return { ...base, choices: [{ index: 0, finish: { reason: 'stop' } }], usage };
  }

  isWholeAtEnd(): boolean {
    return this.#endsWithBody && this.#said;
  }
}

/** A target that reaches the wire at this base URL. */
export function toyTarget(base: string, more: Partial<TranslatedTarget> = {}): Target {
  const destination = { method: 'POST', url: `${base}/ask`, headers: [['content-type', 'application/json']] } as const;
  return { wire: toyWire(), destination, ...more };
}
