import { roundToDollars } from '../../core/ledger/money.ts';
import type { Dialect } from '../database/database.ts';
import { fixed, type Sql, sql, storableText } from '../database/sql.ts';
import { FILTER_FIELDS, type FieldName, type FilterField, tagOf } from '../filter.ts';
import { FLAG } from '../rows/request-columns.ts';

/** A field as an expression over `requests`. Numbers are in the units of the filter: milliseconds. */
export interface FieldSql {
  readonly type: 'text' | 'number' | 'money' | 'flag';
  readonly expression: Sql;
}

const column = (name: string): Sql => fixed(`requests.${name}`);

/** Fields whose column has another name or another form. */
const EXPRESSIONS: Partial<Record<FieldName, Sql>> = {
  key: column('key_name'),
  user: column('user_name'),
  served_model: sql`CASE WHEN ${flag(FLAG.servedAsAsked)} THEN ${column('model')} ELSE ${column('served_model')} END`,
  stream: flag(FLAG.stream),
  client_closed: flag(FLAG.clientClosed),
  unpriced: flag(FLAG.unpriced),
  payload: sql`EXISTS (SELECT 1 FROM payloads WHERE payloads.request_id = requests.id)`,
  usage_source: sql`CASE WHEN ${flag(FLAG.providerUsage)} THEN 'provider'
    WHEN ${flag(FLAG.estimatedUsage)} THEN 'estimated' END`,
  outcome: sql`CASE requests.outcome WHEN 0 THEN 'success' WHEN 1 THEN 'client' WHEN 2 THEN 'gateway'
    WHEN 3 THEN 'upstream' ELSE 'cancelled' END`,
  duration: fixed('(requests.duration / 1000.0)'),
  first_token: fixed('(requests.first_token / 1000.0)'),
  overhead: fixed('(requests.overhead / 1000.0)'),
  prompt_tokens: fixed(
    '(requests.input + requests.cache_read + requests.cache_write + requests.cache_write_long + ' +
      'requests.input_audio + requests.input_image)',
  ),
  completion_tokens: completionTokens(),
  tokens_per_second: sql`CASE WHEN requests.outcome = 0 AND ${completionTokens()} > 0 THEN ${completionTokens()}
    * 1000000.0 / NULLIF(requests.duration - COALESCE(requests.first_token, 0), 0) END`,
};

/** Fields that stand in the detail, by their name there. */
const IN_DETAIL: Partial<Record<FieldName, string>> = {
  node: 'node',
  route: 'route',
  service_tier: 'tier',
  changes: 'changes',
};

function flag(bit: number): Sql {
  return fixed(`((requests.flags & ${bit}) <> 0)`);
}

function completionTokens(): Sql {
  return fixed('(requests.output + requests.reasoning + requests.output_audio + requests.output_image)');
}

export function fieldSql(dialect: Dialect, field: FilterField): FieldSql {
  const tag = tagOf(field);
  if (tag !== null) return { type: 'text', expression: dialect.member(column('tags'), storableText(tag)) };
  const name = field as FieldName;
  const member = IN_DETAIL[name];
  const type = FILTER_FIELDS[name];
  if (type === undefined) throw new TypeError(`no field ${field}`);
  if (member !== undefined) return { type, expression: dialect.member(column('detail'), member) };
  return { type, expression: EXPRESSIONS[name] ?? column(name) };
}

/** A value in the units of the field's expression, of a type that both databases compare exactly. */
export function comparable(type: 'number' | 'money', value: string | number | boolean): Sql {
  if (type === 'number') return sql`CAST(${Number(value)} AS DOUBLE PRECISION)`;
  const picodollars = roundToDollars(String(value));
  if (picodollars === null) throw new TypeError(`'${value}' is no amount of money`);
  return sql`CAST(${picodollars.toString()} AS BIGINT)`;
}
