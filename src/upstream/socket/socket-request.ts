import { type CompiledDestination, checkedHeader } from '../compiled-destination.ts';
import type { Attempt, PreparedRequest, RequestHeaders, Timeouts } from '../port.ts';
import { Exchange } from './exchange.ts';
import type { Pool } from './pool.ts';

/** What an exchange needs to know of its request. */
export interface SendableRequest {
  readonly pool: Pool;
  readonly timeouts: Timeouts;
  /** The request head for a body of so many bytes, null for none. ASCII only: its length is its length in bytes. */
  head(bodyBytes: number | null): string;
}

/** A request head serialised once, so that sending adds no more than the length of the body. */
export class SocketRequest implements PreparedRequest, SendableRequest {
  readonly pool: Pool;
  readonly timeouts: Timeouts;
  /** These hold secrets: private, so that no inspection prints them. */
  readonly #destination: CompiledDestination;
  readonly #head: string;
  /** The head without headers of certain names, by those names: requests that bring some bring the same ones each time. */
  readonly #headsWithout = new Map<string, string>();

  constructor(destination: CompiledDestination, timeouts: Timeouts, pool: Pool) {
    this.pool = pool;
    this.timeouts = timeouts;
    this.#destination = destination;
    this.#head = this.#without([]);
  }

  send(body: string | Uint8Array | null, headers?: RequestHeaders): Attempt {
    return new Exchange(headers === undefined ? this : this.#with(headers), body);
  }

  head(bodyBytes: number | null): string {
    return withLength(this.#head, this.#destination.method, bodyBytes);
  }

  #with(headers: RequestHeaders): SendableRequest {
    let names = '';
    let lines = '';
    for (const header of headers) {
      const [name, value] = checkedHeader(header[0], header[1]);
      names += `${name.toLowerCase()},`;
      lines += `${name}: ${value}\r\n`;
    }
    let kept = this.#headsWithout.get(names);
    if (kept === undefined) {
      kept = this.#without(names.split(','));
      this.#headsWithout.set(names, kept);
    }
    const { pool, timeouts } = this;
    const { method } = this.#destination;
    const head = kept + lines;
    return { pool, timeouts, head: (bodyBytes) => withLength(head, method, bodyBytes) };
  }

  #without(names: readonly string[]): string {
    const { method, target, headers } = this.#destination;
    const kept = headers.filter(([name]) => !names.includes(name.toLowerCase()));
    return `${method} ${target} HTTP/1.1\r\n${kept.map(([name, value]) => `${name}: ${value}\r\n`).join('')}`;
  }
}

function withLength(head: string, method: string, bodyBytes: number | null): string {
  if (bodyBytes !== null) return `${head}content-length: ${bodyBytes}\r\n\r\n`;
  return method === 'POST' ? `${head}content-length: 0\r\n\r\n` : `${head}\r\n`;
}
