import type { UsageQuery, UsageRow } from '../../storage/ledger-queries.ts';
import { choice } from '../parameters/parameters.ts';
import { isoTime } from '../parameters/time.ts';
import { type AdminRoute, ledgerOf, streamRoute } from '../route.ts';
import { csvLine } from '../shapes/csv.ts';
import { download, EXPORT_FORMATS } from '../shapes/download.ts';
import { figuresOf } from '../shapes/figures.ts';
import { readUsageQuery, usageParameters } from './usage-query.ts';

type Cells = Record<string, string | number | boolean | null>;

const ROWS_AT_ONCE = 200;

export const usageExport: AdminRoute = streamRoute({
  method: 'GET',
  permission: 'usage:read',
  tag: 'Usage',
  path: '/usage/export',
  operationId: 'usageExport',
  summary: 'Usage as a file: a row for each step of time and group.',
  parameters: usageParameters.extend({
    format: choice(EXPORT_FORMATS, 'CSV by RFC 4180, or an object of JSON a line.').default('csv'),
  }),
  mediaTypes: ['text/csv', 'application/jsonl'],
  handle: async ({ parameters, sources, now, principal, requestId, request }) => {
    const { format, ...rest } = parameters;
    const query = readUsageQuery(rest, now);
    const { rows } = await ledgerOf(sources).usage(query);
    sources.audit?.record({
      actor: principal.name,
      address: principal.address,
      action: 'export.create',
      object: 'usage',
      outcome: 'ok',
      details: { query: request.query.slice(0, 1000), rows: rows.length, request_id: requestId },
    });
    return download('usage', query, format, format === 'csv' ? csv(query, rows) : jsonLines(query, rows));
  },
});

async function* csv(query: UsageQuery, rows: readonly UsageRow[]): AsyncGenerator<string> {
  yield csvLine(columnsOf(query));
  for (let at = 0; at < rows.length; at += ROWS_AT_ONCE) {
    yield rows
      .slice(at, at + ROWS_AT_ONCE)
      .map((row) => csvLine(Object.values(flatRow(query, row))))
      .join('');
  }
}

async function* jsonLines(query: UsageQuery, rows: readonly UsageRow[]): AsyncGenerator<string> {
  for (let at = 0; at < rows.length; at += ROWS_AT_ONCE) {
    yield rows
      .slice(at, at + ROWS_AT_ONCE)
      .map((row) => `${JSON.stringify(flatRow(query, row))}\n`)
      .join('');
  }
}

const EMPTY: UsageRow = {
  time: null,
  group: {},
  other: false,
  requests: 0,
  errors: { client: 0, gateway: 0, upstream: 0, cancelled: 0 },
  tokens: {
    input: 0,
    cacheRead: 0,
    cacheWrite: 0,
    cacheWriteLong: 0,
    inputAudio: 0,
    inputImage: 0,
    output: 0,
    reasoning: 0,
    outputAudio: 0,
    outputImage: 0,
    prompt: 0,
    completion: 0,
    total: 0,
  },
  cost: '0',
  priced: 0,
  unpriced: 0,
  duration: null,
  firstToken: null,
  tokensPerSecond: null,
  overhead: null,
};

function columnsOf(query: UsageQuery): string[] {
  return Object.keys(flatRow(query, EMPTY));
}

/** One level, with the same columns for every row of a query. */
export function flatRow({ bucket, groups }: UsageQuery, row: UsageRow): Cells {
  const cells: Array<[string, Cells[string]]> = [];
  if (bucket !== 'none') cells.push(['time', row.time === null ? null : isoTime(row.time)]);
  for (const group of groups) cells.push([group, Object.hasOwn(row.group, group) ? (row.group[group] ?? null) : null]);
  if (groups.length > 0) cells.push(['other', row.other]);
  const figures = figuresOf(row);
  cells.push(['requests', figures.requests]);
  for (const [name, count] of Object.entries(figures.errors)) cells.push([`errors_${name}`, count]);
  for (const [name, count] of Object.entries(figures.tokens)) cells.push([`${name}_tokens`, count]);
  cells.push(['cost_usd', figures.cost], ['priced', figures.priced], ['unpriced', figures.unpriced]);
  for (const name of ['duration_ms', 'first_token_ms', 'tokens_per_second', 'overhead_ms'] as const) {
    for (const rank of ['p50', 'p90', 'p95', 'p99'] as const)
      cells.push([`${name}_${rank}`, figures[name]?.[rank] ?? null]);
  }
  return Object.fromEntries(cells);
}
