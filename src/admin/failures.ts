/** Failures that are noted one by one in each minute; what is beyond is counted and noted with the next minute. */
const NOTED_PER_MINUTE = 30;
const MINUTE = 60_000;

/** Keeps a flood of refused calls from filling the audit trail. */
export class FailureBound {
  #begin = Number.NEGATIVE_INFINITY;
  #noted = 0;
  #left = 0;

  /** Whether to note a failure now, and how many were left out before it; null: leave this one out too. */
  admit(now: number): { readonly left: number } | null {
    if (now - this.#begin >= MINUTE) {
      const left = this.#left;
      this.#begin = now;
      this.#noted = 1;
      this.#left = 0;
      return { left };
    }
    if (this.#noted >= NOTED_PER_MINUTE) {
      this.#left += 1;
      return null;
    }
    this.#noted += 1;
    return { left: 0 };
  }
}
