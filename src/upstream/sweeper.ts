const TICK_MILLISECONDS = 100;

/** A deadline that never comes. A small integer, so that engines keep deadlines out of floating point. */
export const NEVER = 0x3fff_ffff;

export interface Sweepable {
  /** Called about ten times a second with the current tick; compares its own deadlines with it. */
  sweep(now: number): void;
}

/**
 * One coarse timer for every deadline of a transport, so that a request starts no timer of its own.
 *
 * Time is counted in ticks that have run, not read from a clock: while the event loop stalls no time passes here, so
 * our own slowness never looks like an upstream's. A deadline comes at most two ticks late and never early.
 */
export class Sweeper {
  now = 0;
  readonly #members = new Set<Sweepable>();
  #timer: ReturnType<typeof setInterval> | null = null;

  /** The tick at which `milliseconds` have surely passed; 0 means no limit. */
  deadline(milliseconds: number): number {
    // One tick more, because the current one is already under way.
    return milliseconds === 0 ? NEVER : this.now + Math.ceil(milliseconds / TICK_MILLISECONDS) + 1;
  }

  add(member: Sweepable): void {
    this.#members.add(member);
    if (this.#timer !== null) return;
    this.#timer = setInterval(() => this.#tick(), TICK_MILLISECONDS);
    // The timer alone must not keep a process alive that is done.
    this.#timer.unref();
  }

  delete(member: Sweepable): void {
    this.#members.delete(member);
  }

  #tick(): void {
    this.now++;
    for (const member of this.#members) member.sweep(this.now);
    if (this.#members.size > 0 || this.#timer === null) return;
    clearInterval(this.#timer);
    this.#timer = null;
  }
}
