import type { Database } from '../database/database.ts';
import { escapeLike, fixed, joined, type SqlValue, sql, storableText } from '../database/sql.ts';
import { EVERYTHING, type FilterField } from '../filter.ts';
import type { CompletionQuery, FacetsAnswer, FacetsQuery } from '../ledger-queries.ts';
import { idRange } from '../rows/id-range.ts';
import { fieldSql } from './field-sql.ts';
import { filterSql } from './filter-sql.ts';

/** Counts are of the newest requests that match, so that their cost does not grow with the ledger. */
const SCANNED = 20_000;
const VALUES = 10;

export async function countFacets(database: Database, query: FacetsQuery): Promise<FacetsAnswer> {
  const columns = query.fields.map((field) => fieldSql(database.dialect, field));
  const expressions = columns.map(({ expression, type }) =>
    type === 'flag' ? sql`CASE WHEN ${expression} THEN 1 ELSE 0 END` : expression,
  );
  const rows = await database.values(sql`SELECT ${joined([fixed('1'), ...expressions], ', ')} FROM requests
    WHERE ${idRange(query)} AND (${filterSql(database.dialect, query.filter ?? EVERYTHING)})
    ORDER BY id DESC LIMIT ${SCANNED}`);
  const facets = query.fields.map((field, index) => ({
    field,
    values: mostSeen(rows, index + 1, query.limit ?? VALUES).map(({ value, count }) => ({
      value: present(value, columns[index]?.type ?? 'text'),
      count,
    })),
  }));
  return { facets, scanned: rows.length, exact: rows.length < SCANNED };
}

function present(value: SqlValue, type: string): string | number | boolean | null {
  if (value === null) return null;
  if (type === 'flag') return Number(value) === 1;
  return type === 'number' ? Number(value) : String(value);
}

function mostSeen(rows: readonly SqlValue[][], column: number, limit: number): { value: SqlValue; count: number }[] {
  const counts = new Map<SqlValue, number>();
  for (const row of rows) {
    const value = row[column] ?? null;
    counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  const sorted = Array.from(counts, ([value, count]) => ({ value, count }));
  return sorted.sort((one, other) => other.count - one.count).slice(0, limit);
}

/** Values that begin with the prefix in whatever case, or the names of tags. */
export async function completeValues(
  database: Database,
  query: CompletionQuery,
): Promise<{ readonly value: string; readonly count: number }[]> {
  const limit = query.limit ?? VALUES;
  const values =
    query.field === 'tag' ? await tagNames(database, query) : await fieldValues(database, query, query.field);
  return mostSeen(
    values.map((value) => [value]),
    0,
    limit,
  ).map(({ value, count }) => ({ value: String(value), count }));
}

async function fieldValues(database: Database, query: CompletionQuery, field: FilterField): Promise<string[]> {
  const { expression, type } = fieldSql(database.dialect, field);
  if (type !== 'text') return [];
  const pattern = `${escapeLike(storableText(query.prefix))}%`;
  const rows = await database.values(sql`SELECT ${expression} FROM requests WHERE ${idRange(query)}
    AND ${expression} ${fixed(database.dialect.like)} ${pattern} ESCAPE '\\' ORDER BY id DESC LIMIT ${SCANNED}`);
  return rows.map(([value]) => String(value));
}

async function tagNames(database: Database, query: CompletionQuery): Promise<string[]> {
  const rows = await database.values(sql`SELECT tags FROM requests WHERE ${idRange(query)} AND tags IS NOT NULL
    ORDER BY id DESC LIMIT ${SCANNED}`);
  const prefix = query.prefix.toLowerCase();
  const names = rows.flatMap(([tags]) => Object.keys(JSON.parse(String(tags)) as Record<string, string>));
  return names.filter((name) => name.toLowerCase().startsWith(prefix));
}
