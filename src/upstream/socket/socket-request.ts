import { type CompiledDestination, withHeaders } from '../compiled-destination.ts';
import type { Attempt, PreparedRequest, RequestHeaders, Timeouts } from '../port.ts';
import { Exchange } from './exchange.ts';
import type { Pool } from './pool.ts';

/** A request head serialised once, so that sending adds no more than the length of the body. */
export class SocketRequest implements PreparedRequest {
  readonly pool: Pool;
  readonly timeouts: Timeouts;
  /** Holds secrets: private, so that no inspection prints it. */
  readonly #destination: CompiledDestination;
  readonly #head: string;
  readonly #headWithoutBody: string;

  constructor(destination: CompiledDestination, timeouts: Timeouts, pool: Pool) {
    this.pool = pool;
    this.timeouts = timeouts;
    this.#destination = destination;
    const fields = destination.headers.map(([name, value]) => `${name}: ${value}\r\n`).join('');
    const head = `${destination.method} ${destination.target} HTTP/1.1\r\n${fields}`;
    this.#head = `${head}content-length: `;
    this.#headWithoutBody = destination.method === 'POST' ? `${head}content-length: 0\r\n\r\n` : `${head}\r\n`;
  }

  send(body: string | Uint8Array | null, headers?: RequestHeaders): Attempt {
    return new Exchange(headers === undefined ? this : this.#with(headers), body);
  }

  /** The request head for a body of so many bytes, null for none. ASCII only: its length is its length in bytes. */
  head(bodyBytes: number | null): string {
    return bodyBytes === null ? this.#headWithoutBody : `${this.#head}${bodyBytes}\r\n\r\n`;
  }

  #with(headers: RequestHeaders): SocketRequest {
    return new SocketRequest(withHeaders(this.#destination, headers), this.timeouts, this.pool);
  }
}
