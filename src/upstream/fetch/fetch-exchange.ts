import type { BodySource } from '../body-source.ts';
import type { CompiledDestination } from '../compiled-destination.ts';
import { ContentDecoder } from '../content-decoder.ts';
import { cancelledFailure, timeoutFailure } from '../failures.ts';
import { IncomingResponse } from '../incoming-response.ts';
import { type Attempt, type Timeouts, UpstreamError, type UpstreamResponse } from '../port.ts';
import { NEVER, type Sweepable } from '../sweeper.ts';
import { fetchFailure } from './fetch-failure.ts';
import type { FetchContext } from './fetch-transport.ts';

/** What we use of a stream's reader; the runtime's declarations disagree about the rest. */
interface BodyReader {
  read(): Promise<{ done: boolean; value?: Uint8Array }>;
  cancel(): Promise<void>;
}

/** One `fetch` under way. */
export class FetchExchange implements Attempt, BodySource, Sweepable {
  readonly response: Promise<UpstreamResponse>;
  readonly #label: string;
  readonly #timeouts: Timeouts;
  readonly #context: FetchContext;
  readonly #abort = new AbortController();
  #reader: BodyReader | null = null;
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
    body: string | Uint8Array | null,
  ) {
    this.#label = destination.label;
    this.#timeouts = timeouts;
    this.#context = context;
    context.running++;
    context.sweeper.add(this);
    const { connect, firstByte, total } = timeouts;
    this.#deadline = context.sweeper.deadline(connect === 0 || firstByte === 0 ? 0 : connect + firstByte);
    this.#totalDeadline = context.sweeper.deadline(total);
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

  async #start(destination: CompiledDestination, body: string | Uint8Array | null): Promise<UpstreamResponse> {
    const response = await fetch(destination.url, {
      method: destination.method,
      headers: destination.headers.map(([name, value]): [string, string] => [name, value]),
      body,
      redirect: 'manual',
      // Decoded by the same code as everywhere, so that a cut or broken encoding fails alike.
      decompress: false,
      signal: this.#abort.signal,
      proxy: this.#context.proxy,
      tls: { ca: this.#context.certificateAuthorities, rejectUnauthorized: true },
      // The deadlines are ours; without this, Bun has one of five minutes.
      timeout: false,
    });
    this.#deadline = NEVER;
    this.#reader = response.body?.getReader() ?? null;
    if (this.#reader === null) this.#finish();
    const encoding = (response.headers.get('content-encoding') ?? '').toLowerCase();
    const decoder = ContentDecoder.for(encoding, this.#label, this);
    const fields = { header: (name: string) => response.headers.get(name) };
    return new IncomingResponse(response.status, this.#label, fields, this, decoder);
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
    this.#context.running--;
    this.#context.sweeper.delete(this);
  }
}
