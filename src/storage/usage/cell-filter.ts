import { storableText } from '../database/sql.ts';
import { type Filter, type FilterField, tagOf } from '../filter.ts';
import type { UsageDimension } from '../ledger-queries.ts';
import type { CellBlock } from '../rollups/cell-block.ts';
import type { LabelSpace } from '../rollups/label-space.ts';
import { DimensionValues, dimensionOf, isUsageDimension } from './dimensions.ts';

/** For each cell 1 where it counts. */
export type CellFilter = (block: CellBlock, space: LabelSpace) => Uint8Array;

/** The dimensions that a filter asks for; null where roll-ups do not know what it asks for. */
export function dimensionsOf(filter: Filter): UsageDimension[] | null {
  switch (filter.kind) {
    case 'all':
    case 'any': {
      const parts = filter.filters.map(dimensionsOf);
      return parts.includes(null) ? null : parts.flatMap((part) => part ?? []);
    }
    case 'not':
      return dimensionsOf(filter.filter);
    case 'equals':
    case 'prefix':
    case 'present':
      return dimensionNamed(filter.field);
    default:
      return null;
  }
}

function dimensionNamed(field: FilterField): UsageDimension[] | null {
  return isUsageDimension(field) ? [field] : null;
}

/** Of a filter whose dimensions are known. */
export function compileCellFilter(filter: Filter): CellFilter {
  switch (filter.kind) {
    case 'all':
      return combined(filter.filters.map(compileCellFilter), 1, (one, other) => one & other);
    case 'any':
      return combined(filter.filters.map(compileCellFilter), 0, (one, other) => one | other);
    case 'not': {
      const inner = compileCellFilter(filter.filter);
      return (block, space) => inner(block, space).map((counts) => 1 - counts);
    }
    case 'equals': {
      const values = new Set(filter.values.map((value) => storableText(String(value))));
      return byValue(filter.field, (value) => value !== null && values.has(value));
    }
    case 'prefix':
      return byValue(filter.field, (value) => value?.startsWith(storableText(filter.prefix)) ?? false);
    case 'present':
      return byValue(filter.field, (value) => value !== null);
    default:
      throw new TypeError(`roll-ups cannot be filtered by ${filter.kind}`);
  }
}

function combined(
  filters: readonly CellFilter[],
  initial: 0 | 1,
  combine: (one: number, other: number) => number,
): CellFilter {
  return (block, space) => {
    const counts = new Uint8Array(block.size).fill(initial);
    for (const filter of filters) {
      const found = filter(block, space);
      for (let cell = 0; cell < counts.length; cell++) counts[cell] = combine(counts[cell] ?? 0, found[cell] ?? 0);
    }
    return counts;
  };
}

function byValue(field: FilterField, test: (value: string | null) => boolean): CellFilter {
  const tag = tagOf(field);
  const name: UsageDimension | null = isUsageDimension(field) ? field : tag === null ? null : `tag:${tag}`;
  if (name === null) throw new TypeError(`roll-ups do not know ${field}`);
  const values = new DimensionValues(dimensionOf(name));
  const tested: boolean[] = [];
  return (block, space) => {
    const counts = new Uint8Array(block.size);
    const places = values.places(block, space);
    for (let place = tested.length; place < values.values.length; place++) {
      tested.push(test(values.values[place] ?? null));
    }
    for (let cell = 0; cell < counts.length; cell++) counts[cell] = tested[places[cell] ?? 0] ? 1 : 0;
    return counts;
  };
}
