import type { UsageQuery } from '../ledger-queries.ts';
import { PlaceTable } from '../rollups/place-table.ts';
import { orderTotals } from './aggregate.ts';
import { type Dimension, DimensionValues } from './dimensions.ts';
import type { UsageSource } from './usage-sources.ts';

/** A block, and for each of its cells the place of its group; -1 where it does not count. */
export interface GroupedSource extends UsageSource {
  readonly groups: Int32Array;
}

/** The groups of an answer, counted from 0 as they are seen, and what puts them in order. */
export class Groups {
  readonly #dimensions: readonly DimensionValues[];
  /** For each group its values as one number: the place of each value, times the number of values before. */
  #keys = new PlaceTable(1);
  readonly #totals: number[] = [];

  constructor(dimensions: readonly Dimension[]) {
    this.#dimensions = dimensions.map((dimension) => new DimensionValues(dimension));
  }

  /** All at once: how many values a dimension has shows only then. */
  assign(sources: readonly UsageSource[]): GroupedSource[] {
    const places = sources.map(({ block, labels }) =>
      this.#dimensions.map((dimension) => dimension.places(block, labels)),
    );
    const possible = this.#dimensions.reduce((product, { values }) => product * values.length, 1);
    const cells = sources.reduce((sum, { block }) => sum + block.size, 0);
    this.#keys = new PlaceTable(Math.min(possible, cells));
    return sources.map((source, index) => ({ ...source, groups: this.#combine(source, places[index] ?? []) }));
  }

  #combine({ block }: UsageSource, places: readonly Int32Array[]): Int32Array {
    const groups = new Int32Array(block.size);
    const keys = this.#keys;
    const sizes = this.#dimensions.map(({ values }) => values.length);
    for (let cell = 0; cell < groups.length; cell++) {
      let key = 0;
      for (let index = 0; index < places.length; index++) {
        key = key * (sizes[index] ?? 1) + (places[index]?.[cell] ?? 0);
      }
      groups[cell] = keys.place(key);
    }
    return groups;
  }

  count(sources: readonly GroupedSource[], order: NonNullable<UsageQuery['order']>): void {
    for (const { block, groups } of sources) {
      // Who adds nothing to the order, such as a group without a cost, is a group nevertheless.
      if (order !== 'requests') for (const group of groups) if (group >= 0) this.#totals[group] ??= 0;
      orderTotals(order, this.#totals, block, groups);
    }
  }

  /** The first groups in order have a slot each; all others share the last. */
  rank(limit: number): Ranks {
    return new Ranks(this.#totals, limit, (group) => this.#describe(group));
  }

  #describe(group: number): Record<string, string | null> {
    let rest = this.#keys.key(group);
    const described: [string, string | null][] = [];
    for (const { dimension, values } of this.#dimensions.toReversed()) {
      described.unshift([dimension.name, values[rest % values.length] ?? null]);
      rest = Math.floor(rest / values.length);
    }
    return Object.fromEntries(described);
  }
}

export class Ranks {
  readonly slots: number;
  readonly #slots: Int32Array;
  readonly #groups: readonly number[];
  readonly #describe: (group: number) => Record<string, string | null>;

  constructor(totals: readonly number[], limit: number, describe: (group: number) => Record<string, string | null>) {
    this.#groups = largest(totals, limit);
    const counted = totals.reduce((count, total) => count + (total === undefined ? 0 : 1), 0);
    this.slots = Math.max(1, this.#groups.length + (counted > limit ? 1 : 0));
    this.#slots = new Int32Array(totals.length).fill(this.slots - 1);
    for (const [slot, group] of this.#groups.entries()) this.#slots[group] = slot;
    this.#describe = describe;
  }

  /** For each cell its slot behind `first`; -1 where it does not count. */
  slotsOf(groups: Int32Array, first: number): Int32Array {
    const slots = new Int32Array(groups.length);
    for (let cell = 0; cell < groups.length; cell++) {
      const group = groups[cell] ?? -1;
      slots[cell] = group < 0 ? -1 : first + (this.#slots[group] ?? 0);
    }
    return slots;
  }

  describe(slot: number): { readonly group: Record<string, string | null>; readonly other: boolean } {
    const group = this.#groups[slot];
    if (group !== undefined) return { group: this.#describe(group), other: false };
    return { group: {}, other: this.#groups.length > 0 };
  }
}

/** The groups with the largest totals, in that order. Most groups are no match for those found already. */
function largest(totals: readonly (number | undefined)[], limit: number): number[] {
  const found: { readonly total: number; readonly group: number }[] = [];
  const trim = (): void => {
    found.sort((one, other) => other.total - one.total || one.group - other.group);
    found.length = Math.min(found.length, limit);
  };
  let least = Number.NEGATIVE_INFINITY;
  for (const [group, total] of totals.entries()) {
    if (total === undefined || total <= least) continue;
    found.push({ total, group });
    if (found.length < limit * 2 + 64) continue;
    trim();
    least = found.at(-1)?.total ?? least;
  }
  trim();
  return found.map(({ group }) => group);
}
