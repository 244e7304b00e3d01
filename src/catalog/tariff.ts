import { costOf, divideRounded, formatDollars, parseDollars } from '../core/ledger/money.ts';
import {
  PRICE_KINDS,
  type PriceClass,
  type PriceKind,
  type Prices,
  type PriceTable,
} from '../core/ledger/price-table.ts';
import type { Picodollars } from '../core/ledger/pricing.ts';
import { TOKEN_BUCKETS } from '../core/neutral/usage.ts';
import { billedAs, type Vendor } from './vendors.ts';

/** The price of one kind, ready to multiply. */
export interface Rate {
  /** US dollars for a million, as an exact decimal. */
  readonly text: string;
  readonly perMillion: Picodollars;
  /** Picodollars for one, where that is a whole number; else null. */
  readonly each: number | null;
}

export type Rates = Readonly<Partial<Record<PriceKind, Rate>>>;

/** The prices of one model and class of service, compiled. */
export interface Tariff {
  /** By the prompt tokens that a request must exceed, the most first; the last one is for all requests. */
  readonly bands: ReadonlyArray<{ readonly above: number; readonly rates: Rates }>;
}

const FREE: Rate = { text: '0', perMillion: 0n, each: 0 };

/** What costs nothing, whatever it uses. */
export const FREE_TARIFF: Tariff = {
  bands: [{ above: -1, rates: Object.fromEntries(PRICE_KINDS.map((kind) => [kind, FREE])) }],
};

/** Of `modifiers`, those that the table has a factor for change all prices of tokens. Null: no prices of the class. */
export function compileTariff(
  table: PriceTable,
  name: PriceClass,
  vendor: Vendor,
  modifiers: readonly string[],
): Tariff | null {
  const found = table[name] ?? (vendor.atStandardPrice?.includes(name) ? table.standard : undefined);
  if (!found) return null;
  const factors = modifiers.flatMap((modifier) => table.multipliers?.[modifier] ?? []);
  // What is billed by the call costs the same in every class, unless it says otherwise.
  const prices = { ...vendor.units, ...unitsOf(table.standard?.prices), ...found.prices };
  const bands = Object.entries(found.above ?? {})
    .map(([above, tier]) => ({ above: Number(above), rates: ratesOf({ ...prices, ...tier }, vendor, factors) }))
    .sort((one, other) => other.above - one.above);
  return { bands: [...bands, { above: -1, rates: ratesOf(prices, vendor, factors) }] };
}

const IS_TOKENS = new Set<string>([...TOKEN_BUCKETS, 'cacheReadAudio', 'cacheReadImage']);

function unitsOf(prices: Prices = {}): Prices {
  return Object.fromEntries(Object.entries(prices).filter(([kind]) => !IS_TOKENS.has(kind)));
}

function ratesOf(prices: Prices, vendor: Vendor, factors: readonly string[]): Rates {
  const rates: Partial<Record<PriceKind, Rate>> = {};
  for (const kind of PRICE_KINDS) {
    const text = prices[kind] ?? fallback(prices, vendor, kind);
    if (text !== undefined) rates[kind] = rate(IS_TOKENS.has(kind) ? factors.reduce(multiply, text) : text);
  }
  return rates;
}

function fallback(prices: Prices, vendor: Vendor, kind: PriceKind): string | undefined {
  const other = billedAs(vendor, kind);
  return other && (prices[other] ?? fallback(prices, vendor, other));
}

function rate(text: string): Rate {
  const perMillion = parseDollars(text) ?? 0n;
  const isWhole = perMillion % 1_000_000n === 0n;
  return { text, perMillion, each: isWhole ? Number(perMillion / 1_000_000n) : null };
}

/** The product of two decimals, to the last digit that money has. */
export function multiply(price: string, factor: string): string {
  return formatDollars(divideRounded((parseDollars(price) ?? 0n) * (parseDollars(factor) ?? 0n), 10n ** 12n));
}

export function costAt(rate: Rate, quantity: number): Picodollars {
  if (rate.each !== null) {
    const product = rate.each * quantity;
    if (Number.isSafeInteger(product)) return BigInt(product);
  }
  return costOf(quantity, rate.perMillion);
}
