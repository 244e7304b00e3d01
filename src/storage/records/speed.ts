import { COMPLETION_COLUMNS, type RecordColumns } from './record-columns.ts';

/**
 * How fast the answer's tokens came: after the first one where that is known, else over the whole request. Null for what
 * failed and for answers without tokens.
 */
export function tokensPerSecond(records: RecordColumns, index: number): number | null {
  if (records.number('outcome')[index] !== 0) return null;
  const tokens = COMPLETION_COLUMNS.reduce((sum, name) => sum + (records.number(name)[index] ?? 0), 0);
  return speedOf(tokens, records.number('duration')[index] ?? 0, records.number('firstToken')[index] ?? 0);
}

/** `firstToken` as its column has it: one more, and 0 for none. Null where there is nothing to divide. */
export function speedOf(tokens: number, duration: number, firstToken: number): number | null {
  const microseconds = duration - (firstToken === 0 ? 0 : firstToken - 1);
  return tokens > 0 && microseconds > 0 ? (tokens * 1e6) / microseconds : null;
}
