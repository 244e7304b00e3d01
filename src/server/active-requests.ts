import type { Server } from 'bun';

/** How soon after its start a request is watched for its client leaving, and how often the active ones are looked at. */
const LOOK_EVERY_MS = 25;

/** Bun closes a connection that is quiet for `idleTimeout`; a request older than this is exempted from it. */
const EXEMPT_AFTER_MS = 10_000;

export interface ActiveRequest {
  readonly request: Request;
  readonly startedAt: number;
  /** Its place among the active ones, for whoever removes it. */
  place: number;
  /** How closely it is watched by now: 0 not at all, 1 for its client leaving, 2 exempt from the idle timeout as well. */
  watched: number;
  /** From now on the request ends when its client leaves, which it may have done already. */
  watchClient(): void;
  /** Ends it now: the drain's deadline has passed. */
  abort(): void;
}

/**
 * The requests under way. Listening for the client's leave and lifting the idle timeout cost more than the rest of a
 * short request's bookkeeping, so both are done only for requests that last, by one look at all of them at a time.
 */
export class ActiveRequests {
  readonly #active: ActiveRequest[] = [];
  #whenIdle: (() => void) | null = null;
  #server: Server<undefined> | null = null;
  #timer: ReturnType<typeof setInterval> | null = null;

  get size(): number {
    return this.#active.length;
  }

  serve(server: Server<undefined>): void {
    this.#server = server;
  }

  add(active: ActiveRequest): void {
    active.place = this.#active.push(active) - 1;
    this.#timer ??= setInterval(() => this.#look(), LOOK_EVERY_MS);
  }

  delete(active: ActiveRequest): void {
    const { place } = active;
    const last = this.#active.at(-1);
    if (last === undefined || this.#active[place] !== active) return;
    this.#active[place] = last;
    last.place = place;
    this.#active.pop();
    if (this.#active.length === 0) this.#whenIdle?.();
  }

  /** Resolves to true when nothing is under way, or to false after the deadline, when the rest has been aborted. */
  async drain(deadlineMs: number): Promise<boolean> {
    if (this.#active.length === 0) return true;
    const drained = await new Promise<boolean>((resolve) => {
      const timer = setTimeout(() => resolve(false), deadlineMs);
      this.#whenIdle = () => {
        clearTimeout(timer);
        resolve(true);
      };
    });
    if (!drained) for (const active of [...this.#active]) active.abort();
    return drained;
  }

  #look(): void {
    if (this.#active.length === 0 && this.#timer) {
      clearInterval(this.#timer);
      this.#timer = null;
      return;
    }
    const now = performance.now();
    // A copy, because a request whose client has left ends, and leaves the list, during the look.
    for (const active of [...this.#active]) {
      if (active.watched === 0 && now - active.startedAt >= LOOK_EVERY_MS) {
        active.watched = 1;
        active.watchClient();
      } else if (active.watched === 1 && now - active.startedAt >= EXEMPT_AFTER_MS) {
        active.watched = 2;
        this.#server?.timeout(active.request, 0);
      }
    }
  }
}
