/** One call of a request that takes several. Times are on the clock of `performance.now()`, 0 for what it did not have. */
export interface PartialAttempt {
  readonly cause: 'first' | 'part';
  readonly startedAt: number;
  readonly firstByteAt: number;
  readonly endedAt: number;
  /** Milliseconds; null where nobody can tell. */
  readonly connect: number | null;
  readonly status: number | null;
  readonly error: { readonly code: string; readonly message: string } | null;
}

/** More than these would say nothing more. */
export const MOST_ATTEMPTS = 64;
