import { invalid } from '../api-error.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Of relative times. A month and a year are those of the calendar. */
const UNITS: Readonly<Record<string, Temporal.DurationLike>> = {
  s: { seconds: 1 },
  m: { minutes: 1 },
  h: { hours: 1 },
  d: { days: 1 },
  w: { weeks: 1 },
  M: { months: 1 },
  y: { years: 1 },
};

const RELATIVE = /^(?:now)?(?:([+-])(\d{1,6})([smhdwMy]))?$/;

/** Below this a number is more likely of seconds than of milliseconds: it would be in 1970. */
const LEAST_MILLISECONDS = 100_000_000_000;
const LATEST = Date.UTC(9999, 0);

export const TIME_HINT =
  'for example now, -30d, now-24h, today, 2026-01-31, 2026-01-31T12:00:00Z, or milliseconds since 1970';

export interface Clock {
  readonly now: number;
  readonly timeZone: string;
}

/**
 * A moment in milliseconds since 1970: relative (`now`, `-30d`), a day, ISO 8601, or milliseconds. Where it names no zone
 * it is read in the given one. Throws an ApiError that names the parameter.
 */
export function parseTime(field: string, text: string, clock: Clock): number {
  const time = readTime(text.trim(), clock);
  if (time === null) throw invalid(field, `'${shown(text)}' is no time.`, TIME_HINT);
  if (time < 0 || time > LATEST) throw invalid(field, `'${shown(text)}' is not between 1970 and 9999.`, TIME_HINT);
  return time;
}

function readTime(text: string, clock: Clock): number | null {
  if (text === '') return null;
  if (/^\d{1,16}$/.test(text)) {
    const number = Number(text);
    return number === 0 || number >= LEAST_MILLISECONDS ? number : null;
  }
  try {
    if (text === 'today' || text === 'yesterday') return dayBefore(text === 'today' ? 0 : 1, clock);
    const relative = RELATIVE.exec(text);
    if (relative !== null) return relativeTime(relative, clock);
    return absoluteTime(text, clock.timeZone);
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

function zoned({ now, timeZone }: Clock): Temporal.ZonedDateTime {
  return Temporal.Instant.fromEpochMilliseconds(now).toZonedDateTimeISO(timeZone);
}

function dayBefore(days: number, clock: Clock): number {
  return zoned(clock).startOfDay().subtract({ days }).epochMilliseconds;
}

function relativeTime([, sign, amount, unit = '']: RegExpExecArray, clock: Clock): number {
  if (amount === undefined) return clock.now;
  const length = Temporal.Duration.from(UNITS[unit] ?? {});
  const [name] = Object.keys(UNITS[unit] ?? {});
  const duration = length.with({ [name ?? 'seconds']: Number(amount) * (sign === '-' ? -1 : 1) });
  return zoned(clock).add(duration).epochMilliseconds;
}

const DATE = /^\d{4}-\d{2}-\d{2}$/;
/** In a query `+` is a space, which is how a zone's sign arrives where nobody encoded it. */
const DATE_AND_TIME = /^(\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(?::\d{2}(?:[.,]\d{1,9})?)?)(?:(Z)|([ +-])(\d{2}:?\d{2}))?$/i;

function absoluteTime(text: string, timeZone: string): number | null {
  if (DATE.test(text)) return Temporal.PlainDate.from(text).toZonedDateTime(timeZone).epochMilliseconds;
  const [, moment, utc, sign, offset] = DATE_AND_TIME.exec(text) ?? [];
  if (moment === undefined) return null;
  if (utc !== undefined) return Temporal.Instant.from(`${moment}Z`).epochMilliseconds;
  if (offset === undefined) return Temporal.PlainDateTime.from(moment).toZonedDateTime(timeZone).epochMilliseconds;
  return Temporal.Instant.from(`${moment}${sign === '-' ? '-' : '+'}${offset}`).epochMilliseconds;
}

/** The name of a time zone as the IANA database writes it. Throws an ApiError. */
export function parseTimeZone(field: string, text: string): string {
  if (/^utc$/i.test(text)) return 'UTC';
  try {
    // Offsets such as `+02:00` have no summer time; days and months are those of places.
    if (/^[A-Za-z]/.test(text)) {
      return new Intl.DateTimeFormat('en', { timeZone: text }).resolvedOptions().timeZone;
    }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
  }
  throw invalid(
    field,
    `'${shown(text)}' is no time zone.`,
    'a name of the IANA database, for example Europe/Berlin, or UTC',
  );
}

/** A piece of what was sent, short enough for a message. */
export function shown(text: string): string {
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}

/** ISO 8601 in UTC, as all times of the API are told. */
export function isoTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}

export { DAY, HOUR, MINUTE };
