import type { TimeRange, UsageBucket } from '../ledger-queries.ts';

/** The question cannot be answered as it was put; the message says why. */
export class QueryRefused extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'QueryRefused';
  }
}

export interface TimeBucket extends TimeRange {
  /** Its beginning in the zone, also where the range begins later; null for the one that is everything. */
  readonly start: number | null;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const MOST_BUCKETS = 5_000;

/** The buckets of a range, oldest first; the first and the last may be cut off by it. */
export function timeBuckets(range: TimeRange, bucket: UsageBucket, timeZone: string): TimeBucket[] {
  if (bucket === 'none') return [{ start: null, from: range.from, to: range.to }];
  const zone = new Zone(timeZone);
  const buckets: TimeBucket[] = [];
  let start = zone.startOf(range.from, bucket);
  while (start < range.to) {
    const next = zone.next(start, bucket);
    buckets.push({ start, from: Math.max(start, range.from), to: Math.min(next, range.to) });
    if (buckets.length > MOST_BUCKETS) {
      throw new QueryRefused(
        `More than ${MOST_BUCKETS} buckets of a ${bucket}: ask for a shorter range or larger buckets.`,
      );
    }
    start = next;
  }
  return buckets;
}

interface LocalDay {
  readonly year: number;
  /** From 0. */
  readonly month: number;
  readonly day: number;
}

/** Where hours, days and months begin in a time zone. */
class Zone {
  readonly #format: Intl.DateTimeFormat | null;

  constructor(name: string) {
    this.#format = name === 'UTC' ? null : formatOf(name);
  }

  startOf(time: number, bucket: Exclude<UsageBucket, 'none'>): number {
    if (bucket === 'minute') return Math.floor(time / MINUTE) * MINUTE;
    if (bucket === 'hour') {
      const offset = this.#offset(time);
      return Math.floor((time + offset) / HOUR) * HOUR - offset;
    }
    const { year, month, day } = this.#local(time);
    return this.#midnight(year, month, bucket === 'day' ? day : 1);
  }

  next(start: number, bucket: Exclude<UsageBucket, 'none'>): number {
    if (bucket === 'minute') return start + MINUTE;
    if (bucket === 'hour') return start + HOUR;
    const { year, month, day } = this.#local(start);
    const next = bucket === 'day' ? this.#midnight(year, month, day + 1) : this.#midnight(year, month + 1, 1);
    return Math.max(next, start + HOUR);
  }

  /** The first moment of a day. Where the clock is put forward at midnight that is one o'clock. */
  #midnight(year: number, month: number, day: number): number {
    const wanted = Date.UTC(year, month, day);
    const guess = wanted - this.#offset(wanted);
    return wanted - this.#offset(guess);
  }

  #local(time: number): LocalDay {
    const local = new Date(time + this.#offset(time));
    return { year: local.getUTCFullYear(), month: local.getUTCMonth(), day: local.getUTCDate() };
  }

  /** Milliseconds that local clocks are ahead of UTC. */
  #offset(time: number): number {
    if (!this.#format) return 0;
    const parts = Object.fromEntries(this.#format.formatToParts(time).map(({ type, value }) => [type, Number(value)]));
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
    const local = Date.UTC(year, month - 1, day, hour, minute, second);
    return local - Math.floor(time / 1000) * 1000;
  }
}

function formatOf(timeZone: string): Intl.DateTimeFormat {
  try {
    return new Intl.DateTimeFormat('en-US', {
      timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  } catch {
    throw new QueryRefused(`There is no time zone '${timeZone}'.`);
  }
}
