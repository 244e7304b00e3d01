import type { Database } from '../database/database.ts';
import { EVERYTHING, type Filter } from '../filter.ts';
import type { RequestsPage, RequestsQuery, TimeRange } from '../ledger-queries.ts';
import { wholeRange } from '../records/id-range.ts';
import { selectRecords } from '../records/record-table.ts';
import { compileFilter, type RecordFilter } from './compile-filter.ts';
import { type Cursor, readCursor, writeCursor } from './cursor.ts';
import { KeptTextSearch } from './kept-text-search.ts';
import { hasKeptTexts, type KeptRecords, keepRecords, summariesOf } from './kept-texts.ts';
import { type Selected, selectRows } from './select-rows.ts';
import { sortValueOf } from './sort-value.ts';
import type { Place, Row } from './top-rows.ts';

const MOST = 500;
const USUAL = 50;
/** How long a search may take, in milliseconds. */
const SEARCH_LIMIT = 10_000;

/** Candidates that are found with one look at the blocks, and those whose texts are unpacked at once. */
const SEARCHED_AT_ONCE = 1_000;
const UNPACKED_AT_ONCE = 200;

type ListRow = Row<KeptRecords>;

interface List {
  readonly range: TimeRange;
  readonly filter: RecordFilter;
  /** Must be found in the columns or in the kept texts of a request. */
  readonly texts: readonly string[];
  /** Null: by time. */
  readonly value: ReturnType<typeof sortValueOf>;
  readonly descending: boolean;
}

export async function listRequests(database: Database, query: RequestsQuery): Promise<RequestsPage> {
  const asOf = Date.now();
  const limit = Math.min(Math.max(Math.floor(query.limit ?? USUAL), 1), MOST);
  const cursor: Cursor = query.cursor ? readCursor(query.cursor) : { backwards: false, place: null, part: null };
  const payloads = asksForText(query.filter) && (await hasKeptTexts(database, query));
  const list = describe(query, payloads);
  const found = await collect(database, list, cursor, limit);
  const rows = cursor.backwards ? found.rows.toReversed() : found.rows;
  const beside = cursor.backwards ? rows.at(-1) : rows[0];
  const back = cursor.place && beside ? { ...cursor, backwards: !cursor.backwards, place: placeOf(beside) } : null;
  const [next, previous] = cursor.backwards ? [back, found.on] : [found.on, back];
  return {
    asOf,
    items: await summariesOf(database, rows),
    next: next && writeCursor(next),
    previous: previous && writeCursor(previous),
    partial: found.partial,
    searchedPayloads: payloads && list.texts.length > 0,
  };
}

function partsOf(filter: Filter): readonly Filter[] {
  return filter.kind === 'all' ? filter.filters : [filter];
}

function asksForText(filter: Filter = EVERYTHING): boolean {
  return partsOf(filter).some(({ kind }) => kind === 'text');
}

/** Texts that all rows must have are looked for in kept texts too; those under `not` and `any` in columns only. */
function describe(query: RequestsQuery, payloads: boolean): List {
  const filter = query.filter ?? EVERYTHING;
  const texts = payloads ? partsOf(filter).flatMap((part) => (part.kind === 'text' ? [part.text] : [])) : [];
  // What a text is not in, and what has no kept texts, need not be looked at.
  const candidates = partsOf(filter).map((part): Filter => {
    if (part.kind !== 'text' || !payloads) return part;
    return { kind: 'any', filters: [part, { kind: 'equals', field: 'payload', values: [true] }] };
  });
  const sort = query.sort ?? { field: 'time', descending: true };
  return {
    range: wholeRange(query),
    filter: compileFilter({ kind: 'all', filters: candidates }),
    texts,
    value: sortValueOf(sort.field),
    descending: sort.descending,
  };
}

interface Collected {
  readonly rows: readonly ListRow[];
  /** Where the list goes on in the same direction; null at its end. */
  readonly on: Cursor | null;
  readonly partial: boolean;
}

/** Reads on until there are enough, because what kept texts hold only shows when they are unpacked. */
async function collect(database: Database, list: List, cursor: Cursor, limit: number): Promise<Collected> {
  const deadline = performance.now() + SEARCH_LIMIT;
  const { backwards, part } = cursor;
  const search = list.texts.length > 0 ? new KeptTextSearch(list.texts) : null;
  const size = search === null ? limit + 1 : SEARCHED_AT_ONCE;
  const found: Found = { rows: [], place: cursor.place };
  while (true) {
    const page = await readPage(database, list, { backwards, place: found.place, part }, size, deadline);
    // In the order of time it makes no difference where a search ended.
    const shown = page.isLate && list.value !== null ? page.range : part;
    for (const some of inParts(page.rows)) {
      const isFull = take(some, search && (await search.matching(database, some)), found, limit);
      const isLate = search !== null && performance.now() > deadline;
      if (!isFull && !isLate) continue;
      const on = { backwards, place: found.place, part: shown };
      return { rows: found.rows, on, partial: !isFull || shown !== null };
    }
    if (page.isLate || !page.more) return { rows: found.rows, ...ended(list, page, cursor, found.place) };
  }
}

interface Found {
  readonly rows: ListRow[];
  /** Of the last row that was looked at. */
  place: Place | null;
}

/** True when there is one more than wanted. */
function take(some: readonly ListRow[], matching: ReadonlySet<ListRow> | null, found: Found, limit: number): boolean {
  for (const row of some) {
    if (matching === null || matching.has(row)) {
      if (found.rows.length === limit) return true;
      found.rows.push(row);
    }
    found.place = placeOf(row);
  }
  return false;
}

function inParts(rows: readonly ListRow[]): (readonly ListRow[])[] {
  const starts = Array.from(
    { length: Math.ceil(rows.length / UNPACKED_AT_ONCE) },
    (_, part) => part * UNPACKED_AT_ONCE,
  );
  return starts.map((start) => rows.slice(start, start + UNPACKED_AT_ONCE));
}

function readPage(
  database: Database,
  list: List,
  { backwards, place, part }: Cursor,
  limit: number,
  deadline: number,
): Promise<Selected<KeptRecords>> {
  const { filter, value } = list;
  return selectRows(database, {
    range: part ?? list.range,
    filter,
    value,
    descending: list.descending !== backwards,
    after: place,
    limit,
    // The order of other values than time needs all blocks for each page: where one was within the limit, others are too.
    deadline: value !== null && place !== null ? null : deadline,
    keep: (records, indices) => keepRecords(selectRecords(records, indices)),
  });
}

/**
 * What comes after the last row of a page. In the order of time a search that was cut off goes on at the time that it came
 * to. In other orders it shows the part of the range that it looked at, to its end, and then the part before.
 */
function ended(
  { range, value, descending }: List,
  page: Selected<KeptRecords>,
  { backwards, part }: Cursor,
  place: Place | null,
): Pick<Collected, 'on' | 'partial'> {
  if (value === null) {
    if (!page.isLate) return { on: null, partial: false };
    const time = descending !== backwards ? page.range.from : page.range.to;
    return { on: { backwards, place: { value: time, time, id: '' }, part: null }, partial: true };
  }
  const looked = page.isLate ? page.range : (part ?? range);
  if (page.isLate && page.more) return { on: { backwards, place, part: looked }, partial: true };
  if (backwards || looked.from <= range.from) return { on: null, partial: part !== null };
  return { on: { backwards, place: null, part: { from: range.from, to: looked.from } }, partial: true };
}

function placeOf({ value, time, id }: Place): Place {
  return { value, time, id };
}
