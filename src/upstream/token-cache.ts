/** A credential that is good until a moment, in milliseconds since 1970. */
export interface ExpiringToken<Value = string> {
  readonly value: Value;
  readonly expiresAt: number;
}

/** Fetched again this long before it expires, so that a request on its way does not arrive with a dead one. */
const EARLY = 60_000;

/** A fetch that hangs must not hold up for ever all who wait for it. */
const FETCH_LIMIT = 30_000;

/**
 * Gives a token, at once when it is there: it is fetched at its first use, kept until shortly before it expires, and fetched once for all who
 * wait for it. A failure rejects for those who waited and is not kept: the next call tries again.
 */
export function cachedToken<Value = string>(
  fetchToken: () => Promise<ExpiringToken<Value>>,
  { now = Date.now, fetchLimit = FETCH_LIMIT }: { now?: () => number; fetchLimit?: number } = {},
): () => Value | Promise<Value> {
  let held: ExpiringToken<Value> | null = null;
  let refreshAt = 0;
  let pending: Promise<Value> | null = null;

  const refresh = async (): Promise<Value> => {
    try {
      const startedAt = now();
      held = await within(fetchLimit, fetchToken());
      // A token that lives for less than two minutes is used for half of its life.
      refreshAt = held.expiresAt - Math.min(EARLY, (held.expiresAt - startedAt) / 2);
      return held.value;
    } finally {
      pending = null;
    }
  };

  return () => {
    if (held && now() < refreshAt) return held.value;
    if (pending === null) {
      pending = refresh();
      // Whoever asked may have left meanwhile; an unhandled rejection would end the process.
      pending.catch(() => {});
    }
    return pending;
  };
}

function within<Result>(milliseconds: number, promise: Promise<Result>): Promise<Result> {
  const { promise: limit, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`No answer within ${milliseconds} ms.`)), milliseconds);
  return Promise.race([promise, limit]).finally(() => clearTimeout(timer));
}

/** Uses a token at once where it is there, and else when it has come. */
export function whenHad<Value, Result>(
  token: Value | Promise<Value>,
  use: (value: Value) => Result,
): Result | Promise<Awaited<Result>> {
  return token instanceof Promise ? (token.then(use) as Promise<Awaited<Result>>) : use(token);
}
