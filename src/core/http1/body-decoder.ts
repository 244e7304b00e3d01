import { ChunkedDecoder } from './chunked-decoder.ts';
import type { MessageHead } from './message-head.ts';

/** Takes the framing off a message body. */
export interface BodyDecoder {
  /** True once the body is whole. */
  readonly done: boolean;
  /** True when bytes came behind the end of the body, which nobody may read as the next response. */
  readonly surplus: boolean;
  /** How many of the bytes last given belong to this body, its framing included. */
  readonly taken: number;
  /** Whether the end of the connection is the proper end of this body. */
  readonly endsWithConnection: boolean;
  /** The body bytes among `bytes`, in the same memory. Throws a BadMessageError. */
  decode(bytes: Buffer): Buffer;
}

export function bodyDecoder(head: MessageHead): BodyDecoder {
  if (head.chunked) return new ChunkedDecoder();
  return head.contentLength >= 0 ? new LengthDecoder(head.contentLength) : new UntilCloseDecoder();
}

class LengthDecoder implements BodyDecoder {
  surplus = false;
  taken = 0;
  readonly endsWithConnection = false;
  #missing: number;

  constructor(length: number) {
    this.#missing = length;
  }

  get done(): boolean {
    return this.#missing === 0;
  }

  decode(bytes: Buffer): Buffer {
    const taken = Math.min(bytes.length, this.#missing);
    this.#missing -= taken;
    this.taken = taken;
    if (taken === bytes.length) return bytes;
    this.surplus = true;
    return bytes.subarray(0, taken);
  }
}

class UntilCloseDecoder implements BodyDecoder {
  readonly done = false;
  readonly surplus = false;
  readonly endsWithConnection = true;
  taken = 0;

  decode(bytes: Buffer): Buffer {
    this.taken = bytes.length;
    return bytes;
  }
}
