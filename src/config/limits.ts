import type { EndpointLimit, Granularity } from './types.ts';

/** Seconds as the Python library `limits` counts them: a month has 30 days and a year 360. */
const SECONDS: Readonly<Record<Granularity, number>> = {
  second: 1,
  minute: 60,
  hour: 3600,
  day: 86_400,
  month: 2_592_000,
  year: 31_104_000,
};

const PERIOD = /^\s*(\d*)\s*(second|minute|hour|day|month|year)s?\s*$/i;

/** What calls can be counted by besides the client's address. */
const KEY = /^(?:ip|global|header:[!#$%&'*+.^_`|~\w-]+)$/;

/**
 * Reads `renewal_period`: a granularity, plural or not, with an optional multiple, such as `minute` or `5 minutes`. Null
 * when it is none, or when `calls` is negative; no calls at all is a limit that blocks the endpoint.
 * https://limits.readthedocs.io/en/stable/quickstart.html#rate-limit-string-notation
 */
export function parseLimit(calls: number, renewalPeriod: string, key: string | null): EndpointLimit | null {
  const match = PERIOD.exec(renewalPeriod);
  const granularity = match?.[2]?.toLowerCase() as Granularity | undefined;
  const multiple = Number(match?.[1] || 1);
  if (!granularity || multiple < 1 || calls < 0) return null;
  const seconds = multiple * SECONDS[granularity];
  const display = `${calls} per ${multiple} ${granularity}`;
  return { calls, key, renewalPeriod, seconds, multiple, granularity, display };
}

export function isKnownLimitKey(key: string): boolean {
  return KEY.test(key);
}
