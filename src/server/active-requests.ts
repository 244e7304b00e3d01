import type { Server } from 'bun';

/** Bun closes a connection that is quiet for `idleTimeout`; a request older than this is exempted from it. */
const EXEMPT_AFTER_MS = 10_000;

export interface ActiveRequest {
  readonly request: Request;
  readonly startedAt: number;
  /** Ends it now: the drain's deadline has passed. */
  abort(): void;
}

/**
 * The requests under way. Exempting each from the idle timeout when it begins would cost more than the rest of its
 * bookkeeping, so only those that last are.
 */
export class ActiveRequests {
  readonly #active = new Set<ActiveRequest>();
  readonly #exempted = new WeakSet<ActiveRequest>();
  #whenIdle: (() => void) | null = null;
  #timer: ReturnType<typeof setInterval> | null = null;

  get size(): number {
    return this.#active.size;
  }

  /** Begins to exempt long requests of this server. */
  watch(server: Server<undefined>): void {
    this.#timer = setInterval(() => {
      const oldest = performance.now() - EXEMPT_AFTER_MS;
      for (const active of this.#active) {
        if (active.startedAt > oldest || this.#exempted.has(active)) continue;
        this.#exempted.add(active);
        server.timeout(active.request, 0);
      }
    }, EXEMPT_AFTER_MS / 2);
    this.#timer.unref();
  }

  stopWatching(): void {
    if (this.#timer) clearInterval(this.#timer);
  }

  add(active: ActiveRequest): void {
    this.#active.add(active);
  }

  delete(active: ActiveRequest): void {
    this.#active.delete(active);
    if (this.#active.size === 0) this.#whenIdle?.();
  }

  /** Resolves to true when nothing is under way, or to false after the deadline, when the rest has been aborted. */
  async drain(deadlineMs: number): Promise<boolean> {
    if (this.#active.size === 0) return true;
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
}
