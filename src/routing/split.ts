export interface Weighted<T> {
  readonly value: T;
  /** A share of 100. */
  readonly percentage: number;
}

/** Chooses by weight; `random` gives a number in [0, 1). A destination of 0 percent is never chosen. */
export function splitTraffic<T>(destinations: ReadonlyArray<Weighted<T>>): (random: () => number) => T {
  const chosen = destinations.filter(({ percentage }) => percentage > 0);
  const only = chosen.length === 1 ? chosen[0] : undefined;
  if (only) return () => only.value;
  const total = chosen.reduce((sum, { percentage }) => sum + percentage, 0);
  return (random) => {
    let left = random() * total;
    for (const { value, percentage } of chosen) {
      left -= percentage;
      if (left < 0) return value;
    }
    const last = chosen.at(-1);
    if (!last) throw new Error('a traffic route needs a destination with a share above 0');
    return last.value;
  };
}
