import { type CompiledDestination, checkedHeader } from '../compiled-destination.ts';
import type { Attempt, BodyStream, PreparedRequest, RequestHeaders, Timeouts } from '../port.ts';
import { Exchange } from './exchange.ts';
import type { Pool } from './pool.ts';

/** A server expects a body with them, so that an empty one is announced. https://www.rfc-editor.org/rfc/rfc9110#section-8.6-5 */
const CONTENT_METHODS: ReadonlySet<string> = new Set(['POST', 'PUT', 'PATCH']);

/** What an exchange needs to know of its request. */
export interface SendableRequest {
  readonly pool: Pool;
  readonly timeouts: Timeouts;
  /** A HEAD is answered with the length of a body that does not come. */
  readonly isHead: boolean;
  /** The request head for a body of so many bytes, null for none. ASCII only: its length is its length in bytes. */
  head(bodyBytes: number | null): string;
  /** The same for a body that comes in pieces. */
  streamHead(stream: BodyStream): string;
}

/** A request head serialised once, so that sending adds no more than the length of the body. */
export class SocketRequest implements PreparedRequest, SendableRequest {
  readonly pool: Pool;
  readonly timeouts: Timeouts;
  readonly isHead: boolean;
  /** These hold secrets: private, so that no inspection prints them. */
  readonly #destination: CompiledDestination;
  readonly #head: string;
  /** The head without headers of certain names, by those names: requests that bring some bring the same ones each time. */
  readonly #headsWithout = new Map<string, string>();

  constructor(destination: CompiledDestination, timeouts: Timeouts, pool: Pool) {
    this.pool = pool;
    this.timeouts = timeouts;
    this.isHead = destination.method === 'HEAD';
    this.#destination = destination;
    this.#head = this.#without([]);
  }

  send(body: string | Uint8Array | null, headers?: RequestHeaders): Attempt {
    return new Exchange(headers === undefined ? this : this.#with(headers), body);
  }

  head(bodyBytes: number | null): string {
    return withLength(this.#head, this.#destination.method, bodyBytes);
  }

  streamHead({ length }: BodyStream): string {
    return length === null ? `${this.#head}transfer-encoding: chunked\r\n\r\n` : this.head(length);
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
    return new RequestWithHeaders(this, kept + lines, this.#destination.method);
  }

  #without(names: readonly string[]): string {
    const { method, target, headers } = this.#destination;
    const kept = headers.filter(([name]) => !names.includes(name.toLowerCase()));
    return `${method} ${target} HTTP/1.1\r\n${kept.map(([name, value]) => `${name}: ${value}\r\n`).join('')}`;
  }
}

/** A request with headers of its own, which may be secrets. */
class RequestWithHeaders implements SendableRequest {
  readonly pool: Pool;
  readonly timeouts: Timeouts;
  readonly isHead: boolean;
  readonly #head: string;
  readonly #method: string;

  constructor({ pool, timeouts, isHead }: SocketRequest, head: string, method: string) {
    this.pool = pool;
    this.timeouts = timeouts;
    this.isHead = isHead;
    this.#head = head;
    this.#method = method;
  }

  head(bodyBytes: number | null): string {
    return withLength(this.#head, this.#method, bodyBytes);
  }

  streamHead({ length }: BodyStream): string {
    return length === null ? `${this.#head}transfer-encoding: chunked\r\n\r\n` : this.head(length);
  }
}

function withLength(head: string, method: string, bodyBytes: number | null): string {
  if (bodyBytes !== null) return `${head}content-length: ${bodyBytes}\r\n\r\n`;
  return CONTENT_METHODS.has(method) ? `${head}content-length: 0\r\n\r\n` : `${head}\r\n`;
}
