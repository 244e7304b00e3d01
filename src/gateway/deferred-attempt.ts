import { type Attempt, UpstreamError, type UpstreamResponse } from '../upstream/port.ts';
import { type Sweepable, Sweeper } from '../upstream/sweeper.ts';

/** One coarse timer for all of them: most are sent within microseconds. */
const sweeper = new Sweeper();

/**
 * A request that cannot be sent at once, because credentials or media must be fetched first. It can be cancelled from
 * the beginning, and what was cancelled by then is never sent.
 */
export class DeferredAttempt implements Attempt, Sweepable {
  readonly response: Promise<UpstreamResponse>;
  readonly #reject: (error: unknown) => void;
  readonly #timeLimit: number;
  readonly #deadline: number;
  #attempt: Attempt | null = null;
  #isWaiting = true;

  /** `prepare` resolves to what sends the request. Its time limit is in milliseconds, 0 for none. */
  constructor(prepare: () => Promise<() => Attempt>, timeLimit: number) {
    const { promise, resolve, reject } = Promise.withResolvers<UpstreamResponse>();
    this.response = promise;
    this.#reject = reject;
    this.#timeLimit = timeLimit;
    this.#deadline = sweeper.deadline(timeLimit);
    sweeper.add(this);
    // Whoever cancels no longer awaits the response; an unhandled rejection would end the process.
    promise.catch(() => {});
    prepare()
      .then((send) => {
        if (!this.#isWaiting) return;
        this.#stopWaiting();
        this.#attempt = send();
        resolve(this.#attempt.response);
      })
      .catch((error: unknown) => this.#fail(error));
  }

  get connectTime(): number | null {
    return this.#attempt?.connectTime ?? null;
  }

  get resentAt(): number {
    return this.#attempt?.resentAt ?? 0;
  }

  cancel(): void {
    if (this.#attempt !== null) this.#attempt.cancel();
    else this.#fail(new UpstreamError('cancelled', 'The request was cancelled.', false));
  }

  sweep(now: number): void {
    if (now < this.#deadline) return;
    const message = `What the request needs before it is sent was not there within ${this.#timeLimit} ms.`;
    this.#fail(new UpstreamError('total_timeout', message, false));
  }

  #fail(error: unknown): void {
    this.#stopWaiting();
    this.#reject(error);
  }

  #stopWaiting(): void {
    this.#isWaiting = false;
    sweeper.delete(this);
  }
}
