import type { Incoming } from '../../src/gateway/exchange.ts';

/** The client's side of an exchange, without a socket: keeps what it is answered. */
export class RecordedAnswer implements Pick<Incoming, 'respond' | 'startStream' | 'write' | 'end'> {
  status = 0;
  headers = new Headers();
  onClientGone: (() => void) | null = null;
  onDrain: (() => void) | null = null;
  readonly #pieces: Uint8Array[] = [];
  readonly #whole = Promise.withResolvers<string>();

  /** The body, once it is whole. */
  get body(): Promise<string> {
    return this.#whole.promise;
  }

  respond(status: number, fields: string, body: string | Uint8Array): void {
    this.startStream(status, fields);
    this.#pieces.push(typeof body === 'string' ? Buffer.from(body) : body);
    this.#whole.resolve(Buffer.concat(this.#pieces).toString());
  }

  startStream(status: number, fields: string): void {
    this.status = status;
    for (const line of fields.split('\r\n').slice(0, -1)) {
      const colon = line.indexOf(':');
      this.headers.append(line.slice(0, colon), line.slice(colon + 1).trim());
    }
  }

  write(text: string): boolean {
    this.#pieces.push(Buffer.from(text, 'latin1'));
    return true;
  }

  end(text: string): void {
    this.write(text);
    this.#whole.resolve(Buffer.concat(this.#pieces).toString());
  }
}
