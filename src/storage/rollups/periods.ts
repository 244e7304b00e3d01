/**
 * The shortest that roll-ups are kept for: in India and elsewhere days begin on the half hour, and an hour of UTC belongs to
 * two of them.
 */
export const HALF_HOUR = 1_800_000;
export const DAY = 48 * HALF_HOUR;

/** The beginning of the half hour or day, in UTC, that a time is in. */
export function startOf(time: number, period: number): number {
  return Math.floor(time / period) * period;
}

/**
 * Roll-ups by route alone answer most questions and stay small; the others are by route and caller, and have a cell for
 * each combination that occurred. `kept` says which of `CELL_KEYS` they are split by.
 */
export const CUBES = {
  route: [true, true, false, false, false, false],
  caller: [true, true, true, true, true, true],
} as const;

export type CubeName = keyof typeof CUBES;

export const CUBE_NAMES = Object.keys(CUBES) as CubeName[];
