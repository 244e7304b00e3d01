import { z } from 'zod';
import { EVERYTHING, type Filter, type FilterField } from '../../storage/filter.ts';
import { ApiError, invalid } from '../api-error.ts';
import { parseFilter } from './filter.ts';
import { FilterError } from './filter-lexer.ts';
import { text } from './parameters.ts';
import { type Clock, parseTime, parseTimeZone } from './time.ts';

const TIME = 'Relative (`-30d`, `now`), a day, ISO 8601, or milliseconds since 1970.';

/** From when to when, and in whose days. */
export const rangeParameters = {
  from: text(`The first moment. ${TIME}`).default('-30d'),
  to: text(`The end, which is no longer part of it. ${TIME}`).default('now'),
  tz: text('A name of the IANA database, for where days and months begin.').default('UTC'),
};

const MOST_FILTER_CHARACTERS = 4096;

/** Which requests. `filter` is another name for `q`; the others are short for the terms of the same names. */
export const filterParameters = {
  q: text('Terms that all hold, for example `status:>=500 -model:gpt-* "refund"`.', MOST_FILTER_CHARACTERS).optional(),
  filter: text('The same as `q`.', MOST_FILTER_CHARACTERS).optional(),
  endpoint: text('Only of this endpoint; several with commas.').optional(),
  provider: text('Only of this provider; several with commas.').optional(),
  model: text('Only of this model; several with commas.').optional(),
  key: text('Only of this key; several with commas.').optional(),
  user: text('Only of this user; several with commas.').optional(),
  team: text('Only of this team; several with commas.').optional(),
  surface: text('Only of this surface; several with commas.').optional(),
};

const SHORT_FORMS = [
  'endpoint',
  'provider',
  'model',
  'key',
  'user',
  'team',
  'surface',
] as const satisfies readonly FilterField[];

const filterSchema = z.object(filterParameters);
const rangeSchema = z.object(rangeParameters);

/** Throws an ApiError that says where in `q` the mistake is. */
export function readFilter(parameters: z.output<typeof filterSchema>): Filter {
  const filters: Filter[] = [];
  for (const field of ['q', 'filter'] as const) {
    const query = parameters[field];
    if (query !== undefined) filters.push(readQuery(field, query));
  }
  for (const field of SHORT_FORMS) {
    const given = parameters[field];
    if (given === undefined) continue;
    const values = given.split(',').filter((value) => value !== '');
    if (values.length === 0) throw invalid(field, `'${field}' is empty.`, `a name, or q=-has:${field} for none`);
    filters.push({ kind: 'equals', field, values });
  }
  if (filters.length === 0) return EVERYTHING;
  const [first] = filters;
  return filters.length === 1 && first !== undefined ? first : { kind: 'all', filters };
}

export function readQuery(field: string, query: string): Filter {
  try {
    return parseFilter(query);
  } catch (error) {
    if (!(error instanceof FilterError)) throw error;
    const { start, end, hint, message } = error;
    throw new ApiError('invalid_filter', message, { field, hint, position: start, length: end - start });
  }
}

export interface Range {
  readonly from: number;
  readonly to: number;
  readonly timeZone: string;
}

/** The range in milliseconds since 1970. Throws an ApiError. */
export function readRange({ from, to, tz }: z.output<typeof rangeSchema>, now: number): Range {
  const timeZone = parseTimeZone('tz', tz);
  const clock: Clock = { now, timeZone };
  // What is being written this very millisecond is part of what is asked for until now.
  const range = {
    from: parseTime('from', from, clock),
    to: parseTime('to', to, clock) + (to === 'now' ? 1 : 0),
    timeZone,
  };
  if (range.from >= range.to) throw invalid('from', "'from' is not before 'to'.", 'for example from=-24h&to=now');
  return range;
}
