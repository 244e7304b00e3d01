import { OUTCOMES } from '../../core/ledger/outcome.ts';
import { storableText } from '../database/sql.ts';
import type { UsageDimension } from '../ledger-queries.ts';
import { CELL_KEYS, type CellBlock, type CellKey } from '../rollups/cell-block.ts';
import type { LabelSpace } from '../rollups/label-space.ts';
import { OTHER, type RouteNames, readRoute, readTags } from '../rollups/labels.ts';

/** How a dimension of usage is read from the labels of cells. */
export interface Dimension {
  readonly name: UsageDimension;
  readonly key: CellKey;
  /** From the value of a label; null is none. */
  read(label: string): string | null;
}

const ROUTE_NAMES: ReadonlySet<string> = new Set([
  'surface',
  'endpoint',
  'provider',
  'model',
] satisfies (keyof RouteNames)[]);
const CALLER_NAMES: ReadonlySet<string> = new Set(['key', 'user', 'team']);

export function dimensionOf(name: UsageDimension): Dimension {
  if (name.startsWith('tag:')) {
    const tag = storableText(name.slice('tag:'.length));
    return { name, key: 'tags', read: (label) => readTag(label, tag) };
  }
  if (ROUTE_NAMES.has(name)) return { name, key: 'route', read: (label) => readRoute(label)[name as keyof RouteNames] };
  if (CALLER_NAMES.has(name)) return { name, key: name as 'key' | 'user' | 'team', read: (label) => label };
  return { name: 'outcome', key: 'outcome', read: (label) => label };
}

export function isUsageDimension(name: string): name is UsageDimension {
  const known = ROUTE_NAMES.has(name) || CALLER_NAMES.has(name) || name === 'outcome';
  return known || (name.startsWith('tag:') && name.length > 'tag:'.length);
}

function readTag(label: string, tag: string): string | null {
  const tags = readTags(label);
  if (tags === OTHER) return OTHER;
  return Object.hasOwn(tags, tag) ? (tags[tag] ?? null) : null;
}

const UNSEEN = -1;

/** The values of one dimension, counted from 0 in the order in which they were seen, over several spaces of labels. */
export class DimensionValues {
  readonly dimension: Dimension;
  readonly values: (string | null)[] = [];
  readonly #places = new Map<string | null, number>();
  readonly #tables = new Map<LabelSpace, Int32Array>();
  readonly #column: number;

  constructor(dimension: Dimension) {
    this.dimension = dimension;
    this.#column = CELL_KEYS.indexOf(dimension.key);
  }

  /** For each cell of the block the place of its value. */
  places(block: CellBlock, space: LabelSpace): Int32Array {
    const column = block.keys[this.#column];
    const places = new Int32Array(block.size);
    const table = this.#table(space);
    for (let cell = 0; cell < block.size; cell++) {
      const label = column ? (column[cell] ?? 0) : 0;
      const known = table[label];
      places[cell] = known === undefined || known === UNSEEN ? this.#resolve(label, space, table) : known;
    }
    return places;
  }

  #table(space: LabelSpace): Int32Array {
    const known = this.#tables.get(space);
    const size = Math.max(space.size, OUTCOMES.length) + 1;
    if (known && known.length >= size) return known;
    const table = new Int32Array(size).fill(UNSEEN);
    this.#tables.set(space, table);
    return table;
  }

  #resolve(label: number, space: LabelSpace, table: Int32Array): number {
    const stored = this.dimension.key === 'outcome' ? (OUTCOMES[label] ?? null) : space.value(label);
    const place = this.#placeOf(stored === null ? null : this.dimension.read(stored));
    table[label] = place;
    return place;
  }

  #placeOf(value: string | null): number {
    const known = this.#places.get(value);
    if (known !== undefined) return known;
    const place = this.values.push(value) - 1;
    this.#places.set(value, place);
    return place;
  }
}
