import type { BodySource } from './body-source.ts';
import type { ContentDecoder } from './content-decoder.ts';
import { tooLargeFailure } from './failures.ts';
import type { RelayResponse } from './port.ts';

/** Where a transport keeps the headers: each has a cheaper way than a map. */
export interface HeaderFields {
  header(name: string): string | null;
  fields(): Iterable<readonly [name: string, value: string]>;
}

/** The response of every transport; they differ in where body bytes and headers come from. */
export class IncomingResponse implements RelayResponse {
  readonly status: number;
  readonly #label: string;
  readonly #fields: HeaderFields;
  readonly #source: BodySource;
  readonly #decoder: ContentDecoder | null;

  constructor(status: number, label: string, fields: HeaderFields, source: BodySource, decoder: ContentDecoder | null) {
    this.status = status;
    this.#label = label;
    this.#fields = fields;
    this.#source = source;
    this.#decoder = decoder;
  }

  header(name: string): string | null {
    return this.#fields.header(name);
  }

  fields(): Iterable<readonly [name: string, value: string]> {
    return this.#fields.fields();
  }

  read(): Promise<Uint8Array | null> {
    return handled(this.#decoder === null ? this.#source.read() : this.#decoder.read());
  }

  bytes(limit: number): Promise<Uint8Array> {
    const rest = this.#decoder === null ? this.#source.takeRest() : null;
    return rest !== null && rest.length <= limit ? Promise.resolve(rest) : handled(this.#collect(limit, rest));
  }

  text(limit: number): string | Promise<string> {
    const text = this.#decoder === null ? this.#source.takeText(limit) : null;
    return text ?? handled(this.bytes(limit).then(decodeText));
  }

  async #collect(limit: number, first: Uint8Array | null): Promise<Uint8Array> {
    // What says that it is too large need not come first.
    if (this.#decoder === null && Number(this.#fields.header('content-length')) > limit) this.#refuse(limit);
    const chunks: Uint8Array[] = [];
    let size = 0;
    for (let chunk = first ?? (await this.read()); chunk !== null; chunk = await this.read()) {
      size += chunk.length;
      if (size > limit) this.#refuse(limit);
      chunks.push(chunk);
    }
    const only = chunks[0];
    return only !== undefined && chunks.length === 1 ? only : Buffer.concat(chunks, size);
  }

  #refuse(limit: number): never {
    const error = tooLargeFailure(this.#label, limit);
    this.#source.fail(error);
    this.#decoder?.close();
    throw error;
  }
}

function decodeText(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString();
}

/** A reader that gave up must not end the process when what it no longer awaits rejects. */
function handled<Value>(promise: Promise<Value>): Promise<Value> {
  promise.catch(() => {});
  return promise;
}
