import type { Database, Queryable } from '../database/database.ts';
import { joined, type Sql, sql } from '../database/sql.ts';
import type { RecordColumns } from '../records/record-columns.ts';
import { type LabelKind, loadLabels, NO_LABEL, OTHER, readTags, routeValue } from './labels.ts';
import { labelsOf, type RecordLabels, routeOfShape } from './record-labels.ts';

/**
 * How many values are told apart in roll-ups; the rows keep all. Names come from clients, and one that sends a new one with
 * each request must not make the roll-ups as large as the rows.
 */
const MOST: Readonly<Record<LabelKind, number>> = {
  route: 20_000,
  key: 20_000,
  user: 50_000,
  team: 20_000,
  tags: 20_000,
};
const MOST_VALUES_OF_A_TAG = 1_000;

/** Texts of tags that were seen lately, with their label. */
const MOST_SEEN = 20_000;

const INSERTED_AT_ONCE = 500;

interface Wanted {
  readonly kind: LabelKind;
  readonly value: string;
}

/** Kinds whose labels are the texts themselves. */
const NAMED = ['key', 'user', 'team'] as const;

/** Gives names their numbers, and adds those that the database does not have. */
export class LabelWriter {
  readonly #ids = new Map<LabelKind, Map<string, number>>();
  readonly #seenTags = new Map<string, number>();
  readonly #tagValues = new Map<string, Set<string>>();
  #loaded = false;

  /**
   * The labels of these requests; names that are new are added. Not within the transaction that writes the requests: others
   * wait for names.
   */
  async labels(database: Database, records: RecordColumns): Promise<RecordLabels> {
    if (!this.#loaded) await this.#load(database);
    const wanted = new Map<string, Wanted>();
    for (const kind of NAMED) {
      for (const text of records.text(kind).values) if (text !== null) this.#want(kind, text, wanted);
    }
    for (const text of records.text('shape').values) if (text !== null) this.#want('route', routeOfShape(text), wanted);
    for (const text of records.text('tags').values) {
      if (text !== null && !this.#seenTags.has(text)) this.#want('tags', this.#boundTags(text), wanted);
    }
    if (wanted.size > 0) await this.#add(database, [...wanted.values()]);
    return labelsOf(records, (kind, text) => (kind === 'tags' ? this.#tagsOf(text) : this.#idOf(kind, text)));
  }

  #want(kind: LabelKind, value: string, wanted: Map<string, Wanted>): void {
    if (this.#of(kind).has(value)) return;
    const full = this.#of(kind).size >= MOST[kind];
    const name = full ? otherOf(kind) : value;
    if (!this.#of(kind).has(name)) wanted.set(`${kind} ${name}`, { kind, value: name });
  }

  #idOf(kind: LabelKind, text: string): number {
    const ids = this.#of(kind);
    return ids.get(text) ?? ids.get(otherOf(kind)) ?? NO_LABEL;
  }

  #tagsOf(text: string): number {
    const seen = this.#seenTags.get(text);
    if (seen !== undefined) return seen;
    const id = this.#idOf('tags', this.#boundTags(text));
    if (this.#seenTags.size >= MOST_SEEN) this.#seenTags.clear();
    this.#seenTags.set(text, id);
    return id;
  }

  /** The same tags, where a tag with too many values has one that stands for all further ones. */
  #boundTags(text: string): string {
    const tags = readTags(text);
    if (tags === OTHER) return text;
    const bound = Object.entries(tags).map(([name, value]) => {
      const values = this.#tagValues.get(name);
      const known = values === undefined || values.has(value) || values.size < MOST_VALUES_OF_A_TAG;
      return [name, known ? value : OTHER];
    });
    return JSON.stringify(Object.fromEntries(bound));
  }

  async #load(database: Queryable): Promise<void> {
    for (const { kind, value, id } of await loadLabels(database)) this.#remember(kind, value, id);
    this.#loaded = true;
  }

  async #add(database: Database, wanted: readonly Wanted[]): Promise<void> {
    // In one order on every node, so that no two wait for each other.
    const sorted = wanted.toSorted((one, other) => compare(one.kind, other.kind) || compare(one.value, other.value));
    for (let start = 0; start < sorted.length; start += INSERTED_AT_ONCE) {
      const some = sorted.slice(start, start + INSERTED_AT_ONCE);
      const rows = await database.transaction(async (transaction) => {
        const values = some.map(({ kind, value }) => sql`(${kind}, ${value})`);
        await transaction.run(
          sql`INSERT INTO labels (kind, value) VALUES ${joined(values, ', ')} ON CONFLICT DO NOTHING`,
        );
        return transaction.values(sql`SELECT id, kind, value FROM labels WHERE ${anyOf(some)}`);
      });
      for (const [id, kind, value] of rows) this.#remember(kind as LabelKind, String(value), Number(id));
    }
  }

  #remember(kind: LabelKind, value: string, id: number): void {
    this.#of(kind).set(value, id);
    if (kind === 'tags') this.#rememberTags(value);
  }

  #rememberTags(text: string): void {
    const tags = readTags(text);
    if (tags === OTHER) return;
    for (const [name, value] of Object.entries(tags)) {
      const values = this.#tagValues.get(name) ?? new Set();
      this.#tagValues.set(name, values.add(value));
    }
  }

  #of(kind: LabelKind): Map<string, number> {
    const known = this.#ids.get(kind);
    if (known) return known;
    const ids = new Map<string, number>();
    this.#ids.set(kind, ids);
    return ids;
  }
}

function anyOf(wanted: readonly Wanted[]): Sql {
  const byKind = Map.groupBy(wanted, ({ kind }) => kind);
  const conditions = Array.from(byKind, ([kind, some]) => {
    const values = some.map(({ value }) => sql`${value}`);
    return sql`(kind = ${kind} AND value IN (${joined(values, ', ')}))`;
  });
  return joined(conditions, ' OR ');
}

const OTHER_ROUTE = routeValue([OTHER, OTHER, OTHER, OTHER]);

/** What stands for all further values, in the form of the kind. */
function otherOf(kind: LabelKind): string {
  if (kind === 'tags') return JSON.stringify(OTHER);
  return kind === 'route' ? OTHER_ROUTE : OTHER;
}

function compare(one: string, other: string): number {
  return one < other ? -1 : Number(one > other);
}
