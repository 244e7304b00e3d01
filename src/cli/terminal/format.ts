import { parseDollars } from '../../core/ledger/money.ts';

const PLACES = 12;

/**
 * US dollars of an exact decimal, by bigints: two decimals from $1 on, four below, eight for what would be 0 with four.
 * A cost that is not known is no zero.
 */
export function formatMoney(decimal: string | null): string {
  if (decimal === null) return 'unpriced';
  const amount = parseDollars(decimal);
  if (amount === null) return decimal;
  const size = amount < 0n ? -amount : amount;
  const sign = amount < 0n ? '-' : '';
  if (size === 0n) return '$0.00';
  if (size >= 10n ** 12n) return `${sign}$${rounded(size, 2, true)}`;
  if (size >= 10n ** 8n) return `${sign}$${rounded(size, 4, false)}`;
  return size >= 5000n ? `${sign}$${rounded(size, 8, false)}` : `${sign}<$0.00000001`;
}

/** Halves are rounded up. */
function rounded(size: bigint, places: number, isGrouped: boolean): string {
  const unit = 10n ** BigInt(PLACES - places);
  const digits = ((size + unit / 2n) / unit).toString().padStart(places + 1, '0');
  const whole = digits.slice(0, -places);
  return `${isGrouped ? grouped(whole) : whole}.${digits.slice(-places)}`;
}

function grouped(digits: string): string {
  return digits.replaceAll(/\B(?=(\d{3})+$)/g, ',');
}

const STEPS = [
  [1e9, 'G'],
  [1e6, 'M'],
  [1e3, 'k'],
] as const;

/** Whole up to 99,999, then three digits: `123 k`, `1.24 M`. */
export function formatCount(count: number): string {
  return count < 100_000 ? grouped(String(count)) : formatLarge(count);
}

/** `312 B`, `4.50 kB`, `1.24 GB`. */
export function formatBytes(bytes: number | null): string {
  if (bytes === null) return '–';
  return bytes < 1000 ? `${bytes} B` : `${formatLarge(bytes)}B`;
}

function formatLarge(value: number): string {
  const [size, unit] = STEPS.find(([step]) => value >= step * 0.9995) ?? [1, ''];
  return `${threeDigits(value / size)} ${unit}`;
}

function threeDigits(value: number): string {
  return value >= 99.95 ? String(Math.round(value)) : value.toFixed(value >= 9.995 ? 1 : 2);
}

/** `0.42 ms`, `842 ms`, `3.42 s`, `1 m 12 s`. */
export function formatDuration(milliseconds: number | null): string {
  if (milliseconds === null) return '–';
  if (milliseconds < 10) return `${milliseconds.toFixed(2)} ms`;
  if (milliseconds < 999.5) return `${Math.round(milliseconds)} ms`;
  if (milliseconds < 59_995) return `${(milliseconds / 1000).toFixed(2)} s`;
  const seconds = Math.round(milliseconds / 1000);
  return `${Math.floor(seconds / 60)} m ${String(seconds % 60).padStart(2, '0')} s`;
}

export function formatShare(part: number, whole: number): string {
  return whole === 0 ? '–' : `${((part / whole) * 100).toFixed(1)} %`;
}

/** What could move the cursor, change colours or turn the direction of reading: clients choose names and tags. */
const UNPRINTABLE = /[\p{Cc}\p{Cs}\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/gu;

/** Text from outside as one harmless line. */
export function printable(text: string): string {
  return text.replaceAll(UNPRINTABLE, '·');
}

/** `2026-01-31 14:03:07.412` in a zone. */
export function formatTime(milliseconds: number, timeZone: string): string {
  const time = Temporal.Instant.fromEpochMilliseconds(milliseconds).toZonedDateTimeISO(timeZone);
  return `${time.toPlainDate().toString()} ${time.toPlainTime().toString({ smallestUnit: 'millisecond' })}`;
}
