import type { Exchange } from './exchange.ts';

/** Whole microseconds after the start; -1 for what never was. Writing out a fraction costs ten times as much. */
export function micros(at: number, startedAt: number): number {
  return at === 0 ? -1 : whole((at - startedAt) * 1000);
}

export function whole(value: number): number {
  if (value < 0) return 0;
  return value < 2 ** 31 - 1 ? (value + 0.5) | 0 : Math.round(value);
}

/** The gateway's own share of the time, in milliseconds: of a stream up to its beginning. */
export function ownTime(exchange: Exchange, startedAt: number, now: number): number {
  const { upstreamStartedAt, upstreamEndedAt, isStream } = exchange;
  if (upstreamStartedAt === 0) return now - startedAt;
  if (isStream) return upstreamStartedAt - startedAt;
  return now - startedAt - ((upstreamEndedAt > 0 ? upstreamEndedAt : now) - upstreamStartedAt);
}
