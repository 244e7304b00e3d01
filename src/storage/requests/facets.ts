import type { Database } from '../database/database.ts';
import { storableText } from '../database/sql.ts';
import { EVERYTHING, type FilterField } from '../filter.ts';
import type { CompletionQuery, FacetsAnswer, FacetsQuery } from '../ledger-queries.ts';
import type { RecordColumns } from '../records/record-columns.ts';
import { compileFilter, NEVER, NO_IDS, type RecordFilter } from './compile-filter.ts';
import { type FieldView, typeOf, viewerOf } from './field-view.ts';
import { newestRows } from './newest-rows.ts';
import { ofTexts, type Test } from './row-tests.ts';
import { lowerAscii } from './text-search.ts';

const VALUES = 10;

type FacetValue = string | number | boolean | null;

export async function countFacets(database: Database, query: FacetsQuery): Promise<FacetsAnswer> {
  const viewers = query.fields.map((field) => viewerOf(field));
  const { values, isAll } = await newestRows(database, query, compileFilter(query.filter ?? EVERYTHING), {
    needsPayloads: query.fields.includes('payload'),
    on: (records, payloads) => {
      const readers = viewers.map((viewer) => valueReader(viewer(records, payloads)));
      return (index) => readers.map((read) => read(index));
    },
  });
  const facets = query.fields.map((field, column) => ({
    field,
    values: mostSeen(
      values.map((row) => row[column] ?? null),
      query.limit ?? VALUES,
    ),
  }));
  return { facets, scanned: values.length, exact: isAll };
}

function valueReader(view: FieldView): (index: number) => FacetValue {
  switch (view.kind) {
    case 'texts': {
      const { values, places } = view.column;
      return (index) => values[places[index] ?? 0] ?? null;
    }
    case 'numbers':
      return (index) => (Number.isNaN(view.at(index)) ? null : view.at(index));
    case 'money':
      return (index) => (Number.isNaN(view.at(index)) ? null : String(view.exact(index)));
    default:
      return view.at;
  }
}

function mostSeen<Value>(values: readonly Value[], limit: number): { value: Value; count: number }[] {
  const counts = new Map<Value, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  const sorted = Array.from(counts, ([value, count]) => ({ value, count }));
  return sorted.sort((one, other) => other.count - one.count).slice(0, limit);
}

/** Values that begin with the prefix in whatever case, or the names of tags. */
export async function completeValues(
  database: Database,
  query: CompletionQuery,
): Promise<{ readonly value: string; readonly count: number }[]> {
  const { field, limit = VALUES } = query;
  const values = field === 'tag' ? await tagNames(database, query) : await fieldValues(database, query, field);
  return mostSeen(values, limit);
}

async function fieldValues(database: Database, query: CompletionQuery, field: FilterField): Promise<string[]> {
  const viewer = viewerOf(field);
  if (typeOf(field) !== 'text') return [];
  const prefix = lowerAscii(storableText(query.prefix));
  const begins = (text: string): boolean => lowerAscii(text).startsWith(prefix);
  const filter = filterBy((records) => {
    const view = viewer(records, NO_IDS);
    if (view.kind === 'texts') return ofTexts(view.column, begins);
    return view.kind === 'ids' ? (index) => begins(view.at(index)) : false;
  });
  const { values } = await newestRows(database, query, filter, {
    on: (records) => valueReader(viewer(records, NO_IDS)),
  });
  return values.map(String);
}

async function tagNames(database: Database, query: CompletionQuery): Promise<string[]> {
  const prefix = query.prefix.toLowerCase();
  const filter = filterBy((records) => ofTexts(records.text('tags'), () => true));
  const { values } = await newestRows(database, query, filter, {
    on: (records) => {
      const { values: texts, places } = records.text('tags');
      const names = texts.map((text) => (text === null ? [] : Object.keys(JSON.parse(text) as object)));
      return (index) => names[places[index] ?? 0] ?? [];
    },
  });
  return values.flat().filter((name) => name.toLowerCase().startsWith(prefix));
}

function filterBy(test: (records: RecordColumns) => Test): RecordFilter {
  return {
    needsPayloads: false,
    mayMatch: (records) => test(records) !== false,
    on: (records) => {
      const found = test(records);
      return typeof found === 'function' ? found : found ? () => true : NEVER;
    },
  };
}
