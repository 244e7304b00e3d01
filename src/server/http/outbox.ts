/** Above this size, head and body are written one after the other rather than copied into one. */
const JOIN_LIMIT_BYTES = 65_536;

/** Where texts become bytes: what leaves at once needs no memory of its own. */
const SCRATCH = Buffer.allocUnsafeSlow(2 * JOIN_LIMIT_BYTES);

interface Sink {
  /** How many bytes the system took: fewer than given when its buffer is full, below zero when the socket is closed. */
  write(data: string | Uint8Array, byteOffset?: number, byteLength?: number): number;
}

/** What leaves a connection: written at once where the system takes it, kept in order where it does not. */
export class Outbox {
  readonly #sink: Sink;
  #unsent: Uint8Array[] = [];

  constructor(sink: Sink) {
    this.#sink = sink;
  }

  get isEmpty(): boolean {
    return this.#unsent.length === 0;
  }

  /** `length` is that of the text in UTF-8. */
  text(text: string, length: number): void {
    if (this.#unsent.length > 0) {
      this.#unsent.push(Buffer.from(text));
      return;
    }
    const written = this.#sink.write(text);
    if (written < length) this.#keep(Buffer.from(text), written);
  }

  /** One character a byte. */
  latin1(text: string): void {
    if (text === '') return;
    if (text.length > SCRATCH.length || this.#unsent.length > 0) this.bytes(Buffer.from(text, 'latin1'));
    else this.#scratch(SCRATCH.write(text, 0, 'latin1'));
  }

  /** A head, which is ASCII, and a body of `length` bytes. */
  message(head: string, body: string | Uint8Array, length: number): void {
    if (length > JOIN_LIMIT_BYTES) {
      this.text(head, head.length);
      this.bytes(typeof body === 'string' ? Buffer.from(body) : body);
    } else if (typeof body === 'string') {
      this.text(head + body, head.length + length);
    } else {
      const fits = this.#unsent.length === 0 && head.length + length <= SCRATCH.length;
      const message = fits ? SCRATCH : Buffer.allocUnsafe(head.length + length);
      message.write(head, 0, 'latin1');
      message.set(body, head.length);
      if (fits) this.#scratch(head.length + length);
      else this.bytes(message);
    }
  }

  bytes(bytes: Uint8Array): void {
    if (this.#unsent.length > 0) {
      this.#unsent.push(bytes);
      return;
    }
    const written = this.#sink.write(bytes);
    if (written < bytes.length) this.#keep(bytes, written);
  }

  flush(): void {
    for (let next = this.#unsent[0]; next !== undefined; next = this.#unsent[0]) {
      const written = Math.max(0, this.#sink.write(next));
      if (written < next.length) {
        this.#unsent[0] = next.subarray(written);
        return;
      }
      this.#unsent.shift();
    }
  }

  clear(): void {
    this.#unsent = [];
  }

  #scratch(length: number): void {
    const written = this.#sink.write(SCRATCH, 0, length);
    if (written < length) this.#keep(Buffer.from(SCRATCH.subarray(0, length)), written);
  }

  /** A closed socket takes nothing; the event that says so follows. */
  #keep(bytes: Uint8Array, written: number): void {
    this.#unsent.push(bytes.subarray(Math.max(0, written)));
  }
}
