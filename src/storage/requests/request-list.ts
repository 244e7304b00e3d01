import type { Database, Queryable } from '../database/database.ts';
import { fixed, joined, NOTHING, type Sql, sql } from '../database/sql.ts';
import { EVERYTHING, type Filter } from '../filter.ts';
import type { RequestsPage, RequestsQuery, SortField } from '../ledger-queries.ts';
import { readTexts } from '../payloads.ts';
import { idFrom, idRange } from '../rows/id-range.ts';
import { AFTER_ROW, type Row, readSummary, rowColumns } from '../rows/read-row.ts';
import { AT } from '../rows/request-columns.ts';
import { type Cursor, readCursor, writeCursor } from './cursor.ts';
import { filterSql, textSql } from './filter-sql.ts';

const MOST = 500;
const USUAL = 50;
const SEARCHED_AT_ONCE = 200;
/** How long a search through kept texts may take, in milliseconds. */
const SEARCH_LIMIT = 10_000;

type SortedField = Exclude<SortField, 'time'>;

/** Whole numbers that are never negative; what has no value comes before 0. */
const SORTED: Readonly<Record<SortedField, Sql>> = {
  status: fixed('requests.status'),
  attempts: fixed('requests.attempts'),
  duration: fixed('requests.duration'),
  first_token: fixed('COALESCE(requests.first_token, -1)'),
  overhead: fixed('requests.overhead'),
  prompt_tokens: fixed(
    'COALESCE(requests.input + requests.cache_read + requests.cache_write + requests.cache_write_long + ' +
      'requests.input_audio + requests.input_image, -1)',
  ),
  completion_tokens: fixed(
    'COALESCE(requests.output + requests.reasoning + requests.output_audio + requests.output_image, -1)',
  ),
  cost: fixed('COALESCE(requests.cost, -1)'),
  request_bytes: fixed('requests.request_bytes'),
  response_bytes: fixed('requests.response_bytes'),
};

interface List {
  readonly filter: Sql;
  /** Must be found in the columns or in the kept texts of a request. */
  readonly texts: readonly string[];
  /** Null: by id. */
  readonly sorted: SortedField | null;
  readonly descending: boolean;
}

export async function listRequests(database: Database, query: RequestsQuery): Promise<RequestsPage> {
  const asOf = Date.now();
  const limit = Math.min(Math.max(Math.floor(query.limit ?? USUAL), 1), MOST);
  const cursor = query.cursor ? readCursor(query.cursor) : null;
  return database.snapshot(async (reader) => {
    const payloads = await hasPayloads(reader, query);
    const list = describe(database, query, payloads);
    const found = await collect(reader, database, list, cursor, limit);
    const rows = cursor?.backwards ? found.rows.toReversed() : found.rows;
    const at = (row: Row | undefined, backwards: boolean): string | null =>
      row ? cursorAt(list, row, backwards) : null;
    const further = cursor?.backwards ? at(rows[0] ?? found.last, true) : at(rows.at(-1) ?? found.last, false);
    const back = cursor === null ? null : cursor.backwards ? at(rows.at(-1), false) : at(rows[0], true);
    const on = found.more || found.partial ? further : null;
    return {
      asOf,
      items: rows.map(readSummary),
      next: cursor?.backwards ? back : on,
      previous: cursor?.backwards ? on : back,
      partial: found.partial,
      searchedPayloads: payloads && list.texts.length > 0,
    };
  });
}

async function hasPayloads(reader: Queryable, { from, to }: RequestsQuery): Promise<boolean> {
  const rows = await reader.values(
    sql`SELECT 1 FROM payloads WHERE request_id >= ${idFrom(from)} AND request_id < ${idFrom(to)} LIMIT 1`,
  );
  return rows.length > 0;
}

/** Texts that all rows must have are looked for in kept texts too; those under `not` and `any` in columns only. */
function describe(database: Database, query: RequestsQuery, payloads: boolean): List {
  const filter = query.filter ?? EVERYTHING;
  const parts: readonly Filter[] = filter.kind === 'all' ? filter.filters : [filter];
  const texts = payloads ? parts.flatMap((part) => (part.kind === 'text' ? [part.text] : [])) : [];
  const others = payloads ? parts.filter(({ kind }) => kind !== 'text') : parts;
  const sort = query.sort ?? { field: 'time', descending: true };
  return {
    filter: sql`${idRange(query)} AND (${filterSql(database.dialect, { kind: 'all', filters: others })})`,
    texts,
    sorted: sort.field === 'time' ? null : sort.field,
    descending: sort.descending,
  };
}

