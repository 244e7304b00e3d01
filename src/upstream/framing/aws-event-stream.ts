import { crc32 } from 'node:zlib';
import type { HeaderMarshaller } from '@smithy/eventstream-codec';
import { GatewayError } from '../../core/errors.ts';
import { isJsonObject } from '../../core/types.ts';
import { type EachEvent, type EventDecoder, MAX_EVENT_SIZE } from './event-decoder.ts';
import { tooLarge } from './line-decoder.ts';

/** Length of the message, length of its headers, and the check sum of these two. */
const PRELUDE_BYTES = 12;
const CHECK_SUM_BYTES = 4;

/** A decoder of https://docs.aws.amazon.com/lexv2/latest/dg/event-stream-encoding.html; the codec is loaded at first use. */
export async function awsEventStreamDecoder(): Promise<EventDecoder> {
  const { HeaderMarshaller } = await import('@smithy/eventstream-codec');
  const marshaller = new HeaderMarshaller(
    (bytes) => Buffer.from(bytes as Uint8Array).toString('utf8'),
    (text) => Buffer.from(text, 'utf8'),
  );
  return new AwsEventStreamDecoder(marshaller);
}

/** What the headers of a message say. */
interface MessageHeaders {
  readonly messageType: string;
  readonly eventType: string;
  /** Of an exception or error, its name. */
  readonly errorName: string;
  readonly errorMessage: string;
}

class AwsEventStreamDecoder implements EventDecoder {
  readonly #marshaller: HeaderMarshaller;
  /** By their bytes, because nearly all messages of a stream have the same ones. */
  readonly #knownHeaders = new Map<string, MessageHeaders>();
  /** Bytes of a message whose end has not come yet; joined once. */
  #pieces: Uint8Array[] = [];
  #size = 0;
  /** Nothing can be read before so many bytes are there. */
  #needed = PRELUDE_BYTES;

  constructor(marshaller: HeaderMarshaller) {
    this.#marshaller = marshaller;
  }

  push(bytes: Uint8Array, each: EachEvent): void {
    this.#pieces.push(bytes);
    this.#size += bytes.length;
    if (this.#size < this.#needed) return;
    const all = this.#joined(bytes);
    let start = 0;
    this.#needed = PRELUDE_BYTES;
    while (all.length - start >= PRELUDE_BYTES) {
      const length = checkedLength(all, start);
      if (all.length - start < length) {
        this.#needed = length;
        break;
      }
      this.#message(all, start, start + length, each);
      start += length;
    }
    this.#size = all.length - start;
    this.#pieces = this.#size > 0 ? [all.subarray(start)] : [];
  }

  /** Every message says its length: what is left over is none. */
  end(): void {}

  #joined(last: Uint8Array): Buffer {
    if (this.#pieces.length > 1) return Buffer.concat(this.#pieces, this.#size);
    return Buffer.from(last.buffer, last.byteOffset, last.byteLength);
  }

  #message(all: Buffer, start: number, end: number, each: EachEvent): void {
    const sumAt = end - CHECK_SUM_BYTES;
    if (all.readUInt32BE(sumAt) !== crc32(all.subarray(start, sumAt))) throw broken();
    const headersAt = start + PRELUDE_BYTES;
    const payloadAt = headersAt + all.readUInt32BE(start + 4);
    if (payloadAt > sumAt) throw broken();
    const headers = this.#headers(all, headersAt, payloadAt);
    const payload = all.toString('utf8', payloadAt, sumAt);
    const { messageType, errorName, errorMessage } = headers;
    if (messageType === 'exception') throw reported(errorName, messageOf(payload));
    if (messageType === 'error') throw reported(errorName, errorMessage);
    each(payload, headers.eventType);
  }

  #headers(all: Buffer, start: number, end: number): MessageHeaders {
    const bytes = all.toString('latin1', start, end);
    const known = this.#knownHeaders.get(bytes);
    if (known) return known;
    const headers = this.#parseHeaders(new DataView(all.buffer, all.byteOffset + start, end - start));
    if (this.#knownHeaders.size < MOST_KNOWN_HEADERS) this.#knownHeaders.set(bytes, headers);
    return headers;
  }

  #parseHeaders(bytes: DataView): MessageHeaders {
    try {
      const headers = this.#marshaller.parse(bytes);
      const text = (name: string): string => {
        const value = headers[name]?.value;
        return typeof value === 'string' ? value : '';
      };
      return {
        messageType: text(':message-type'),
        eventType: text(':event-type'),
        errorName: text(':exception-type') || text(':error-code'),
        errorMessage: text(':error-message'),
      };
    } catch (cause) {
      throw broken(cause);
    }
  }
}

const MOST_KNOWN_HEADERS = 32;

/** Checked before a message is awaited, so that a broken length does not make us wait for bytes that never come. */
function checkedLength(all: Buffer, start: number): number {
  if (all.readUInt32BE(start + 8) !== crc32(all.subarray(start, start + 8))) throw broken();
  const length = all.readUInt32BE(start);
  if (length < PRELUDE_BYTES + CHECK_SUM_BYTES) throw broken();
  if (length > MAX_EVENT_SIZE) throw tooLarge();
  return length;
}

function broken(cause?: unknown): GatewayError {
  const message = 'The upstream sent a broken event: its check sum, or its length, is wrong.';
  return new GatewayError('upstream_invalid', message, { cause });
}

/**
 * The status that an exception has as an HTTP answer, in which the same services report it when no stream has begun:
 * https://docs.aws.amazon.com/bedrock/latest/APIReference/CommonErrors.html and the API's own exceptions.
 */
const STATUS: Readonly<Record<string, number>> = {
  accessdenied: 403,
  expiredtoken: 403,
  internalserver: 500,
  modelerror: 424,
  modelnotready: 429,
  modelstreamerror: 424,
  modeltimeout: 408,
  resourcenotfound: 404,
  servicequotaexceeded: 400,
  serviceunavailable: 503,
  throttling: 429,
  unrecognizedclient: 403,
  validation: 400,
};

function reported(name: string, message: string): GatewayError {
  const status = STATUS[name.replace(/Exception$/, '').toLowerCase()] ?? 502;
  return new GatewayError('upstream_error', message === '' ? `The upstream reported ${name}.` : message, {
    status,
    upstreamType: name,
  });
}

function messageOf(text: string): string {
  try {
    const body: unknown = JSON.parse(text);
    const message = isJsonObject(body) ? (body.message ?? body.Message) : null;
    return typeof message === 'string' ? message : text;
  } catch {
    return text;
  }
}
