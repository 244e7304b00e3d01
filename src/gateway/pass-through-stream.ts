import { GatewayError } from '../core/errors.ts';
import type { Usage } from '../core/neutral/usage.ts';
import { isJsonObject, type JsonObject } from '../core/types.ts';
import type { AnswerFacts, StreamRewriter } from '../dialects/dialect.ts';
import { latin1FromUtf8 } from '../dialects/latin1.ts';
import { eachEventData, wholeEventsLength } from '../dialects/sse.ts';
import { parseEventData } from '../dialects/stream-reading.ts';
import { MAX_EVENT_SIZE } from '../upstream/framing/event-decoder.ts';
import type { PassThrough } from './snapshot.ts';
import type { StreamConverter } from './stream-converter.ts';
import { asGatewayError, cutOff } from './upstream-errors.ts';

/** A stream in the client's own format, which its dialect passes on or rewrites. */
export class PassThroughStream implements StreamConverter {
  failure: GatewayError | null = null;
  readonly #rewriter: StreamRewriter;
  readonly #mendChunk: PassThrough['mendChunk'];
  readonly #readError: PassThrough['readError'];
  /** The beginning of an event whose end has not come yet: its pieces, their length, and its last three characters. */
  #partial: string[] = [];
  #waiting = 0;
  #border = '';

  constructor(rewriter: StreamRewriter, upstream: PassThrough | null = null) {
    this.#rewriter = rewriter;
    this.#mendChunk = upstream?.mendChunk;
    this.#readError = upstream?.readError;
  }

  get usage(): Usage | null {
    return this.#rewriter.reading.usage;
  }

  get facts(): AnswerFacts {
    return this.#rewriter.reading.facts;
  }

  get complete(): boolean {
    return this.#rewriter.reading.complete;
  }

  take(bytes: Uint8Array | null): string {
    try {
      const whole = bytes === null ? this.#rest() : this.#wholeEvents(bytes);
      const events = this.#rewriter.rewrite(this.#mendChunk ? mend(whole, this.#mendChunk) : whole);
      const { reading } = this.#rewriter;
      if (reading.error) this.failure = upstreamFailure(reading.error, reading.errorStatus, this.#readError);
      else if (bytes === null && !reading.complete) return events + this.#end();
      return events;
    } catch (error) {
      this.failure = asGatewayError(error);
      return '';
    }
  }

  fail(error: GatewayError): string | null {
    return this.#rewriter.fail?.(error) ?? null;
  }

  /** Without a terminal event the body's end is the end of the answer only where the format has it so. */
  #end(): string {
    if (this.#rewriter.isWholeAtEnd?.() === true) {
      this.#rewriter.reading.complete = true;
      return this.#rewriter.end?.() ?? '';
    }
    this.failure = cutOff();
    return '';
  }

  /** The end of the body ends the last event too, for servers that leave out its blank line. */
  #rest(): string {
    const last = this.#joined('');
    return last === '' ? '' : `${last}\n\n`;
  }

  #wholeEvents(bytes: Uint8Array): string {
    const text = asBuffer(bytes).toString('latin1');
    // What waits has been searched; only a blank line across the border can be new in it.
    if (this.#waiting > 0 && wholeEventsLength(this.#border + text) === 0) {
      this.#keep(text);
      return '';
    }
    const all = this.#joined(text);
    const length = wholeEventsLength(all);
    if (length < all.length) this.#keep(all.slice(length));
    return length === all.length ? all : all.slice(0, length);
  }

  #keep(text: string): void {
    this.#partial.push(text);
    this.#waiting += text.length;
    this.#border = (this.#border + text).slice(-3);
    if (this.#waiting <= MAX_EVENT_SIZE) return;
    throw new GatewayError('upstream_invalid', 'The upstream sent an event that is too large.');
  }

  #joined(last: string): string {
    if (this.#waiting === 0) return last;
    const all = this.#partial.join('') + last;
    this.#partial = [];
    this.#waiting = 0;
    this.#border = '';
    return all;
  }
}

/** A view costs more than the look whether one is needed. */
function asBuffer(bytes: Uint8Array): Buffer {
  return bytes instanceof Buffer ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** The events with each chunk mended; what is no chunk stays as it is. */
function mend(events: string, mendChunk: NonNullable<PassThrough['mendChunk']>): string {
  let mended = '';
  eachEventData(events, (data) => {
    const chunk = parseEventData(data);
    const isMended = chunk !== null && mendChunk(chunk);
    const text = isMended ? latin1FromUtf8(JSON.stringify(chunk)) : data.replaceAll('\n', '\ndata: ');
    mended += `data: ${text}\n\n`;
  });
  return mended;
}

/** `status` is what the dialect makes of the error's words. */
function upstreamFailure(
  body: JsonObject,
  status: number | undefined,
  readError: PassThrough['readError'],
): GatewayError {
  const { error } = body;
  const reading = readError?.(body, () => null) ?? null;
  const message = isJsonObject(error) ? String(error.message ?? 'The upstream failed.') : String(error);
  const code = status ?? (isJsonObject(error) ? Number(error.code ?? error.status) : Number.NaN);
  return new GatewayError('upstream_error', reading?.message ?? message, {
    upstreamBody: body,
    upstreamType: reading?.type ?? null,
    ...(code >= 400 && code <= 599 && { status: code }),
  });
}
