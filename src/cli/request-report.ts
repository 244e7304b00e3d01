import { waterfall } from '../admin/requests/waterfall.ts';
import { kindName } from '../admin/shapes/figures.ts';
import type { RequestDetail } from '../storage/ledger-queries.ts';
import { formatCount, formatDuration, formatMoney, formatTime, printable } from './terminal/format.ts';
import { type TableColumn, type Terminal, table } from './terminal/table.ts';

const AXIS_WIDTH = 40;

/** One request as a page: what it was, its phases as a waterfall, attempts, and the lines of its cost. */
export function requestReport(detail: RequestDetail, timeZone: string, terminal: Terminal): string {
  const parts = [
    facts(detail, timeZone),
    phases(detail, terminal),
    attempts(detail, terminal),
    costs(detail, terminal),
  ];
  return parts.filter((part) => part !== '').join('\n');
}

function facts({ summary, record }: RequestDetail, timeZone: string): string {
  const { tokens } = summary;
  const model = [summary.provider, summary.servedModel ?? summary.model].filter((name) => name !== null).join('/');
  const lines: ReadonlyArray<readonly [string, string | null]> = [
    ['request', summary.id],
    ['time', `${formatTime(summary.time, timeZone)} ${timeZone}`],
    ['status', `${summary.status} ${summary.outcome}${summary.clientClosed ? ', the client left' : ''}`],
    ['error', summary.errorCode === null ? null : `${summary.errorCode}: ${summary.errorMessage ?? ''}`],
    ['asked', `${summary.surface} ${summary.operation}${summary.stream ? ', as a stream' : ''}`],
    ['endpoint', [record.route, summary.endpoint].filter((name) => name !== null).join(' → ') || null],
    ['model', model === '' ? null : model],
    ['finish', summary.finishReason],
    [
      'caller',
      [summary.key, summary.user, summary.team, summary.address].filter((name) => name !== null).join(', ') || null,
    ],
    ['agent', summary.userAgent],
    [
      'tags',
      Object.entries(summary.tags)
        .map(([name, value]) => `${name}=${value}`)
        .join(', ') || null,
    ],
    [
      'tokens',
      tokens &&
        `${formatCount(tokens.prompt)} in (${formatCount(tokens.cacheRead)} cached), ${formatCount(tokens.completion)} out (${formatCount(tokens.reasoning)} reasoning)${summary.usageSource === 'estimated' ? ', estimated' : ''}`,
    ],
    ['duration', `${formatDuration(summary.duration)}, of which the gateway ${formatDuration(summary.overhead)}`],
    ['changed', record.changes],
    ['trace', summary.traceId],
  ];
  const shown = lines.flatMap(([name, value]) => (value === null ? [] : [`${name.padEnd(10)}${printable(value)}`]));
  return `${shown.join('\n')}\n`;
}

function phases({ record }: RequestDetail, terminal: Terminal): string {
  const stretches = waterfall(record);
  const end = Math.max(...stretches.map((stretch) => stretch.end), Number.MIN_VALUE);
  const at = (time: number): number => Math.round((time / end) * AXIS_WIDTH);
  type Stretch = (typeof stretches)[number];
  const columns: ReadonlyArray<TableColumn<Stretch>> = [
    {
      title: 'phase',
      cell: ({ phase, attempt }) =>
        phase === 'attempt' ? `attempt ${attempt}` : `${attempt === null ? '' : '  '}${phase}`,
    },
    {
      title: ''.padEnd(AXIS_WIDTH),
      dispensable: 1,
      cell: (stretch) => {
        const from = Math.min(at(stretch.start), AXIS_WIDTH - 1);
        const width = Math.max(1, at(stretch.end) - from);
        return (' '.repeat(from) + (stretch.phase === 'attempt' ? '─' : '█').repeat(width)).padEnd(AXIS_WIDTH);
      },
    },
    { title: 'from', align: 'right', cell: ({ start }) => formatDuration(start) },
    { title: 'took', align: 'right', cell: (stretch) => formatDuration(stretch.end - stretch.start) },
  ];
  return stretches.length === 0 ? '' : table(columns, stretches, terminal);
}

function attempts({ record }: RequestDetail, terminal: Terminal): string {
  type Attempt = (typeof record.attempts)[number];
  const columns: ReadonlyArray<TableColumn<Attempt>> = [
    { title: 'attempt', cell: (attempt) => String(record.attempts.indexOf(attempt) + 1) },
    { title: 'upstream', cell: ({ provider, model }) => (model === null ? provider : `${provider}/${model}`) },
    { title: 'cause', cell: ({ cause }) => cause.replaceAll('_', ' ') },
    {
      title: 'status',
      cell: ({ status }) => (status === null ? '–' : String(status)),
      colour: ({ error }) => (error ? 'red' : null),
    },
    { title: 'error', least: 12, cell: ({ error }) => (error === null ? '' : `${error.code}: ${error.message}`) },
    { title: 'upstream id', dispensable: 1, cell: ({ upstreamRequestId }) => upstreamRequestId ?? '–' },
  ];
  return record.attempts.length === 0 ? '' : table(columns, record.attempts, terminal);
}

function costs({ pricing, record, repricings }: RequestDetail, terminal: Terminal): string {
  type Line = { readonly kind: string; readonly quantity: string; readonly price: string; readonly cost: string };
  const lines: Line[] = pricing.lines.map(({ kind, quantity, pricePerMillion, cost }) => ({
    kind: kindName(kind),
    quantity: quantity.toLocaleString('en'),
    price: `$${pricePerMillion}`,
    cost: `$${cost}`,
  }));
  if (pricing.cost !== null) lines.push({ kind: 'total', quantity: '', price: '', cost: `$${pricing.cost}` });
  const columns: ReadonlyArray<TableColumn<Line>> = [
    { title: 'cost', cell: ({ kind }) => kind },
    { title: 'quantity', align: 'right', cell: ({ quantity }) => quantity },
    { title: 'per million', align: 'right', cell: ({ price }) => price },
    { title: 'USD', align: 'right', cell: ({ cost }) => cost },
  ];
  const notes = [
    pricing.cost === null && pricing.reason !== null
      ? `cost      unknown: ${pricing.reason.replaceAll('_', ' ')}`
      : null,
    pricing.source === null ? null : `prices    ${pricing.source}`,
    record.providerCost === null ? null : `provider  says $${record.providerCost}`,
    ...repricings.map(
      (one) =>
        `corrected ${new Date(one.time).toISOString()}: ${formatMoney(one.costBefore)} → ${formatMoney(one.costAfter)}, ${one.why}`,
    ),
  ].filter((note) => note !== null);
  const text = lines.length === 0 ? '' : table(columns, lines, terminal);
  return text + (notes.length === 0 ? '' : `${notes.map(printable).join('\n')}\n`);
}
