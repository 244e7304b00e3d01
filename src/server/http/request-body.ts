import type { BodyStream } from '../../upstream/port.ts';

/** The connection that a body arrives on. */
interface BodyConnection {
  bodyWanted(): void;
}

interface Reader {
  resolve(bytes: Uint8Array | null): void;
  reject(error: Error): void;
}

/** A request body for a reader that takes it as it comes. While more than a little waits for him, nothing is received. */
export class RequestBody implements BodyStream {
  readonly length: number | null;
  readonly #connection: BodyConnection;
  #pieces: Buffer[] = [];
  #size = 0;
  #isWhole = false;
  #isCancelled = false;
  #error: Error | null = null;
  #reader: Reader | null = null;

  constructor(connection: BodyConnection, length: number | null) {
    this.#connection = connection;
    this.length = length;
  }

  /** Bytes that wait for the reader. */
  get unread(): number {
    return this.#size;
  }

  /** Rejects with a RequestCutError when the client leaves before the end. */
  read(): Promise<Uint8Array | null> {
    const next = this.#pieces.shift();
    if (next !== undefined) {
      this.#size -= next.length;
      if (this.#size === 0 && !this.#isWhole) this.#connection.bodyWanted();
      return Promise.resolve(next);
    }
    if (this.#isWhole || this.#isCancelled) return Promise.resolve(null);
    if (this.#error !== null) return Promise.reject(this.#error);
    if (this.#reader !== null) return Promise.reject(new Error('A request body has one reader at a time.'));
    const { promise, resolve, reject } = Promise.withResolvers<Uint8Array | null>();
    this.#reader = { resolve, reject };
    this.#connection.bodyWanted();
    return promise;
  }

  /** What still comes is dropped. */
  cancel(): void {
    this.#isCancelled = true;
    this.#pieces = [];
    this.#size = 0;
    this.#take()?.resolve(null);
  }

  push(bytes: Buffer): void {
    if (this.#isCancelled || bytes.length === 0) return;
    const reader = this.#take();
    if (reader !== null) {
      reader.resolve(bytes);
      return;
    }
    this.#pieces.push(bytes);
    this.#size += bytes.length;
  }

  end(): void {
    this.#isWhole = true;
    this.#take()?.resolve(null);
  }

  fail(error: Error): void {
    if (this.#isWhole) return;
    this.#error = error;
    this.#take()?.reject(error);
  }

  #take(): Reader | null {
    const reader = this.#reader;
    this.#reader = null;
    return reader;
  }
}
