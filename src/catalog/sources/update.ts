import type { ModelInfo, Prices, PriceVersion } from '../../core/ledger/price-table.ts';
import type { Models } from './models.ts';

/**
 * A catalog with what a newer source says. Prices that have changed hold from `today` on, so that what was used before
 * keeps its price; models that the source leaves out stay.
 */
export function updateModels(known: Models, fresh: Models, today: string): Models {
  const updated: Models = new Map([...known].map(([table, models]) => [table, new Map(models)]));
  for (const [table, models] of fresh) {
    const group = updated.get(table) ?? new Map<string, ModelInfo>();
    updated.set(table, group);
    for (const [name, model] of models) {
      const before = group.get(name);
      group.set(name, before ? updateModel(before, model, today) : model);
    }
  }
  return updated;
}

function updateModel(before: ModelInfo, model: ModelInfo, today: string): ModelInfo {
  const begun = before.versions.filter(({ from }) => from === null || from <= today);
  const active = begun.findLast(({ hours }) => hours === undefined);
  const [usual] = model.versions;
  const isSame = active !== undefined && usual !== undefined && saysNothingNew(usual, active);
  const versions = isSame
    ? before.versions
    : [...begun, ...model.versions.map((version) => ({ ...version, from: today }))];
  return { ...before, ...model, versions };
}

/** Every price that the new version names is what the old one says, class by class. */
function saysNothingNew(version: PriceVersion, active: PriceVersion): boolean {
  const { multipliers: _factors, ...classes } = version.table;
  const { multipliers: _others, ...known } = active.table;
  return Object.entries(classes).every(([name, { prices, above = {} }]) => {
    const old = known[name as keyof typeof known];
    if (!old || !includes(old.prices, prices)) return false;
    const thresholds = Object.keys(old.above ?? {});
    return Object.entries(above).every(([from, tier]) => {
      // Whether a threshold itself is above it is not in every source.
      const exact = thresholds.find((threshold) => threshold === from || Number(threshold) === Number(from) - 1);
      return exact !== undefined && includes(old.above?.[exact] ?? {}, tier);
    });
  });
}

function includes(known: Prices, prices: Prices): boolean {
  return (Object.keys(prices) as Array<keyof Prices>).every((kind) => known[kind] === prices[kind]);
}
