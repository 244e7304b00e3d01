import type { PriceOverride } from '../config/price-types.ts';
import type { PriceClass, PriceHours, PriceTable } from '../core/ledger/price-table.ts';
import type { Catalog } from './catalog.ts';
import { matchingOverrides, type PricedModel } from './overrides.ts';
import { compileTariff, FREE_TARIFF, multiply, type Tariff } from './tariff.ts';
import { priceClassOf, type Vendor, vendorOf } from './vendors.ts';

/** A tariff from some time on. */
export interface DatedTariff {
  /** Milliseconds since 1970; -Infinity for ever before. */
  readonly from: number;
  readonly hours: readonly PriceHours[] | null;
  /** It holds at any time. */
  readonly always: boolean;
  /** Null where there are prices, but none of the class of service. */
  readonly tariff: Tariff | null;
  /** The class or the modifier that has no price. */
  readonly missing: string | null;
  readonly source: string;
}

/** What changes prices at some models only; elsewhere the usual ones hold. All other modifiers need a price. */
const HARMLESS = new Set(['us']);

/** Every tariff of a model and class; the last one that holds at a time counts. Empty for a model without prices. */
export function resolveTariffs(
  catalog: Catalog,
  overrides: readonly PriceOverride[],
  model: PricedModel,
  serviceTier: string | null,
  modifiers: readonly string[],
): readonly DatedTariff[] {
  const names = [model.servedModel, model.model].filter((name) => name !== null);
  const { vendor } = vendorOf(model.provider, model.model ?? '');
  const entry = catalog.find(
    vendor.tables,
    names.map((name) => vendorOf(model.provider, name).model),
  );
  const ask: Asked = { vendor, name: priceClassOf(serviceTier), serviceTier: serviceTier ?? '', modifiers };
  const { kind, date } = catalog.origin;
  const listed = (entry?.model.versions ?? []).map((version) => ({
    from: version.from === null ? -Infinity : Date.parse(version.from),
    hours: version.hours ?? null,
    table: version.table,
  }));
  const found = listed.map((version) => dated(version, ask, `${kind} catalog of ${date}`));
  for (const override of matchingOverrides(overrides, model)) {
    const from = override.validFrom ?? -Infinity;
    if (override.prices.kind === 'free') {
      found.push({ ...always(from), tariff: FREE_TARIFF, missing: null, source: CONFIGURATION });
    } else if (override.prices.kind === 'table') {
      found.push(dated({ from, hours: null, table: override.prices.table }, ask, CONFIGURATION));
    } else {
      const { factor } = override.prices;
      for (const version of listed) {
        const table = multiplied(version.table, factor);
        found.push(dated({ ...version, from: Math.max(from, version.from), table }, ask, CONFIGURATION));
      }
    }
  }
  return found;
}

const CONFIGURATION = 'configuration';

interface Asked {
  readonly vendor: Vendor;
  /** Null for a class that nobody publishes prices of. */
  readonly name: PriceClass | null;
  readonly serviceTier: string;
  readonly modifiers: readonly string[];
}

interface Version {
  readonly from: number;
  readonly hours: readonly PriceHours[] | null;
  readonly table: PriceTable;
}

function dated({ from, hours, table }: Version, ask: Asked, source: string): DatedTariff {
  const unknown = ask.modifiers.find((word) => !HARMLESS.has(word) && table.multipliers?.[word] === undefined);
  const tariff = ask.name === null || unknown ? null : compileTariff(table, ask.name, ask.vendor, ask.modifiers);
  const missing = tariff ? null : (unknown ?? ask.name ?? ask.serviceTier.toLowerCase());
  return { from, hours, always: from === -Infinity && hours === null, tariff, missing, source };
}

function always(from: number): Pick<DatedTariff, 'from' | 'hours' | 'always'> {
  return { from, hours: null, always: from === -Infinity };
}

function multiplied({ multipliers, ...classes }: PriceTable, factor: string): PriceTable {
  const scale = (prices: Readonly<Record<string, string>>) =>
    Object.fromEntries(Object.entries(prices).map(([kind, price]) => [kind, multiply(price, factor)]));
  const scaled = Object.entries(classes).map(([name, { prices, above = {} }]) => [
    name,
    {
      prices: scale(prices),
      above: Object.fromEntries(Object.entries(above).map(([from, tier]) => [from, scale(tier)])),
    },
  ]);
  return { ...Object.fromEntries(scaled), ...(multipliers && { multipliers }) };
}

const MINUTE = 60_000;

/** The tariff at a time, in milliseconds since 1970. */
export function tariffAt(tariffs: readonly DatedTariff[], time: number): DatedTariff | undefined {
  return tariffs.findLast(({ from, hours }) => from <= time && (hours === null || isWithin(hours, time)));
}

function isWithin(hours: readonly PriceHours[], time: number): boolean {
  const minute = Math.floor(time / MINUTE) % 1440;
  const day = new Date(time).getUTCDay() || 7;
  return hours.some(
    ({ minutes, days }) =>
      (days?.includes(day) ?? true) && minutes.some(([start, end]) => minute >= start && minute < end),
  );
}
