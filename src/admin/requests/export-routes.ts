import { z } from 'zod';
import type { Filter } from '../../storage/filter.ts';
import type { LedgerQueries, RequestDetail } from '../../storage/ledger-queries.ts';
import { choice, flag, integer, list, text } from '../parameters/parameters.ts';
import { filterParameters, rangeParameters, readFilter, readRange } from '../parameters/query.ts';
import { type AdminRoute, type Call, jsonAnswer, jsonRoute, ledgerOf, streamRoute } from '../route.ts';
import { csvLine } from '../shapes/csv.ts';
import { download, EXPORT_FORMATS, type ExportFormat } from '../shapes/download.ts';
import { COLUMNS, type Column, chooseColumns } from './columns.ts';
import { readId } from './list-routes.ts';

/** Rows that are read and written at once: few, because nothing else of this thread runs meanwhile. */
const PAGE = 100;
const MOST_ROWS = 1_000_000;

const exportParameters = z.object({
  ...rangeParameters,
  ...filterParameters,
  format: choice(EXPORT_FORMATS, 'CSV by RFC 4180, or an object of JSON a line.').default('csv'),
  columns: list(100, 'Which columns, in which order; all by default. `tag.<name>` is one too.').optional(),
  limit: integer(1, MOST_ROWS, 'Rows of the file.').default(MOST_ROWS),
  after: text('Begins behind the request of this id: the last one of the file before.').optional(),
  estimate: flag('Answers how many rows and bytes the file would have, in place of the file.').default(false),
});

type ExportParameters = z.output<typeof exportParameters>;

const estimate = z.strictObject({
  rows: z.int().min(0),
  bytes: z.int().min(0),
  exact: z.boolean(),
});

const requestsExport = streamRoute({
  method: 'GET',
  permission: 'requests:read',
  tag: 'Requests',
  path: '/requests/export',
  operationId: 'requestExport',
  summary: 'The requests of a filter as a file, oldest first, written as it is read.',
  parameters: exportParameters,
  mediaTypes: ['text/csv', 'application/jsonl'],
  schema: estimate,
  handle: async (call) => {
    const { parameters, sources, request, now } = call;
    const ledger = ledgerOf(sources);
    const range = readRange(parameters, now);
    const filter = readFilter(parameters);
    const columns = chooseColumns(parameters.columns);
    const after = parameters.after === undefined ? null : readId(parameters.after);
    if (parameters.estimate) {
      const { rows, bytes, exact } = await ledger.estimate({ from: range.from, to: range.to, filter });
      return jsonAnswer(request, JSON.stringify({ rows: Math.min(rows, parameters.limit), bytes, exact }), false);
    }
    const source: Source = { from: range.from, to: range.to, filter, after, limit: parameters.limit };
    // The first page is read before the status is told, so that a database that is down is an error and no file.
    const pages = await begun(readPages(ledger, source, request.signal));
    return download('requests', range, parameters.format, fileOf(pages, columns, call));
  },
});

interface Source {
  readonly from: number;
  readonly to: number;
  readonly filter: Filter;
  readonly after: string | null;
  readonly limit: number;
}

async function* readPages(
  ledger: LedgerQueries,
  source: Source,
  signal: AbortSignal,
): AsyncGenerator<readonly RequestDetail[]> {
  let { after, limit } = source;
  const { from, to, filter } = source;
  while (limit > 0 && !signal.aborted) {
    const page = await ledger.export({ from, to, filter, after, limit: Math.min(PAGE, limit) });
    yield page.items;
    limit -= page.items.length;
    after = page.next;
    if (after === null) return;
  }
}

/** Runs a generator until it has its first value, and gives all of them. */
async function begun<Value>(values: AsyncGenerator<Value>): Promise<AsyncIterable<Value>> {
  const first = await values.next();
  return (async function* () {
    if (first.done) return;
    yield first.value;
    yield* values;
  })();
}

async function* fileOf(
  pages: AsyncIterable<readonly RequestDetail[]>,
  columns: readonly Column[],
  call: Call<ExportParameters>,
): AsyncGenerator<string> {
  const { parameters, principal, sources, requestId } = call;
  let rows = 0;
  let outcome: 'ok' | 'failed' = 'failed';
  try {
    const write = writerOf(parameters.format, columns);
    if (parameters.format === 'csv') yield csvLine(columns.map(({ name }) => name));
    for await (const page of pages) {
      rows += page.length;
      if (page.length > 0) yield page.map(write).join('');
    }
    outcome = 'ok';
  } finally {
    sources.audit?.record({
      actor: principal.name,
      address: principal.address,
      action: 'export.create',
      object: 'requests',
      outcome,
      details: { query: call.request.query.slice(0, 1000), rows, request_id: requestId },
    });
  }
}

/** Rows are flat, every column has one type, and money is text: what reads Parquet or a database takes them as they are. */
function writerOf(format: ExportFormat, columns: readonly Column[]): (request: RequestDetail) => string {
  if (format === 'csv') return (request) => csvLine(columns.map((column) => column.read(request)));
  return (request) =>
    `${JSON.stringify(Object.fromEntries(columns.map((column) => [column.name, column.read(request)])))}\n`;
}

const columnsAnswer = z
  .strictObject({
    columns: z.array(
      z.strictObject({
        name: z.string(),
        type: z.enum(['string', 'int64', 'double', 'boolean', 'timestamp', 'decimal']).meta({
          description: '`timestamp`: ISO 8601 in UTC; `decimal`: text, exact, at most 12 decimal places.',
        }),
        description: z.string(),
      }),
    ),
  })
  .meta({ id: 'Columns' });

const exportColumns = jsonRoute({
  method: 'GET',
  permission: 'requests:read',
  tag: 'Requests',
  path: '/requests/export/columns',
  operationId: 'requestExportColumns',
  summary: 'The columns of an export with their types.',
  parameters: z.object({}),
  schema: columnsAnswer,
  isTagged: true,
  handle: async () => ({
    columns: COLUMNS.map(({ name, type, description }) => ({ name, type, description })),
  }),
});

export const exportRoutes: readonly AdminRoute[] = [requestsExport, exportColumns];
