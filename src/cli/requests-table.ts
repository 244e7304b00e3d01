import type { Outcome } from '../core/ledger/outcome.ts';
import type { RequestSummary } from '../storage/ledger-queries.ts';
import { formatCount, formatDuration, formatMoney, formatTime } from './terminal/format.ts';
import { type Colour, type TableColumn, type Terminal, table } from './terminal/table.ts';

/** A shape beside the colour, for those who see no colours. */
const SHAPES: Readonly<Record<Outcome, string>> = {
  success: '●',
  client: '▲',
  gateway: '◆',
  upstream: '■',
  cancelled: '○',
};

const COLOURS: Readonly<Record<Outcome, Colour | null>> = {
  success: null,
  client: 'yellow',
  gateway: 'red',
  upstream: 'red',
  cancelled: 'dim',
};

/** Requests as a table. `isOpen`: rows follow later, so columns have widths that do not depend on these. */
export function requestsTable(
  rows: readonly RequestSummary[],
  timeZone: string,
  terminal: Terminal,
  isOpen = false,
): string {
  const wide = (text: string, width: number): string => (isOpen ? text.padEnd(width) : text);
  const high = (text: string, width: number): string => (isOpen ? text.padStart(width) : text);
  const right = (title: string, width: number, dispensable: number, cell: (row: RequestSummary) => string) =>
    ({
      title: high(title, width),
      align: 'right',
      dispensable,
      cell: (row) => high(cell(row), width),
    }) satisfies TableColumn<RequestSummary>;
  const columns: ReadonlyArray<TableColumn<RequestSummary>> = [
    { title: 'time', cell: ({ time }) => formatTime(time, timeZone).slice(isOpen ? 11 : 5) },
    {
      title: 'status',
      cell: ({ status, outcome }) => `${SHAPES[outcome]} ${status}`,
      colour: ({ outcome }) => COLOURS[outcome],
    },
    { title: wide('endpoint', 16), least: 6, cell: ({ endpoint }) => wide(endpoint ?? '–', 16) },
    {
      title: wide('model', 24),
      least: 8,
      dispensable: 2,
      cell: (row) => wide(row.servedModel ?? row.model ?? '–', 24),
    },
    { title: wide('user', 12), least: 6, dispensable: 6, cell: ({ key, user }) => wide(user ?? key ?? '–', 12) },
    right('in tok', 7, 3, ({ tokens }) => (tokens === null ? '–' : formatCount(tokens.prompt))),
    right('out tok', 7, 3, ({ tokens }) => (tokens === null ? '–' : formatCount(tokens.completion))),
    {
      ...right('cost', 11, 1, ({ cost, unpriced }) => (cost === null && !unpriced ? '–' : formatMoney(cost))),
      colour: ({ unpriced }) => (unpriced ? 'yellow' : null),
    },
    right('ttft', 8, 7, ({ firstToken }) => formatDuration(firstToken)),
    right('duration', 9, 0, ({ duration }) => formatDuration(duration)),
    right('tries', 5, 8, ({ attempts }) => String(attempts)),
    { title: wide('error', 16), dispensable: 5, least: 5, cell: ({ errorCode }) => wide(errorCode ?? '', 16) },
    { title: 'id', dispensable: 4, cell: ({ id }) => id, colour: () => 'dim' },
  ];
  return table(columns, rows, terminal);
}
