import {
  CAPABILITIES,
  type ModelInfo,
  PRICE_CLASSES,
  PRICE_KINDS,
  type PriceClass,
  type PriceHours,
  type PriceSource,
  type Prices,
  type PriceTable,
} from '../core/ledger/price-table.ts';
import type { Models } from './sources/models.ts';

/**
 * A catalog as it is kept: each price table once, and models that point to them. Prices are written as
 * `input=2.5 output=10`. Keys of models are short because there are thousands: `p` prices (a table, or versions of from,
 * table and hours), `c` context, `o` longest answer, `m` mode, `k` capabilities as bits, `d` the day of retirement.
 */
export interface CatalogFile {
  readonly format: 1;
  /** The day on which the sources were read. */
  readonly date: string;
  readonly sources: readonly PriceSource[];
  readonly tables: readonly CatalogTable[];
  readonly models: Readonly<Record<string, Readonly<Record<string, CatalogModel>>>>;
}

/** By class its prices, or those and the ones above prompt lengths. */
type CatalogTable = Readonly<Partial<Record<PriceClass, CatalogPrices>>> & {
  readonly multipliers?: Readonly<Record<string, string>>;
};
type CatalogPrices = string | readonly [prices: string, above: Readonly<Record<string, string>>];

export interface CatalogModel {
  readonly p: number | ReadonlyArray<readonly [from: string | null, table: number, hours?: readonly PriceHours[]]>;
  readonly c?: number;
  readonly o?: number;
  readonly m?: string;
  readonly k?: number;
  readonly d?: string;
}

export function writeCatalog(date: string, sources: readonly PriceSource[], models: Models): CatalogFile {
  const tables: CatalogTable[] = [];
  const indexes = new Map<string, number>();
  const indexOf = (prices: PriceTable): number => {
    const table = writeTable(prices);
    const text = JSON.stringify(table);
    const index = indexes.get(text) ?? tables.push(table) - 1;
    indexes.set(text, index);
    return index;
  };
  const groups = [...models].sort(([one], [other]) => (one < other ? -1 : 1));
  return {
    format: 1,
    date,
    sources,
    tables,
    models: Object.fromEntries(
      groups.map(([table, group]) => [
        table,
        Object.fromEntries(
          [...group]
            .sort(([one], [other]) => (one < other ? -1 : 1))
            .map(([name, info]) => [name, writeModel(info, indexOf)]),
        ),
      ]),
    ),
  };
}

/** The models of a catalog that was kept. */
export function readCatalog(file: CatalogFile): Models {
  return new Map(
    Object.entries(file.models).map(([table, models]) => [
      table,
      new Map(Object.entries(models).map(([name, model]) => [name, readModel(file, model)])),
    ]),
  );
}

function writeTable({ multipliers, ...classes }: PriceTable): CatalogTable {
  const written = PRICE_CLASSES.flatMap((name) => {
    const { prices, above } = classes[name] ?? {};
    if (!prices) return [];
    const tiers = Object.entries(above ?? {}).map(([from, tier]) => [from, writePrices(tier)]);
    return [[name, tiers.length > 0 ? [writePrices(prices), Object.fromEntries(tiers)] : writePrices(prices)]];
  });
  return { ...Object.fromEntries(written), ...(multipliers && { multipliers }) };
}

function writePrices(prices: Prices): string {
  return PRICE_KINDS.flatMap((kind) => (prices[kind] === undefined ? [] : `${kind}=${prices[kind]}`)).join(' ');
}

function readTable({ multipliers, ...classes }: CatalogTable): PriceTable {
  const read = PRICE_CLASSES.flatMap((name) => {
    const written = classes[name];
    if (written === undefined) return [];
    if (typeof written === 'string') return [[name, { prices: readPrices(written) }]];
    const above = Object.entries(written[1]).map(([from, tier]) => [from, readPrices(tier)]);
    return [[name, { prices: readPrices(written[0]), above: Object.fromEntries(above) }]];
  });
  return { ...Object.fromEntries(read), ...(multipliers && { multipliers }) };
}

export function readPrices(text: string): Prices {
  return text === '' ? {} : Object.fromEntries(text.split(' ').map((pair) => pair.split('=')));
}

function writeModel(info: ModelInfo, indexOf: (table: PriceTable) => number): CatalogModel {
  const [only, ...others] = info.versions;
  const isPlain = only !== undefined && others.length === 0 && only.from === null && only.hours === undefined;
  const bits = info.capabilities.reduce((sum, capability) => sum | (1 << CAPABILITIES.indexOf(capability)), 0);
  return {
    p: isPlain
      ? indexOf(only.table)
      : info.versions.map(({ from, table, hours }) => {
          const index = indexOf(table);
          return hours ? ([from, index, hours] as const) : ([from, index] as const);
        }),
    ...(info.context !== undefined && { c: info.context }),
    ...(info.maxOutput !== undefined && { o: info.maxOutput }),
    ...(info.mode !== undefined && info.mode !== 'chat' && { m: info.mode }),
    ...(bits > 0 && { k: bits }),
    ...(info.retired !== undefined && { d: info.retired }),
  };
}

export function readModel(file: CatalogFile, model: CatalogModel): ModelInfo {
  const versions = typeof model.p === 'number' ? ([[null, model.p]] as const) : model.p;
  return {
    versions: versions.map(([from, index, hours]) => ({
      from,
      table: readTable(file.tables[index] ?? {}),
      ...(hours && { hours }),
    })),
    ...(model.c !== undefined && { context: model.c }),
    ...(model.o !== undefined && { maxOutput: model.o }),
    mode: model.m ?? 'chat',
    capabilities: CAPABILITIES.filter((_, bit) => ((model.k ?? 0) & (1 << bit)) !== 0),
    ...(model.d !== undefined && { retired: model.d }),
  };
}
