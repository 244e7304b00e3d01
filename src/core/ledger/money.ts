import type { Picodollars } from './pricing.ts';

/** Decimal places of a picodollar. */
const PLACES = 12;

const DECIMAL = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,3}))?$/;

/** A decimal as a whole number of 10^-`places`; null for a text that is no decimal or has more places than that. */
export function parseDecimal(text: string, places: number): bigint | null {
  const match = DECIMAL.exec(text);
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = match ?? [];
  if (match === null || whole + fraction === '') return null;
  const shift = Number(exponent) - fraction.length + places;
  const digits = BigInt(whole + fraction);
  if (shift < 0) {
    const divisor = 10n ** BigInt(-shift);
    if (digits % divisor !== 0n) return null;
    return signed(sign, digits / divisor);
  }
  return signed(sign, digits * 10n ** BigInt(shift));
}

function signed(sign: string, value: bigint): bigint {
  return sign === '-' ? -value : value;
}

/** A whole number of 10^-`places` as a decimal without needless zeros: `0.0025`, `-3`, `0`. */
export function formatDecimal(value: bigint, places: number): string {
  const digits = (value < 0n ? -value : value).toString().padStart(places + 1, '0');
  const whole = digits.slice(0, digits.length - places);
  const fraction = digits.slice(digits.length - places).replace(/0+$/, '');
  return `${value < 0n ? '-' : ''}${whole}${fraction && '.'}${fraction}`;
}

/** US dollars, written as a decimal. Null for a text that is no decimal, or says more than picodollars can. */
export function parseDollars(text: string): Picodollars | null {
  return parseDecimal(text, PLACES);
}

/** US dollars as an exact decimal. */
export function formatDollars(amount: Picodollars): string {
  return formatDecimal(amount, PLACES);
}

/** US dollars of a text that may say more than picodollars can: halves are rounded away from zero. */
export function roundToDollars(text: string): Picodollars | null {
  const fine = parseDecimal(text, PLACES * 3);
  return fine === null ? null : divideRounded(fine, 10n ** BigInt(PLACES * 2));
}

/** Halves are rounded away from zero. The divisor is positive. */
export function divideRounded(value: bigint, divisor: bigint): bigint {
  const half = divisor / 2n;
  return (value < 0n ? value - half : value + half) / divisor;
}

/** Decimal places that count of a quantity which is not whole, such as seconds. */
const QUANTITY_PLACES = 9;

/** What a quantity costs at `price` picodollars a million; rounded to whole picodollars where the product is finer. */
export function costOf(quantity: number, price: Picodollars): Picodollars {
  if (Number.isInteger(quantity)) return divideRounded(BigInt(quantity) * price, 1_000_000n);
  const scaled = parseDecimal(quantity.toFixed(QUANTITY_PLACES), QUANTITY_PLACES) ?? 0n;
  return divideRounded(scaled * price, 10n ** BigInt(6 + QUANTITY_PLACES));
}

/** The exact sum; null when any of them is unknown. */
export function sumOf(amounts: Iterable<Picodollars | null>): Picodollars | null {
  let sum = 0n;
  for (const amount of amounts) {
    if (amount === null) return null;
    sum += amount;
  }
  return sum;
}
