import { GatewayError } from '../core/errors.ts';
import { scrub } from '../core/secret.ts';
import { isJsonObject } from '../core/types.ts';
import type { StreamRewriter } from '../dialects/dialect.ts';
import { wholeEventsLength } from '../dialects/sse.ts';
import type { UpstreamResponse } from '../upstream/port.ts';
import { answerHeaders } from './answer-headers.ts';
import type { Exchange } from './exchange.ts';
import type { Observer } from './pipeline.ts';
import { settle } from './settle.ts';
import type { Endpoint } from './snapshot.ts';
import { asGatewayError, unsupportedContentType } from './upstream-errors.ts';

/** One event larger than this is no event of an LLM. */
const MAX_EVENT_CHARACTERS = 16 * 1024 * 1024;

/**
 * Answers with a stream. The first whole event is awaited before the status is decided, so that a failure before it is
 * a real HTTP error.
 */
export async function streamAnswer(
  exchange: Exchange,
  endpoint: Endpoint,
  response: UpstreamResponse,
  observer: Observer,
): Promise<Response> {
  const contentType = response.header('content-type') ?? '';
  if (!contentType.startsWith('text/event-stream')) throw unsupportedContentType(contentType);
  const owner = new StreamOwner(exchange, endpoint, response, observer);
  const first = await owner.first();
  if (owner.failure && first === '') throw owner.failure;
  exchange.status = 200;
  return new Response(owner.readable(first), { headers: answerHeaders(exchange) });
}

/** The one owner of a stream: whoever leaves, whatever breaks, it cancels the upstream, tells the client and settles. */
class StreamOwner {
  failure: GatewayError | null = null;
  readonly #exchange: Exchange;
  readonly #endpoint: Endpoint;
  readonly #response: UpstreamResponse;
  readonly #observer: Observer;
  readonly #rewriter: StreamRewriter;
  /** The beginning of an event whose end has not come yet. */
  #partial = '';

  constructor(exchange: Exchange, endpoint: Endpoint, response: UpstreamResponse, observer: Observer) {
    this.#exchange = exchange;
    this.#endpoint = endpoint;
    this.#response = response;
    this.#observer = observer;
    this.#rewriter = exchange.incoming.dialect.stream(endpoint.context);
  }

  /** The first events for the client, or an empty text with `failure` set. Never rejects. */
  async first(): Promise<string> {
    try {
      for (;;) {
        const events = this.#take(await this.#response.read());
        if (events !== '' || this.#isOver()) return events;
      }
    } catch (error) {
      this.failure = asGatewayError(error);
      return '';
    }
  }

  /** Plain callbacks rather than asynchronous functions: these run for every event of every stream. */
  readable(first: string): ReadableStream<Uint8Array> {
    let waiting = first;
    return new ReadableStream<Uint8Array>(
      {
        pull: (controller) => {
          if (waiting === '' && !this.#isOver()) return this.#pull(controller);
          this.#deliver(controller, waiting);
          waiting = '';
        },
        cancel: () => this.#clientLeft(),
      },
      // Nothing is read ahead: a slow client slows the upstream.
      { highWaterMark: 0 },
    );
  }

  #pull(controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> {
    return this.#response
      .read()
      .then((chunk) => {
        const events = this.#take(chunk);
        if (events === '' && !this.#isOver()) return this.#pull(controller);
        this.#deliver(controller, events);
      })
      .catch((error: unknown) => {
        if (this.#exchange.settled) return;
        this.failure = asGatewayError(error);
        this.#deliver(controller, '');
      });
  }

  #deliver(controller: ReadableStreamDefaultController<Uint8Array>, events: string): void {
    if (this.#exchange.clientGone) {
      this.#settle();
      return;
    }
    if (events !== '') controller.enqueue(Buffer.from(events, 'latin1'));
    if (this.failure) controller.enqueue(this.#lastWords(this.failure));
    if (this.#isOver()) this.#end(() => controller.close());
  }

  #isOver(): boolean {
    return this.failure !== null || this.#rewriter.reading.complete;
  }

  /** What the client gets of a read; null is the end of the body. */
  #take(chunk: Uint8Array | null): string {
    const events = this.#rewriter.rewrite(this.#wholeEvents(chunk));
    const { error, complete } = this.#rewriter.reading;
    if (error) this.failure = this.#upstreamFailure(error);
    else if (chunk === null && !complete) this.failure = cutOff();
    return events;
  }

  /** The end of the body ends the last event too, for servers that leave out its blank line. */
  #wholeEvents(chunk: Uint8Array | null): string {
    if (chunk === null) {
      const last = this.#partial;
      this.#partial = '';
      return last === '' ? '' : `${last}\n\n`;
    }
    const text = this.#partial + Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength).toString('latin1');
    const length = wholeEventsLength(text);
    this.#partial = text.slice(length);
    if (this.#partial.length > MAX_EVENT_CHARACTERS) {
      throw new GatewayError('upstream_invalid', 'The upstream sent an event that is too large.');
    }
    return length === text.length ? text : text.slice(0, length);
  }

  #upstreamFailure(chunk: Record<string, unknown>): GatewayError {
    const body: unknown = JSON.parse(scrub(JSON.stringify(chunk), this.#endpoint.secrets));
    const error = isJsonObject(body) ? body.error : null;
    const message = isJsonObject(error) ? String(error.message ?? 'The upstream failed.') : String(error);
    const code = isJsonObject(error) ? Number(error.code ?? error.status) : Number.NaN;
    return new GatewayError('upstream_error', message, {
      upstreamBody: body,
      ...(code >= 400 && code <= 599 && { status: code }),
    });
  }

  #lastWords(failure: GatewayError): Uint8Array {
    this.#observer.failed(this.#exchange, failure);
    return Buffer.from(this.#exchange.incoming.dialect.streamError(failure), 'latin1');
  }

  #end(closeClient: () => void): void {
    closeClient();
    if (this.failure) this.#exchange.attempt?.cancel();
    else this.#drain();
    this.#settle();
  }

  /** After the terminal event only the end of the body is awaited, so that the connection can serve again. */
  #drain(): void {
    const cancel = () => this.#exchange.attempt?.cancel();
    const timer = setTimeout(cancel, 1000);
    this.#response.read().then(
      (more) => {
        clearTimeout(timer);
        if (more !== null) cancel();
      },
      () => clearTimeout(timer),
    );
  }

  #clientLeft(): void {
    this.#exchange.abandon();
    this.#settle();
  }

  #settle(): void {
    if (this.#exchange.settled) return;
    this.#exchange.usage = this.#rewriter.reading.usage;
    settle(this.#exchange);
    this.#observer.ended(this.#exchange);
  }
}

function cutOff(): GatewayError {
  return new GatewayError('upstream_invalid', 'The upstream ended the stream before it was complete.');
}
