import type { BodySource } from '../body-source.ts';
import type { UpstreamError } from '../port.ts';

const EMPTY = new Uint8Array(0);

/** Who fills an inbox and wants to know what its reader does. */
export interface InboxOwner {
  readerWaits(): void;
  /** Everything that waited was taken. */
  inboxEmptied(): void;
  fail(error: UpstreamError): void;
}

interface Waiter {
  resolve(bytes: Uint8Array | null): void;
  reject(error: UpstreamError): void;
}

/** Body bytes between the connection, which pushes, and the reader, who pulls. */
export class Inbox implements BodySource {
  readonly #owner: InboxOwner;
  #first: Uint8Array = EMPTY;
  /** A body that came whole, as a range of its message: taken as text it needs no view of its own, which is not cheap. */
  #message: Buffer | null = null;
  #start = 0;
  #end = 0;
  #more: Uint8Array[] | null = null;
  #size = 0;
  #ended = false;
  #error: UpstreamError | null = null;
  #waiter: Waiter | null = null;

  constructor(owner: InboxOwner) {
    this.#owner = owner;
  }

  /** Bytes that wait for the reader. */
  get size(): number {
    return this.#size;
  }

  push(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    const waiter = this.#waiter;
    if (waiter !== null) {
      this.#waiter = null;
      waiter.resolve(bytes);
      return;
    }
    if (this.#size === 0) this.#first = bytes;
    else if (this.#more === null) this.#more = [this.#first, bytes];
    else this.#more.push(bytes);
    this.#size += bytes.length;
  }

  /** The whole body is these bytes of a message. */
  whole(message: Buffer, start: number, end: number): void {
    this.#message = message;
    this.#start = start;
    this.#end = end;
    this.#size = end - start;
    this.#ended = true;
  }

  takeText(limit: number): string | null {
    const message = this.#message;
    if (message === null || this.#size > limit) return null;
    this.#message = null;
    this.#size = 0;
    return message.toString('utf8', this.#start, this.#end);
  }

  end(): void {
    this.#ended = true;
    if (this.#size > 0) return;
    this.#waiter?.resolve(null);
    this.#waiter = null;
  }

  /** What arrived before is still read first, unless `discard` says that nobody wants it. */
  close(error: UpstreamError, discard: boolean): void {
    this.#error ??= error;
    if (discard) {
      this.#take();
      this.#ended = false;
    }
    this.#waiter?.reject(error);
    this.#waiter = null;
  }

  fail(error: UpstreamError): void {
    this.#owner.fail(error);
    this.close(error, true);
  }

  takeRest(): Uint8Array | null {
    return this.#ended ? this.#take() : null;
  }

  read(): Promise<Uint8Array | null> {
    if (this.#size > 0) {
      const bytes = this.#take();
      this.#owner.inboxEmptied();
      return Promise.resolve(bytes);
    }
    if (this.#ended) return Promise.resolve(null);
    if (this.#error !== null) return Promise.reject(this.#error);
    if (this.#waiter !== null) return Promise.reject(new Error('A response body has one reader at a time.'));
    const { promise, resolve, reject } = Promise.withResolvers<Uint8Array | null>();
    this.#waiter = { resolve, reject };
    this.#owner.readerWaits();
    return promise;
  }

  #take(): Uint8Array {
    const bytes = this.#pieces();
    this.#message = null;
    this.#first = EMPTY;
    this.#more = null;
    this.#size = 0;
    return bytes;
  }

  #pieces(): Uint8Array {
    if (this.#message !== null) return this.#message.subarray(this.#start, this.#end);
    return this.#more === null ? this.#first : Buffer.concat(this.#more, this.#size);
  }
}
