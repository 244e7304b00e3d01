import type { RequestRecord } from '../../core/ledger/request-record.ts';

/** One stretch of a request's time, in milliseconds after it came. */
export interface Stretch {
  readonly phase: 'receive' | 'admit' | 'prepare' | 'attempt' | 'connect' | 'wait' | 'answer' | 'finish';
  /** Of an attempt and what is part of it, from 1; null for the others. */
  readonly attempt: number | null;
  readonly start: number;
  readonly end: number;
}

/** The phases of a request on one axis, in the order of time. Those within an attempt follow it. */
export function waterfall({ phases, attempts }: RequestRecord): readonly Stretch[] {
  const stretches: Stretch[] = [];
  let reached = 0;
  const until = (phase: Stretch['phase'], end: number | null): void => {
    if (end === null) return;
    if (end > reached) stretches.push({ phase, attempt: null, start: reached, end });
    reached = Math.max(reached, end);
  };
  until('receive', phases.received);
  until('admit', phases.admitted);
  until('prepare', attempts[0]?.startedAt ?? phases.sent);
  for (const [index, attempt] of attempts.entries()) {
    const number = index + 1;
    const { startedAt, connect, firstByteAt, endedAt } = attempt;
    stretches.push({ phase: 'attempt', attempt: number, start: startedAt, end: endedAt });
    const connected = startedAt + (connect ?? 0);
    if (connected > startedAt) stretches.push({ phase: 'connect', attempt: number, start: startedAt, end: connected });
    const waited = firstByteAt ?? endedAt;
    if (waited > connected) stretches.push({ phase: 'wait', attempt: number, start: connected, end: waited });
    if (firstByteAt !== null) stretches.push({ phase: 'answer', attempt: number, start: firstByteAt, end: endedAt });
    reached = Math.max(reached, endedAt);
  }
  until('finish', phases.lastByte);
  return stretches;
}
