import type { JsonObject, Operation } from '../../core/types.ts';
import { isJsonObject } from '../../core/types.ts';
import type { Attempt, PreparedRequest, Transport, UpstreamResponse } from '../../upstream/port.ts';
import { UpstreamError } from '../../upstream/port.ts';
import { streamEvents, wholeAnswer } from './answers.ts';
import { type Settings, settingsFor } from './settings.ts';

/** Answers in the process itself, behind the same port as the network, so that everything around it is the real thing. */
export function simulatedTransport(operation: Operation, model: string, endpoint: Settings): Transport {
  const prepared: PreparedRequest = {
    send: (body) => new SimulatedAttempt(operation, model, endpoint, body),
  };
  return { prepare: () => prepared, statistics: () => ({ open: 0, idle: 0 }), close: () => {} };
}

class SimulatedAttempt implements Attempt, UpstreamResponse {
  readonly response: Promise<UpstreamResponse>;
  readonly status: number;
  readonly #settings: Settings;
  readonly #events: string[];
  readonly #isStream: boolean;
  #sent = 0;
  #cancelled = false;
  #wake: (() => void) | null = null;

  constructor(operation: Operation, model: string, endpoint: Settings, body: string | Uint8Array | null) {
    const parsed: unknown = JSON.parse(typeof body === 'string' ? body : new TextDecoder().decode(body ?? undefined));
    const request: JsonObject = isJsonObject(parsed) ? parsed : {};
    this.#settings = settingsFor(endpoint, request.simulate);
    this.status = this.#settings.status ?? 200;
    this.#isStream = request.stream === true && this.status === 200 && operation !== 'embeddings';
    this.#events = this.#isStream
      ? streamEvents(operation, model, request, this.#settings)
      : [JSON.stringify(this.status === 200 ? wholeAnswer(operation, model, request, this.#settings) : this.#error())];
    this.response = this.#begin();
    this.response.catch(() => {});
  }

  header(name: string): string | null {
    if (name === 'content-type') return this.#isStream ? 'text/event-stream; charset=utf-8' : 'application/json';
    return name === 'retry-after' && this.status === 429 ? '1' : null;
  }

  cancel(): void {
    this.#cancelled = true;
    this.#wake?.();
  }

  async text(): Promise<string> {
    return Buffer.from(await this.bytes()).toString();
  }

  async bytes(): Promise<Uint8Array> {
    if (this.#settings.cut_after !== undefined && !this.#isStream) throw cut();
    return new TextEncoder().encode(this.#events.join(''));
  }

  async read(): Promise<Uint8Array | null> {
    if (this.#settings.cut_after !== undefined && this.#sent >= this.#settings.cut_after) throw cut();
    const pace = this.#settings.tokens_per_second ?? 0;
    if (pace > 0 && this.#sent > 0) await this.#pause(1000 / pace);
    const last = pace > 0 ? this.#sent + 1 : (this.#settings.cut_after ?? this.#events.length);
    const events = this.#events.slice(this.#sent, last);
    this.#sent = last;
    return events.length === 0 ? null : new TextEncoder().encode(events.join(''));
  }

  async #begin(): Promise<UpstreamResponse> {
    await this.#pause(this.#settings.delay_ms ?? 0);
    return this;
  }

  async #pause(milliseconds: number): Promise<void> {
    if (milliseconds > 0) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, milliseconds);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    if (this.#cancelled) throw new UpstreamError('cancelled', 'The request was cancelled.', true);
  }

  #error(): JsonObject {
    const { status } = this.#settings;
    return {
      error: {
        message: `Simulated error ${status}.`,
        type: 'simulated_error',
        param: null,
        code: `simulated_${status}`,
      },
    };
  }
}

function cut(): UpstreamError {
  return new UpstreamError('closed', 'The upstream closed the connection before the answer was whole.', true);
}
