import { PRICE_CLASSES, type PriceTable, type PriceVersion } from '../core/ledger/price-table.ts';
import type { Catalog, CatalogEntry } from './catalog.ts';

/** One price of a model, flat. */
export interface FlatPrice {
  /** The class of service. */
  readonly tier: string;
  /** Prompt tokens that a request must exceed; null for the usual price. */
  readonly above: number | null;
  readonly kind: string;
  readonly perMillion: string;
}

export interface PriceChange {
  readonly table: string;
  readonly model: string;
  readonly price: Omit<FlatPrice, 'perMillion'> | null;
  /** US dollars a million; null where there was none, or is none any more. */
  readonly before: string | null;
  readonly after: string | null;
}

/** The prices of a model that hold at a time, in milliseconds since 1970. Those of special hours are left out. */
export function pricesAt(versions: readonly PriceVersion[], time: number): readonly FlatPrice[] {
  const version = versions.findLast(
    ({ from, hours }) => hours === undefined && (from === null || Date.parse(from) <= time),
  );
  return version ? flatPrices(version.table) : [];
}

export function flatPrices(table: PriceTable): FlatPrice[] {
  return PRICE_CLASSES.flatMap((tier) => {
    const { prices = {}, above = {} } = table[tier] ?? {};
    const usual = Object.entries(prices).map(([kind, perMillion]) => ({ tier, above: null, kind, perMillion }));
    const long = Object.entries(above).flatMap(([from, of]) =>
      Object.entries(of).map(([kind, perMillion]) => ({ tier, above: Number(from), kind, perMillion })),
    );
    return [...usual, ...long];
  });
}

/** What another catalog changes, at a time. */
export function* compareCatalogs(before: Catalog, after: Catalog, time: number): Generator<PriceChange> {
  const old = new Map([...before.entries()].map((entry) => [labelOf(entry), entry]));
  for (const entry of after.entries()) {
    const known = old.get(labelOf(entry));
    old.delete(labelOf(entry));
    yield* compareEntries(entry, known, time);
  }
  for (const { table, name } of old.values()) yield { table, model: name, price: null, before: 'listed', after: null };
}

function* compareEntries(entry: CatalogEntry, known: CatalogEntry | undefined, time: number): Generator<PriceChange> {
  const { table, name } = entry;
  if (!known) {
    yield { table, model: name, price: null, before: null, after: 'listed' };
    return;
  }
  const prices = new Map(pricesAt(known.model.versions, time).map((price) => [keyOf(price), price]));
  for (const price of pricesAt(entry.model.versions, time)) {
    const other = prices.get(keyOf(price));
    prices.delete(keyOf(price));
    if (other?.perMillion === price.perMillion) continue;
    yield { table, model: name, price, before: other?.perMillion ?? null, after: price.perMillion };
  }
  for (const price of prices.values()) {
    yield { table, model: name, price, before: price.perMillion, after: null };
  }
}

const labelOf = ({ table, name }: CatalogEntry): string => `${table}/${name}`;
const keyOf = ({ tier, above, kind }: FlatPrice): string => `${tier} ${above} ${kind}`;
