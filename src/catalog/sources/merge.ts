import {
  type ModelInfo,
  PRICE_CLASSES,
  type Prices,
  type PriceTable,
  type PriceVersion,
} from '../../core/ledger/price-table.ts';
import { modelNames } from '../model-names.ts';
import type { Models } from './models.ts';

/** Two sources that say different prices of a model for the same time. */
export interface Disagreement {
  readonly model: string;
  readonly chosen: Prices;
  readonly other: Prices;
}

/**
 * What both sources know. Prices are the first one's; the second adds kinds that the first has no price for, earlier and
 * later prices, and models that the first does not have. Disagreements are told.
 */
export function mergeModels(
  first: Models,
  second: Models,
  today: string,
  disagree: (found: Disagreement) => void,
): Models {
  const merged: Models = new Map([...first].map(([table, models]) => [table, new Map(models)]));
  for (const [table, others] of second) {
    const models = merged.get(table) ?? new Map<string, ModelInfo>();
    merged.set(table, models);
    for (const [name, other] of others) {
      const model = models.get(name);
      models.set(name, model ? mergeModel(`${table}/${name}`, model, other, today, disagree) : other);
    }
  }
  return merged;
}

/** The vendor has changed prices of models that keep their names. */
const REPRICED = new Set(['gemini', 'vertex_ai']);

/** Models that the first does not have, and kinds of prices of those whose prices have always been the same. */
export function addRetired(first: Models, earlier: Models): Models {
  const usable = [...earlier].map(([table, models]) => {
    const known = first.get(table);
    const isUsable = (name: string) => {
      const model = known?.get(name);
      if (model) return model.versions.length === 1;
      // An early price of a dated version would hide what its plain name costs since.
      return !REPRICED.has(table) || !modelNames(name).some((other) => known?.has(other));
    };
    return [table, new Map([...models].filter(([name]) => isUsable(name)))] as const;
  });
  return mergeModels(first, new Map(usable), '', () => {});
}

/**
 * Prices of long prompts, for models whose vendor has since stopped to take such prompts: what was billed then is not to
 * become cheaper.
 */
export function addTiers(models: Models, earlier: Models): Models {
  return new Map(
    [...models].map(([table, group]) => [
      table,
      new Map([...group].map(([name, model]) => [name, withTiers(model, earlier.get(table)?.get(name))])),
    ]),
  );
}

function withTiers(model: ModelInfo, earlier: ModelInfo | undefined): ModelInfo {
  const [version, ...others] = model.versions;
  const standard = version?.table.standard;
  const past = earlier?.versions[0]?.table.standard;
  if (!standard || standard.above || !past?.above || !agree(standard.prices, past.prices)) return model;
  const table = { ...version.table, standard: { ...standard, above: past.above } };
  return { ...model, versions: [{ ...version, table }, ...others] };
}

function mergeModel(
  label: string,
  model: ModelInfo,
  other: ModelInfo,
  today: string,
  disagree: (found: Disagreement) => void,
): ModelInfo {
  const [current, ...rest] = model.versions;
  const theirs = other.versions.filter(({ hours }) => hours === undefined);
  const index = theirs.findLastIndex(({ from }) => from === null || from <= today);
  const active = theirs[index];
  if (!current || !active) return model;
  const ours = current.table.standard?.prices ?? {};
  const prices = active.table.standard?.prices ?? {};
  if (!agree(ours, prices)) {
    disagree({ model: label, chosen: ours, other: prices });
    return model;
  }
  const filled: PriceVersion = {
    from: active.from,
    table: filledTable(current.table, active.table),
  };
  return {
    ...model,
    versions: [
      ...theirs.slice(0, index),
      filled,
      ...rest.map((version) => ({ ...version, from: active.from })),
      ...theirs.slice(index + 1),
    ],
    ...(model.context === undefined && other.context !== undefined && { context: other.context }),
  };
}

/** The first one's prices, with the kinds that only the second has. */
function filledTable(table: PriceTable, other: PriceTable): PriceTable {
  const thresholds = Object.keys(other.standard?.above ?? {});
  const classes = PRICE_CLASSES.flatMap((name) => {
    const ours = table[name];
    if (!ours) return [];
    const prices = name === 'standard' ? { ...other.standard?.prices, ...ours.prices } : ours.prices;
    const above = Object.entries(ours.above ?? {}).map(([from, tier]) => {
      // The second source tells apart what the first rounds to thousands: whether the threshold itself is above it.
      const exact = thresholds.find((threshold) => Number(threshold) === Number(from) - 1);
      return [exact ?? from, tier];
    });
    return [[name, { prices, ...(above.length > 0 && { above: Object.fromEntries(above) }) }]];
  });
  return { ...table, ...Object.fromEntries(classes) };
}

/** What both name is the same. */
function agree(one: Prices, other: Prices): boolean {
  return (['input', 'output', 'cacheRead', 'cacheWrite'] as const).every(
    (kind) => one[kind] === undefined || other[kind] === undefined || one[kind] === other[kind],
  );
}
