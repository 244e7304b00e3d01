import { divideRounded, formatDecimal, parseDecimal } from '../../core/ledger/money.ts';
import type { ModelInfo } from '../../core/ledger/price-table.ts';
import { Digits } from './lossless-json.ts';

/** What a source knows: models by name, in tables by vendor. */
export type Models = Map<string, Map<string, ModelInfo>>;

/** Beyond picodollars, digits are traces of somebody's floating-point arithmetic. */
const PLACES = 6;
const SPARE = 24;

/** A price for `1 / units` of something, as a decimal for a million of it; null for what is no price. */
export function perMillion(value: unknown, units: bigint): string | null {
  if (!(value instanceof Digits)) return null;
  const exact = parseDecimal(value.text, PLACES + SPARE);
  if (exact === null || exact < 0n) return null;
  return formatDecimal(divideRounded(exact * units, 10n ** BigInt(SPARE)), PLACES);
}
