import type { Capture, CapturedResponse } from '../core/capture/capture.ts';
import type { RelayResponse } from '../upstream/port.ts';
import type { Exchange } from './exchange.ts';
import { credentialsIn } from './exchange-secrets.ts';
import { isJson as isJsonType } from './upstream-errors.ts';

/**
 * What is kept of a text on its way to the ledger, in characters: more than is ever stored, because images are cut out
 * there first.
 */
const MOST_CHARACTERS = 4 * 2 ** 20;
/** Events say the same in many more characters. */
const MOST_EVENT_CHARACTERS = 16 * 2 ** 20;

export function isCaptured({ endpoint, recorder }: Exchange): boolean {
  return endpoint?.logging === 'full' && recorder.capture !== undefined;
}

/** Hands the texts of an exchange to the ledger. To be called when the client has its answer. */
export function capture(exchange: Exchange, answer: string): void {
  if (!isCaptured(exchange)) return;
  send(exchange, exchange.incoming.text, { kind: 'text', text: cut(answer) }, answer.length > MOST_CHARACTERS);
}

function send(exchange: Exchange, request: string, response: CapturedResponse | null, isCut: boolean): void {
  const credentials = credentialsIn(exchange.addedHeaders);
  const captured: Capture = {
    requestId: exchange.id,
    request: cut(request),
    response,
    isCut: isCut || request.length > MOST_CHARACTERS,
    ...(credentials.length > 0 && { credentials: credentials.map((secret) => secret.expose()) }),
  };
  exchange.recorder.capture?.(captured);
}

function cut(text: string): string {
  return text.length <= MOST_CHARACTERS ? text : text.slice(0, MOST_CHARACTERS);
}

/** Collects a stream as the client gets it. */
export class StreamCapture {
  readonly #exchange: Exchange;
  readonly #request: string;
  readonly #events: string[] = [];
  #length = 0;

  /** Null where nothing is to be kept. */
  static for(exchange: Exchange): StreamCapture | null {
    return isCaptured(exchange) ? new StreamCapture(exchange) : null;
  }

  private constructor(exchange: Exchange) {
    this.#exchange = exchange;
    this.#request = exchange.incoming.text;
  }

  add(events: string): void {
    this.#length += events.length;
    if (this.#length <= MOST_EVENT_CHARACTERS) this.#events.push(events);
  }

  end(): void {
    const { format } = this.#exchange.incoming.dialect;
    const response: CapturedResponse = { kind: 'events', format, events: this.#events.join('') };
    send(this.#exchange, this.#request, response, this.#length > MOST_EVENT_CHARACTERS);
  }
}

/** Collects an answer that passes as it comes, where it is JSON as it passes. */
export class RelayCapture {
  readonly #exchange: Exchange;
  readonly #isJson: boolean;
  readonly #pieces: Uint8Array[] = [];
  #length = 0;

  /** Null where nothing is to be kept. */
  static for(exchange: Exchange, response: RelayResponse): RelayCapture | null {
    if (!isCaptured(exchange)) return null;
    const encoding = response.header('content-encoding') ?? 'identity';
    const isJson = isJsonType(response.header('content-type') ?? '') && encoding.toLowerCase() === 'identity';
    return new RelayCapture(exchange, isJson);
  }

  private constructor(exchange: Exchange, isJson: boolean) {
    this.#exchange = exchange;
    this.#isJson = isJson;
  }

  add(bytes: Uint8Array): void {
    if (!this.#isJson) return;
    this.#length += bytes.length;
    // The transport may use its memory again.
    if (this.#length <= MOST_CHARACTERS) this.#pieces.push(bytes.slice());
  }

  end(): void {
    const text = Buffer.concat(this.#pieces).toString('utf8');
    const response: CapturedResponse | null = this.#isJson ? { kind: 'text', text } : null;
    send(this.#exchange, this.#exchange.incoming.text, response, this.#length > MOST_CHARACTERS);
  }
}
