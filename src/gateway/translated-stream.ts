import { GatewayError } from '../core/errors.ts';
import { restoreChunkNames } from '../core/neutral/tool-names.ts';
import type { Usage } from '../core/neutral/usage.ts';
import { isJsonObject, type JsonObject } from '../core/types.ts';
import type { AnswerFacts, ChunkEncoder } from '../dialects/dialect.ts';
import type { ChunkReader, StreamWire } from '../providers/wire.ts';
import type { EventDecoder } from '../upstream/framing/event-decoder.ts';
import { eventDecoder } from '../upstream/framing/framing.ts';
import type { StreamConverter } from './stream-converter.ts';
import { asGatewayError, cutOff } from './upstream-errors.ts';

export async function translatedStream(
  wire: StreamWire,
  encoder: ChunkEncoder,
  toolNames: ReadonlyMap<string, string> | null = null,
): Promise<StreamConverter> {
  return new TranslatedStream(wire, await eventDecoder(wire.framing), encoder, toolNames);
}

/** A stream in a provider's own format, read event by event and written in the client's. */
class TranslatedStream implements StreamConverter {
  usage: Usage | null = null;
  readonly facts: AnswerFacts = { servedModel: null, finishReason: null };
  complete = false;
  failure: GatewayError | null = null;
  readonly #decoder: EventDecoder;
  readonly #reader: ChunkReader;
  readonly #encoder: ChunkEncoder;
  /** Server-sent events carry other things than JSON as well; elsewhere what is not JSON is broken. */
  readonly #skipsMalformed: boolean;
  readonly #toolNames: ReadonlyMap<string, string> | null;
  #output = '';

  constructor(
    wire: StreamWire,
    decoder: EventDecoder,
    encoder: ChunkEncoder,
    toolNames: ReadonlyMap<string, string> | null,
  ) {
    this.#toolNames = toolNames;
    this.#decoder = decoder;
    this.#reader = wire.read();
    this.#encoder = encoder;
    this.#skipsMalformed = wire.framing === 'sse';
  }

  take(bytes: Uint8Array | null): string {
    try {
      if (bytes !== null) this.#decoder.push(bytes, this.#event);
      else this.#finish();
    } catch (error) {
      this.failure = asGatewayError(error);
    }
    // What came before the failure still reaches the client.
    const output = this.#output;
    this.#output = '';
    return output;
  }

  fail(error: GatewayError): string | null {
    return this.#encoder.fail?.(error) ?? null;
  }

  #finish(): void {
    this.#decoder.end(this.#event);
    if (this.complete) return;
    if (this.#reader.isWholeAtEnd?.() === true) this.#complete();
    else throw cutOff();
  }

  readonly #event = (data: string, name: string): void => {
    if (this.complete) return;
    if (data === '[DONE]') return this.#complete();
    const event = parse(data);
    if (event === null) {
      if (this.#skipsMalformed) return;
      throw new GatewayError('upstream_invalid', 'The upstream sent an event that is not a JSON object.');
    }
    const chunk = this.#reader.event(event, name);
    if (chunk !== null) {
      if (chunk.usage) this.usage = chunk.usage;
      if (chunk.model !== undefined) this.facts.servedModel = chunk.model;
      const finish = chunk.choices[0]?.finish;
      if (finish !== undefined) this.facts.finishReason = finish.reason;
      const names = this.#toolNames;
      this.#output += this.#encoder.chunk(names === null ? chunk : restoreChunkNames(chunk, names));
    }
    if (this.#reader.complete) this.#complete();
  };

  #complete(): void {
    this.complete = true;
    this.#output += this.#encoder.end();
  }
}

function parse(data: string): JsonObject | null {
  try {
    const value: unknown = JSON.parse(data);
    return isJsonObject(value) ? value : null;
  } catch {
    return null;
  }
}
