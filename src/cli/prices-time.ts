import { UsageError } from './arguments.ts';

const TIME = /^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)?)?$/;

/** Milliseconds since 1970 of `2026-11-01` or `2026-11-01T12:00:00Z`; in UTC without another word. */
export function timeOf(flag: string, text: string): number {
  const isDay = text.length === 10;
  const zoned = isDay || /(?:Z|[+-]\d\d:\d\d)$/.test(text) ? text : `${text}Z`;
  const time = TIME.test(text) ? Date.parse(zoned.replace(' ', 'T')) : Number.NaN;
  if (!Number.isNaN(time)) return time;
  throw new UsageError(
    `Invalid value for '--${flag}': '${text}' is no time such as 2026-11-01 or 2026-11-01T12:00:00Z.`,
  );
}

/** `2026-11-01`, in UTC. */
export function dayOf(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}
