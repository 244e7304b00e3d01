import type { Dialect } from '../database/database.ts';
import { escapeLike, fixed, joined, type Sql, sql, storableText } from '../database/sql.ts';
import type { Filter, FilterField, FilterValue } from '../filter.ts';
import { comparable, fieldSql } from './field-sql.ts';

const OPERATORS = { '<': fixed('<'), '<=': fixed('<='), '>': fixed('>'), '>=': fixed('>=') } as const;

/** A filter as a condition on `requests`. It is true or false, never unknown: what has no value fails. */
export function filterSql(dialect: Dialect, filter: Filter): Sql {
  switch (filter.kind) {
    case 'all':
      return combined(dialect, filter.filters, ' AND ', 'TRUE');
    case 'any':
      return combined(dialect, filter.filters, ' OR ', 'FALSE');
    case 'not':
      return sql`NOT (${filterSql(dialect, filter.filter)})`;
    case 'equals':
      return known(equalsSql(dialect, filter.field, filter.values));
    case 'compare':
      return known(compareSql(dialect, filter));
    case 'prefix': {
      const prefix = storableText(filter.prefix);
      const { expression } = fieldSql(dialect, filter.field);
      return known(sql`substr(${expression}, 1, ${[...prefix].length}) = ${prefix}`);
    }
    case 'present':
      return presentSql(dialect, filter.field);
    case 'text':
      return textSql(dialect, filter.text);
  }
}

function combined(dialect: Dialect, filters: readonly Filter[], separator: string, empty: string): Sql {
  if (filters.length === 0) return fixed(empty);
  const parts = filters.map((filter) => sql`(${filterSql(dialect, filter)})`);
  return joined(parts, separator);
}

function known(condition: Sql): Sql {
  return sql`(${condition}) IS TRUE`;
}

function equalsSql(dialect: Dialect, field: FilterField, values: readonly FilterValue[]): Sql {
  const { type, expression } = fieldSql(dialect, field);
  if (values.length === 0) return fixed('FALSE');
  if (type === 'flag') {
    const wanted = values.map((value) => (isTrue(value) ? expression : sql`NOT ${expression}`));
    return joined(wanted, ' OR ');
  }
  const bound = values.map((value) =>
    type === 'text' ? sql`${storableText(String(value))}` : comparable(type, value),
  );
  return sql`${expression} IN (${joined(bound, ', ')})`;
}

function isTrue(value: FilterValue): boolean {
  return value === true || value === 'true' || value === 1;
}

function compareSql(dialect: Dialect, { field, operator, value }: Extract<Filter, { kind: 'compare' }>): Sql {
  const { type, expression } = fieldSql(dialect, field);
  if (type === 'flag') return fixed('FALSE');
  const bound = type === 'text' ? sql`${storableText(String(value))}` : comparable(type, value);
  return sql`${expression} ${OPERATORS[operator]} ${bound}`;
}

function presentSql(dialect: Dialect, field: FilterField): Sql {
  const { type, expression } = fieldSql(dialect, field);
  return type === 'flag' ? expression : sql`(${expression}) IS NOT NULL`;
}

const SEARCHED = [
  'id',
  'endpoint',
  'provider',
  'model',
  'served_model',
  'key_name',
  'user_name',
  'team',
  'error_code',
  'error_message',
  'trace_id',
  'address',
  'user_agent',
].map((name) => fixed(`requests.${name}`));

/** Every row of the range is read: words of prompts change too much for an index that pays. */
export function textSql(dialect: Dialect, text: string): Sql {
  const storable = storableText(text);
  const like = (expression: Sql, pattern: string): Sql =>
    sql`${expression} ${fixed(dialect.like)} ${`%${escapeLike(pattern)}%`} ESCAPE '\\'`;
  const columns = SEARCHED.map((expression) => like(expression, storable));
  const inTags = like(fixed('requests.tags'), JSON.stringify(storable).slice(1, -1));
  return known(joined([...columns, inTags], ' OR '));
}
