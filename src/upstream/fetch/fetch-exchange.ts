import type { BodySource } from '../body-source.ts';
import type { CompiledDestination } from '../compiled-destination.ts';
import { ContentDecoder } from '../content-decoder.ts';
import { cancelledFailure, timeoutFailure } from '../failures.ts';
import { IncomingResponse } from '../incoming-response.ts';
import { type BodyStream, type RelayAttempt, type RelayResponse, type Timeouts, UpstreamError } from '../port.ts';
import { NEVER, type Sweepable } from '../sweeper.ts';
import { fetchFailure } from './fetch-failure.ts';
import type { FetchContext } from './fetch-transport.ts';

/** What we use of a stream's reader; the runtime's declarations disagree about the rest. */
interface BodyReader {
  read(): Promise<{ done: boolean; value?: Uint8Array }>;
  cancel(): Promise<void>;
}

/** One `fetch` under way. */
export class FetchExchange implements RelayAttempt, BodySource, Sweepable {
  readonly response: Promise<RelayResponse>;
  readonly #label: string;
  readonly #timeouts: Timeouts;
  readonly #context: FetchContext;
  readonly #abort = new AbortController();
  #reader: BodyReader | null = null;
  #source: BodyStream | null = null;
  #stage: 'firstByte' | 'idle' = 'firstByte';
  #deadline: number;
  readonly #totalDeadline: number;
  #error: UpstreamError | null = null;
  /** Rejects what waits, when the exchange fails. */
  #interrupt: ((error: UpstreamError) => void) | null = null;
  #over = false;

  constructor(
    destination: CompiledDestination,
    timeouts: Timeouts,
    context: FetchContext,
    body: string | Uint8Array | BodyStream | null,
  ) {
    this.#label = destination.label;
    this.#timeouts = timeouts;
    this.#context = context;
    context.running++;
    context.sweeper.add(this);
    this.#deadline = this.#firstByteDeadline();
    this.#totalDeadline = context.sweeper.deadline(timeouts.total);
    this.response = this.#interruptible(() => this.#start(destination, body));
    // Whoever cancels no longer awaits the response; an unhandled rejection would end the process.
    this.response.catch(() => {});
  }

  cancel(): void {
    this.fail(cancelledFailure(true));
  }

  fail(error: UpstreamError): void {
    this.#error ??= error;
    this.#finish();
    this.#abort.abort();
    this.#reader?.cancel().catch(() => {});
    this.#interrupt?.(this.#error);
  }

  takeRest(): null {
    return null;
  }

  takeText(): null {
    return null;
  }

  async read(): Promise<Uint8Array | null> {
    const reader = this.#reader;
    if (this.#error !== null) throw this.#error;
    if (reader === null) return null;
    this.#stage = 'idle';
    this.#deadline = this.#context.sweeper.deadline(this.#timeouts.idle);
    const { done, value } = await this.#interruptible(() => reader.read());
    this.#deadline = NEVER;
    if (!done && value !== undefined) return value;
    this.#reader = null;
    this.#finish();
    return null;
  }

  sweep(now: number): void {
    const { connect, firstByte, idle, total } = this.#timeouts;
    if (now >= this.#totalDeadline) this.fail(timeoutFailure('total_timeout', this.#label, total, true));
    else if (now < this.#deadline) return;
    else if (this.#stage === 'idle') this.fail(timeoutFailure('idle_timeout', this.#label, idle, true));
    else this.fail(timeoutFailure('first_byte_timeout', this.#label, connect + firstByte, true));
  }

  async #start(
    destination: CompiledDestination,
    body: string | Uint8Array | BodyStream | null,
  ): Promise<RelayResponse> {
    const headers = destination.headers.map(([name, value]): [string, string] => [name, value]);
    const isWhole = body === null || typeof body === 'string' || body instanceof Uint8Array;
    if (!isWhole && body.length !== null) headers.push(['content-length', String(body.length)]);
    const response = await fetch(destination.url, {
      method: destination.method,
      headers,
      body: isWhole ? body : this.#upload(body),
      redirect: 'manual',
      // Decoded by the same code as everywhere, so that a cut or broken encoding fails alike.
      decompress: false,
      signal: this.#abort.signal,
      proxy: this.#context.proxy,
      tls: { ca: this.#context.certificateAuthorities, rejectUnauthorized: true },
      // The deadlines are ours; without this, Bun has one of five minutes.
      timeout: false,
    });
    this.#stage = 'idle';
    this.#deadline = NEVER;
    this.#reader = response.body?.getReader() ?? null;
    if (this.#reader === null) this.#finish();
    const encoding = (response.headers.get('content-encoding') ?? '').toLowerCase();
    const decoder = ContentDecoder.for(encoding, this.#label, this);
    const fields = { header: (name: string) => response.headers.get(name), fields: () => response.headers };
    return new IncomingResponse(response.status, this.#label, fields, this, decoder);
  }

  #firstByteDeadline(): number {
    const { connect, firstByte } = this.#timeouts;
    return this.#context.sweeper.deadline(connect === 0 || firstByte === 0 ? 0 : connect + firstByte);
  }

  /** Pulled by `fetch` as fast as the upstream takes it. */
  #upload(source: BodyStream): ReadableStream<Uint8Array> {
    this.#source = source;
    let missing = source.length ?? 0;
    const pull = async (controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> => {
      // While the source is awaited, the upstream has nothing to answer yet.
      if (this.#stage === 'firstByte') this.#deadline = NEVER;
      const bytes = await source.read();
      if (this.#stage === 'firstByte') this.#deadline = this.#firstByteDeadline();
      missing -= bytes?.length ?? 0;
      if (source.length !== null && (missing < 0 || (bytes === null && missing > 0))) {
        throw new Error('The request body is not as long as was said.');
      }
      if (bytes !== null) controller.enqueue(bytes);
      else controller.close();
    };
    return new ReadableStream<Uint8Array>(
      {
        pull: (controller) =>
          pull(controller).catch((cause: unknown) => {
            this.fail(new UpstreamError('cancelled', 'The request body ended before it was whole.', true, cause));
          }),
        cancel: () => source.cancel(),
      },
      { highWaterMark: 0 },
    );
  }

  /** Runs one wait of the exchange so that a failure of the exchange ends it at once. */
  async #interruptible<Value>(wait: () => Promise<Value>): Promise<Value> {
    const interrupted = new Promise<never>((_, reject) => {
      this.#interrupt = reject;
    });
    interrupted.catch(() => {});
    try {
      return await Promise.race([wait(), interrupted]);
    } catch (error) {
      const failure =
        this.#error ??
        (error instanceof UpstreamError ? error : fetchFailure(error, this.#label, this.#context.proxyLabel));
      this.fail(failure);
      throw failure;
    }
  }

  #finish(): void {
    if (this.#over) return;
    this.#over = true;
    this.#source?.cancel();
    this.#context.running--;
    this.#context.sweeper.delete(this);
  }
}
