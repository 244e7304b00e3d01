import { z } from 'zod';
import { type RequestsQuery, SORT_FIELDS, type SortField } from '../../storage/ledger-queries.ts';
import { ApiError, invalid } from '../api-error.ts';
import { flag, integer, list, text } from '../parameters/parameters.ts';
import { filterParameters, rangeParameters, readFilter, readRange } from '../parameters/query.ts';
import { isoTime, shown } from '../parameters/time.ts';
import { type AdminRoute, jsonRoute, ledgerOf } from '../route.ts';
import { time } from '../shapes/figures.ts';
import { detailOf, requestDetail } from './detail-shapes.ts';
import { type RequestRow, ROW_FIELDS, requestSummary, summaryOf } from './request-shapes.ts';

const FIXED = { method: 'GET', permission: 'requests:read', tag: 'Requests' } as const;

const DEFAULT_LIMIT = 50;
const MOST_ROWS = 500;
const SORTS = `A column, with a minus for the highest first: ${SORT_FIELDS.join(', ')}.`;

const listParameters = z.object({
  ...rangeParameters,
  ...filterParameters,
  cursor: text('`next` or `previous` of a page with the same range, filter and sort.', 1024).optional(),
  limit: integer(1, MOST_ROWS, `Rows of a page. Default: ${DEFAULT_LIMIT}.`).default(DEFAULT_LIMIT),
  sort: text(SORTS).default('-time'),
  fields: list(50, `Which members of a row; all by default: ${ROW_FIELDS.join(', ')}.`).optional(),
  estimate: flag('Also how many rows there are.').default(false),
});

const estimate = z
  .strictObject({
    rows: z.int().min(0),
    bytes: z.int().min(0).meta({ description: 'Of an export with all columns.' }),
    exact: z.boolean(),
  })
  .meta({ id: 'Estimate' });

const listAnswer = z
  .strictObject({
    as_of: time,
    from: time,
    to: time,
    rows: z.array(requestSummary.partial()).meta({ description: 'Never with texts of requests or answers.' }),
    next: z.string().nullable().meta({ description: '`cursor` of the rows after these.' }),
    previous: z.string().nullable().meta({ description: '`cursor` of the rows before these.' }),
    partial: z.boolean().meta({ description: 'The search ended at its time limit; `next` goes on from there.' }),
    searched_payloads: z.boolean().meta({ description: 'A search for text looked at kept texts too.' }),
    estimate: estimate.nullable(),
  })
  .meta({ id: 'RequestPage' });

const requests = jsonRoute({
  ...FIXED,
  path: '/requests',
  operationId: 'requests',
  summary: 'Requests, newest first, page by page.',
  parameters: listParameters,
  schema: listAnswer,
  handle: async ({ parameters, sources, now }) => {
    const { fields, cursor, limit } = parameters;
    const range = readRange(parameters, now);
    const filter = readFilter(parameters);
    const pick = picker(fields);
    const query: RequestsQuery = { ...range, filter, sort: readSort(parameters.sort), cursor: cursor ?? null, limit };
    const ledger = ledgerOf(sources);
    const [page, rows] = await Promise.all([
      ledger.requests(query),
      parameters.estimate ? ledger.estimate({ from: range.from, to: range.to, filter }) : null,
    ]);
    return {
      as_of: isoTime(page.asOf),
      from: isoTime(range.from),
      to: isoTime(range.to),
      rows: page.items.map((item) => pick(summaryOf(item))),
      next: page.next,
      previous: page.previous,
      partial: page.partial,
      searched_payloads: page.searchedPayloads,
      estimate: rows && { rows: rows.rows, bytes: rows.bytes, exact: rows.exact },
    };
  },
});

export function readSort(sort: string): { readonly field: SortField; readonly descending: boolean } {
  const descending = sort.startsWith('-');
  const name = sort.slice(descending ? 1 : 0).replace(/_ms$/, '');
  const field = SORT_FIELDS.find((candidate) => candidate === name);
  if (field !== undefined) return { field, descending };
  throw invalid(
    'sort',
    `Requests cannot be sorted by '${shown(sort)}'.`,
    `one of ${SORT_FIELDS.join(', ')}; -cost for the highest first`,
  );
}

export function picker(fields: readonly string[] | undefined): (row: RequestRow) => Partial<RequestRow> {
  if (fields === undefined || fields.length === 0) return (row) => row;
  for (const field of fields) {
    if (ROW_FIELDS.includes(field)) continue;
    throw invalid('fields', `A row has no member '${shown(field)}'.`, `one of ${ROW_FIELDS.join(', ')}`);
  }
  const wanted = new Set(fields);
  return (row) => Object.fromEntries(Object.entries(row).filter(([name]) => wanted.has(name)));
}

const ID = /^[0-9A-HJKMNP-TV-Z]{26}$/;

/** An id as clients may have written it down. Throws an ApiError for what can be none. */
export function readId(text_: string): string {
  const id = text_.toUpperCase();
  if (ID.test(id)) return id;
  throw new ApiError('not_found', `'${shown(text_)}' is no id of a request.`, {
    hint: 'the 26 characters that an answer has in its header x-request-id',
    field: 'id',
  });
}

export function unknownRequest(id: string): ApiError {
  return new ApiError('not_found', `There is no request '${id}'.`, {
    hint: 'it may be older than what is kept, or not written yet: that takes a fraction of a second',
  });
}

const detail = jsonRoute({
  ...FIXED,
  path: '/requests/{id}',
  operationId: 'request',
  summary: 'One request: its phases, attempts and the lines of its cost.',
  parameters: z.object({}),
  schema: requestDetail,
  isTagged: true,
  handle: async ({ path, sources }) => {
    const id = readId(path.id ?? '');
    const found = await ledgerOf(sources).request(id);
    if (found === null) throw unknownRequest(id);
    return detailOf(found);
  },
});

export const listRoutes: readonly AdminRoute[] = [requests, detail];