interface Collected {
  readonly rows: readonly Row[];
  /** The last one that was looked at. */
  readonly last: Row | undefined;
  readonly more: boolean;
  readonly partial: boolean;
}

/** Reads on until there are enough, because what kept texts hold only shows when they are unpacked. */
async function collect(
  reader: Queryable,
  database: Database,
  list: List,
  cursor: Cursor | null,
  limit: number,
): Promise<Collected> {
  const deadline = performance.now() + SEARCH_LIMIT;
  const pageSize = list.texts.length > 0 ? SEARCHED_AT_ONCE : limit + 1;
  const rows: Row[] = [];
  let last: Row | undefined;
  let from = cursor;
  while (true) {
    const page = await reader.values(pageSql(database, list, from, pageSize));
    for (const row of page) {
      if (!matches(row, list.texts)) {
        last = row;
        continue;
      }
      if (rows.length === limit) return { rows, last, more: true, partial: false };
      rows.push(row);
      last = row;
    }
    if (page.length < pageSize) return { rows, last, more: false, partial: false };
    if (performance.now() > deadline) return { rows, last, more: true, partial: true };
    from = last ? readCursor(cursorAt(list, last, cursor?.backwards ?? false)) : from;
  }
}

function pageSql(database: Database, list: List, cursor: Cursor | null, limit: number): Sql {
  const { dialect } = database;
  const descending = list.descending !== (cursor?.backwards ?? false);
  const direction = fixed(descending ? 'DESC' : 'ASC');
  const found = list.texts.map((text) => sql`, CASE WHEN ${textSql(dialect, text)} THEN 1 ELSE 0 END`);
  const payload = sql`(SELECT texts FROM payloads WHERE request_id = requests.id)`;
  const columns = sql`${rowColumns(dialect)}${list.texts.length > 0 ? sql`, ${payload}` : NOTHING}${joined(found, '')}`;
  const order = list.sorted ? sql`${SORTED[list.sorted]} ${direction}, id ${direction}` : sql`id ${direction}`;
  return sql`SELECT ${columns} FROM requests
    WHERE ${list.filter} ${cursor ? sql`AND (${beyond(list, cursor, descending)})` : NOTHING}
      ${candidates(database, list.texts)} ORDER BY ${order} LIMIT ${limit}`;
}

/** What a text is not in, and what has no kept texts, need not be looked at. */
function candidates(database: Database, texts: readonly string[]): Sql {
  const conditions = texts.map(
    (text) => sql`AND (${textSql(database.dialect, text)}
      OR EXISTS (SELECT 1 FROM payloads WHERE request_id = requests.id))`,
  );
  return joined(conditions, ' ');
}

function beyond({ sorted }: List, { value, id }: Cursor, descending: boolean): Sql {
  const further = fixed(descending ? '<' : '>');
  if (sorted === null || value === null) return sql`id ${further} ${id}`;
  const bound = sql`CAST(${value} AS BIGINT)`;
  const expression = SORTED[sorted];
  return sql`${expression} ${further} ${bound} OR (${expression} = ${bound} AND id ${further} ${id})`;
}

function matches(row: Row, texts: readonly string[]): boolean {
  if (texts.length === 0) return true;
  const missing = texts.filter((_, index) => Number(row[AFTER_ROW + 1 + index]) !== 1);
  const packed = row[AFTER_ROW] ?? null;
  if (missing.length === 0) return true;
  if (packed === null) return false;
  const { request, response } = readTexts(packed as Uint8Array);
  const text = `${request}\n${response ?? ''}`.toLowerCase();
  return missing.every((wanted) => text.includes(wanted.toLowerCase()));
}

function cursorAt({ sorted }: List, row: Row, backwards: boolean): string {
  return writeCursor({ backwards, value: sorted === null ? null : sortValue(sorted, row), id: String(row[AT.id]) });
}

/** The value that a row is sorted by, from its columns: the expressions above, in code. */
function sortValue(field: SortedField, row: Row): string {
  if (field === 'prompt_tokens') return String(tokensOf(row, AT.input, AT.output));
  if (field === 'completion_tokens') return String(tokensOf(row, AT.output, AT.cost));
  return String(row[AT[field]] ?? -1);
}

function tokensOf(row: Row, first: number, end: number): number {
  if (row[first] === null) return -1;
  return row.slice(first, end).reduce<number>((sum, tokens) => sum + Number(tokens), 0);
}
