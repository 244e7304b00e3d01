import type { GatewayError } from '../core/errors.ts';
import type { CheckedRequest } from '../dialects/dialect.ts';
import { isFramedAs } from '../upstream/framing/framing.ts';
import type { UpstreamResponse } from '../upstream/port.ts';
import { answerFields } from './answer-fields.ts';
import { StreamCapture } from './capture.ts';
import { estimateUsage } from './estimate-usage.ts';
import type { Exchange } from './exchange.ts';
import { PassThroughStream } from './pass-through-stream.ts';
import type { Observer } from './pipeline.ts';
import { settle } from './settle.ts';
import type { Endpoint } from './snapshot.ts';
import type { StreamConverter } from './stream-converter.ts';
import { translatedStream } from './translated-stream.ts';
import { asGatewayError, scrubError, unsupportedContentType } from './upstream-errors.ts';

/**
 * Answers with a stream. The first whole event is awaited before the status is decided, so that a failure before it is
 * a real HTTP error.
 */
export async function streamAnswer(
  exchange: Exchange,
  endpoint: Endpoint,
  request: CheckedRequest,
  response: UpstreamResponse,
  observer: Observer,
): Promise<void> {
  const converter = await converterFor(exchange, endpoint, request, response.header('content-type') ?? '');
  const owner = new StreamOwner(exchange, response, converter, observer);
  const first = await owner.first();
  if (owner.failure && first === '') throw owner.failure;
  exchange.status = 200;
  owner.begin(first);
}

async function converterFor(
  { incoming: { dialect, path }, upstream, toolNames }: Exchange,
  { context }: Endpoint,
  request: CheckedRequest,
  contentType: string,
): Promise<StreamConverter> {
  const wire = upstream?.kind === 'translate' ? upstream.wire.stream : undefined;
  if (!isFramedAs(wire?.framing ?? 'sse', contentType)) throw unsupportedContentType(contentType);
  if (wire) return translatedStream(wire, dialect.encodeStream(context, request), toolNames);
  return new PassThroughStream(dialect.stream(context, path), upstream?.kind === 'pass' ? upstream : null);
}

/** The one owner of a stream: whoever leaves, whatever breaks, it cancels the upstream, tells the client and settles. */
class StreamOwner {
  /** Why the stream cannot go on: what the body said, or how reading it failed. */
  failure: GatewayError | null = null;
  readonly #exchange: Exchange;
  readonly #response: UpstreamResponse;
  readonly #converter: StreamConverter;
  readonly #observer: Observer;
  readonly #capture: StreamCapture | null;
  /** Reads that had something for the client. */
  #deliveries = 0;

  constructor(exchange: Exchange, response: UpstreamResponse, converter: StreamConverter, observer: Observer) {
    this.#exchange = exchange;
    this.#response = response;
    this.#converter = converter;
    this.#observer = observer;
    this.#capture = StreamCapture.for(exchange);
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
  begin(first: string): void {
    const { incoming } = this.#exchange;
    incoming.onClientGone = () => this.#clientLeft();
    incoming.onDrain = () => this.#pull();
    incoming.startStream(200, answerFields(this.#exchange));
    // The request went upstream: nothing needs its text any more.
    incoming.text = '';
    this.#exchange.firstTokenAt = performance.now();
    this.#deliver(first);
  }

  /** Nothing is read ahead of the client: a slow one slows the upstream. */
  #pull(): void {
    this.#response.read().then(this.#onChunk, this.#onFailure);
  }

  readonly #onChunk = (chunk: Uint8Array | null): void => {
    try {
      const events = this.#take(chunk);
      if (events === '' && !this.#isOver()) this.#pull();
      else this.#deliver(events);
    } catch (error) {
      this.#onFailure(error);
    }
  };

  readonly #onFailure = (error: unknown): void => {
    if (this.#exchange.settled) return;
    this.failure = asGatewayError(error);
    this.#deliver('');
  };

  #deliver(events: string): void {
    const { incoming, clientGone } = this.#exchange;
    if (clientGone) return this.#settle();
    if (this.#isOver()) {
      this.#end(this.failure ? events + this.#lastWords(this.failure) : events);
      return;
    }
    this.#exchange.responseBytes += events.length;
    this.#deliveries++;
    this.#capture?.add(events);
    if (incoming.write(events)) this.#pull();
  }

  #isOver(): boolean {
    return this.failure !== null || this.#converter.complete;
  }

  /** What the client gets of a read; null is the end of the body. */
  #take(bytes: Uint8Array | null): string {
    const events = this.#converter.take(bytes);
    this.failure = this.#converter.failure;
    return events;
  }

  #lastWords(failure: GatewayError): string {
    const error = scrubError(failure, this.#exchange);
    this.#exchange.error = error;
    this.#observer.failed(this.#exchange, error);
    const { dialect, path } = this.#exchange.incoming;
    return this.#converter.fail(error) ?? dialect.streamError(error, path);
  }

  #end(last: string): void {
    this.#exchange.responseBytes += last.length;
    this.#capture?.add(last);
    this.#account();
    this.#exchange.incoming.end(last);
    this.#capture?.end();
    if (this.failure) this.#exchange.attempt?.cancel();
    else this.#drain();
    this.#observer.ended(this.#exchange);
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
    this.#account();
    this.#capture?.end();
    this.#observer.ended(this.#exchange);
  }

  #account(): void {
    const { usage, facts, complete } = this.#converter;
    this.#exchange.usage = usage;
    // The provider bills what it made, though nobody heard how much that was.
    if (!complete && this.#deliveries > 0) estimateUsage(this.#exchange, this.#deliveries);
    this.#exchange.servedModel = facts.servedModel;
    this.#exchange.finishReason = facts.finishReason;
    settle(this.#exchange);
  }
}
