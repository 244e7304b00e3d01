import type { z } from 'zod';
import { formatDollars, parseDollars } from '../core/ledger/money.ts';
import type { ClassPrices, PriceKind, Prices, PriceTable } from '../core/ledger/price-table.ts';
import { PRICE_KEYS, type PriceKeyName, type priceSchema, pricesSchema } from './price-schema.ts';
import type { PriceOverride } from './price-types.ts';
import { type Finding, type Path, ruleError } from './problem.ts';
import { validate } from './validation.ts';

/** `prices:` of the file. Null when it cannot be used. */
export function compilePrices(raw: unknown, findings: Finding[]): readonly PriceOverride[] | null {
  const result = validate(pricesSchema, raw ?? [], ['prices']);
  findings.push(...result.findings);
  if (result.value === undefined) return null;
  const found = result.value.map((entry, index) => compileEntry(entry, ['prices', index], findings));
  const prices = found.filter((override) => override !== null);
  return prices.length === found.length ? prices : null;
}

type Entry = z.output<typeof priceSchema>;

const KEYS = Object.keys(PRICE_KEYS) as PriceKeyName[];

function compileEntry(entry: Entry, path: Path, findings: Finding[]): PriceOverride | null {
  const table = tableOf(entry);
  const ways = [entry.free === true, entry.multiplier != null, Object.keys(table).length > 0];
  const problem = problemOf(entry, ways.filter(Boolean).length, table);
  if (problem) {
    findings.push(ruleError(path, problem.message, problem.hint));
    return null;
  }
  return {
    endpoint: entry.endpoint ?? null,
    provider: entry.provider ?? null,
    model: entry.model ?? null,
    validFrom: entry.valid_from ?? null,
    prices: entry.free
      ? { kind: 'free' }
      : entry.multiplier != null
        ? { kind: 'multiplier', factor: entry.multiplier }
        : { kind: 'table', table },
  };
}

function problemOf(entry: Entry, ways: number, table: PriceTable): { message: string; hint: string } | null {
  if (entry.endpoint == null && entry.provider == null && entry.model == null) {
    return { message: 'These prices are for nothing', hint: 'add model, provider or endpoint' };
  }
  if (ways > 1) {
    return { message: 'Prices, multiplier and free exclude one another', hint: 'keep one of them' };
  }
  if (ways === 0) {
    return {
      message: 'There is no price here',
      hint: 'for example input: 2.5 and output: 10, or multiplier: 0.9, or free: true',
    };
  }
  if (entry.free === true || entry.multiplier != null || table.standard) return null;
  return {
    message: 'The usual prices are missing',
    hint: 'batch, flex and priority stand beside prices such as input',
  };
}

function tableOf(entry: Entry): PriceTable {
  const { batch, flex, priority } = entry;
  const classes = { standard: entry, batch, flex, priority };
  return Object.fromEntries(
    Object.entries(classes).flatMap(([name, prices]) => {
      const compiled = prices ? classOf(prices) : null;
      return compiled ? [[name, compiled]] : [];
    }),
  );
}

type ClassEntry = Pick<Entry, PriceKeyName | 'tiers'>;

function classOf(entry: ClassEntry): ClassPrices | null {
  const prices = pricesOf(entry);
  const above = (entry.tiers ?? []).map((tier) => [String(tier.above), pricesOf(tier)]);
  if (Object.keys(prices).length === 0 && above.length === 0) return null;
  return { prices, ...(above.length > 0 && { above: Object.fromEntries(above) }) };
}

function pricesOf(entry: Pick<Entry, PriceKeyName>): Prices {
  const prices: Partial<Record<PriceKind, string>> = {};
  for (const key of KEYS) {
    const price = entry[key];
    const { kind, per } = PRICE_KEYS[key];
    if (price != null) prices[kind] = per === 'each' ? formatDollars((parseDollars(price) ?? 0n) * 1_000_000n) : price;
  }
  return prices;
}
