import type { UsageAnswer, UsageFigures, UsageQuery, UsageRow } from '../storage/ledger-queries.ts';
import { formatCount, formatDuration, formatMoney, formatShare, formatTime } from './terminal/format.ts';
import { bar, type TableColumn, type Terminal, table } from './terminal/table.ts';

const BAR_WIDTH = 16;

/** Characters of a time that matter for each step. */
const TIME_LENGTHS = { none: 0, minute: 16, hour: 16, day: 10, month: 7 } as const;

type Line = UsageRow & { readonly label?: string };

/** Usage as a table with bars, and its total. */
export function usageTable(
  query: UsageQuery & { readonly timeZone: string },
  answer: UsageAnswer,
  terminal: Terminal,
): string {
  const range = `${formatTime(answer.from, query.timeZone).slice(0, 16)} – ${formatTime(answer.to, query.timeZone).slice(0, 16)} ${query.timeZone}`;
  if (answer.rows.length === 0) return `No requests. ${range}\n`;
  const total: Line = { ...answer.total, time: null, group: {}, other: false, label: 'total' };
  const lines: readonly Line[] = [...answer.rows, ...(answer.rows.length > 1 ? [total] : [])];
  const text = table(columnsFor(query, answer, terminal), lines, terminal);
  const notes = answer.total.unpriced > 0 ? [unpricedNote(answer.total)] : [];
  return `${text}\n${[...notes, range].join('\n')}\n`;
}

function unpricedNote({ unpriced }: UsageFigures): string {
  return `${formatCount(unpriced)} ${unpriced === 1 ? 'request has' : 'requests have'} no price and ${unpriced === 1 ? 'is' : 'are'} not in the cost: sluice requests is:unpriced`;
}

function columnsFor(
  query: UsageQuery & { readonly timeZone: string },
  answer: UsageAnswer,
  terminal: Terminal,
): ReadonlyArray<TableColumn<Line>> {
  const { bucket, groups, timeZone } = query;
  const measure = measureOf(query.order ?? 'requests');
  const highest = Math.max(0, ...answer.rows.map(measure));
  const columns: Array<TableColumn<Line>> = [];
  if (bucket !== 'none') {
    columns.push({
      title: bucket,
      cell: ({ time, label }) =>
        label ?? (time === null ? '' : formatTime(time, timeZone).slice(0, TIME_LENGTHS[bucket])),
    });
  }
  for (const [index, group] of groups.entries()) {
    const carriesLabel = index === 0 && bucket === 'none';
    columns.push({
      title: group,
      least: 8,
      cell: (row) => (carriesLabel && row.label !== undefined ? row.label : groupValue(row, group, index)),
      colour: ({ other, label }) => (other || label !== undefined ? 'dim' : null),
    });
  }
  if (columns.length === 0) columns.push({ title: '', cell: ({ label }) => label ?? 'all' });
  if (terminal.width !== null) {
    columns.push({
      title: '',
      dispensable: 5,
      cell: (row) => (row.label === undefined ? bar(measure(row), highest, BAR_WIDTH).padEnd(BAR_WIDTH) : ''),
      colour: () => 'dim',
    });
  }
  return [...columns, ...FIGURES];
}

function groupValue({ group, other, label }: Line, name: string, index: number): string {
  if (label !== undefined) return '';
  if (other) return index === 0 ? '(others)' : '';
  return (Object.hasOwn(group, name) ? group[name] : null) ?? '–';
}

function failures({ errors: { client, gateway, upstream } }: UsageFigures): number {
  return client + gateway + upstream;
}

function measureOf(order: NonNullable<UsageQuery['order']>): (row: UsageFigures) => number {
  switch (order) {
    case 'requests':
      return ({ requests }) => requests;
    case 'cost':
      // For the length of a bar only.
      return ({ cost }) => Number(cost);
    case 'tokens':
      return ({ tokens }) => tokens.total;
    case 'errors':
      return failures;
  }
}

function right(title: string, cell: (row: Line) => string, dispensable = 0): TableColumn<Line> {
  return { title, align: 'right', cell, dispensable };
}

const FIGURES: ReadonlyArray<TableColumn<Line>> = [
  right('requests', ({ requests }) => formatCount(requests)),
  {
    ...right('errors', (row) => formatShare(failures(row), row.requests), 1),
    colour: (row) => (failures(row) > 0 ? 'red' : null),
  },
  right('in tok', ({ tokens }) => formatCount(tokens.prompt), 2),
  right('cached', ({ tokens }) => formatCount(tokens.cacheRead), 7),
  right('out tok', ({ tokens }) => formatCount(tokens.completion), 2),
  {
    ...right('cost', ({ cost, priced, unpriced }) => formatMoney(priced === 0 && unpriced > 0 ? null : cost)),
    colour: ({ unpriced }) => (unpriced > 0 ? 'yellow' : null),
  },
  right('p50', ({ duration }) => formatDuration(duration?.p50 ?? null), 6),
  right('p95', ({ duration }) => formatDuration(duration?.p95 ?? null), 3),
  right('ttft p95', ({ firstToken }) => formatDuration(firstToken?.p95 ?? null), 8),
  right('tok/s p50', ({ tokensPerSecond }) => tokensPerSecond?.p50.toFixed(1) ?? '–', 9),
];
