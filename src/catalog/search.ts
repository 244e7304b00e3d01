import {
  PRICE_CLASSES,
  PRICE_KINDS,
  type Prices,
  type PriceTable,
  type PriceVersion,
} from '../core/ledger/price-table.ts';
import type { Catalog, CatalogEntry } from './catalog.ts';

/** Which models are asked for. */
export interface CatalogSearch {
  /** Part of the name of a model or provider; case does not matter. */
  readonly text: string;
  readonly provider: string | null;
  readonly capability: string | null;
  /** Tokens. */
  readonly leastContext: number | null;
  readonly offset: number;
  readonly limit: number;
  /** Milliseconds since 1970: prices are those of then. */
  readonly time: number;
}

/** One price. Prices are US dollars for a million, exact decimals. */
export interface ListedPrice {
  readonly kind: string;
  readonly perMillion: string;
  /** The class of service: `standard`, `batch`, … */
  readonly priceClass: string;
  /** Requests whose prompt is longer than this have it; null for all. */
  readonly above: number | null;
}

export interface ListedModel {
  /** The table of the catalog, which is the vendor's name. */
  readonly provider: string;
  readonly model: string;
  readonly mode: string | null;
  /** Tokens. */
  readonly context: number | null;
  readonly maxOutput: number | null;
  readonly capabilities: readonly string[];
  /** The day on which the vendor retires it. */
  readonly retired: string | null;
  /** The day from which these prices hold; null for ever before. */
  readonly pricesFrom: string | null;
  readonly prices: readonly ListedPrice[];
}

export interface CatalogAnswer {
  readonly source: { readonly kind: 'bundled' | 'refreshed'; readonly date: string };
  /** How many models match, beyond those that are told. */
  readonly total: number;
  readonly models: readonly ListedModel[];
}

/** What can be asked of the catalog. */
export interface CatalogQueries {
  models(search: CatalogSearch): Promise<CatalogAnswer>;
}

export function searchCatalog(catalog: Catalog, search: CatalogSearch): CatalogAnswer {
  const found = [...catalog.entries()].filter((entry) => matches(entry, search));
  return {
    source: { kind: catalog.origin.kind, date: catalog.origin.date },
    total: found.length,
    models: found.slice(search.offset, search.offset + search.limit).map((entry) => listed(entry, search.time)),
  };
}

function matches({ table, name, model }: CatalogEntry, search: CatalogSearch): boolean {
  const { provider, capability, leastContext } = search;
  const text = search.text.toLowerCase();
  if (provider !== null && table !== provider) return false;
  if (capability !== null && !model.capabilities.some((one) => one === capability)) return false;
  if (leastContext !== null && (model.context ?? 0) < leastContext) return false;
  return text === '' || name.toLowerCase().includes(text) || table.toLowerCase().includes(text);
}

function listed({ table, name, model }: CatalogEntry, time: number): ListedModel {
  const version = versionAt(model.versions, time);
  return {
    provider: table,
    model: name,
    mode: model.mode ?? null,
    context: model.context ?? null,
    maxOutput: model.maxOutput ?? null,
    capabilities: model.capabilities,
    retired: model.retired ?? null,
    pricesFrom: version?.from ?? null,
    prices: version ? pricesOf(version.table) : [],
  };
}

/** The last that has begun and holds at all hours: what is asked at certain hours only is not the list price. */
function versionAt(versions: readonly PriceVersion[], time: number): PriceVersion | null {
  const begun = versions.filter(({ from }) => from === null || Date.parse(from) <= time);
  return begun.findLast(({ hours }) => hours === undefined) ?? begun.at(-1) ?? null;
}

function pricesOf(table: PriceTable): ListedPrice[] {
  return PRICE_CLASSES.flatMap((priceClass) => {
    const { prices = {}, above = {} } = table[priceClass] ?? {};
    const tiers = Object.entries(above).flatMap(([length, tier]) => listOf(tier, priceClass, Number(length)));
    return [...listOf(prices, priceClass, null), ...tiers];
  });
}

function listOf(prices: Prices, priceClass: string, above: number | null): ListedPrice[] {
  return PRICE_KINDS.flatMap((kind) => {
    const perMillion = prices[kind];
    return perMillion === undefined ? [] : [{ kind, perMillion, priceClass, above }];
  });
}
