import type { CompiledDestination } from '../compiled-destination.ts';
import type { Attempt, PreparedRequest, Timeouts } from '../port.ts';
import { Exchange } from './exchange.ts';
import type { Pool } from './pool.ts';

/** A request head serialised once, so that sending adds no more than the length of the body. */
export class SocketRequest implements PreparedRequest {
  readonly pool: Pool;
  readonly timeouts: Timeouts;
  /** Holds secrets: private, so that no inspection prints it. */
  readonly #head: string;
  readonly #headWithoutBody: string;

  constructor(destination: CompiledDestination, timeouts: Timeouts, pool: Pool) {
    this.pool = pool;
    this.timeouts = timeouts;
    const fields = destination.headers.map(([name, value]) => `${name}: ${value}\r\n`).join('');
    const head = `${destination.method} ${destination.target} HTTP/1.1\r\n${fields}`;
    this.#head = `${head}content-length: `;
    this.#headWithoutBody = destination.method === 'POST' ? `${head}content-length: 0\r\n\r\n` : `${head}\r\n`;
  }

  send(body: string | Uint8Array | null): Attempt {
    return new Exchange(this, body);
  }

  /** The request head for a body of so many bytes, null for none. ASCII only: its length is its length in bytes. */
  head(bodyBytes: number | null): string {
    return bodyBytes === null ? this.#headWithoutBody : `${this.#head}${bodyBytes}\r\n\r\n`;
  }
}
