import type { LedgerStats, UsageRow } from '../storage/ledger-queries.ts';
import type { RollupCheck, RollupDifference } from '../storage/rollups/verify.ts';
import { formatBytes, formatCount, formatTime, printable } from './terminal/format.ts';
import { type TableColumn, type Terminal, table } from './terminal/table.ts';

type TableStats = LedgerStats['tables'][number];

export function statusText(
  { database, bytes, schemaVersion, tables }: LedgerStats,
  waiting: number | null,
  timeZone: string,
  terminal: Terminal,
): string {
  const columns: ReadonlyArray<TableColumn<TableStats>> = [
    { title: 'what', cell: ({ name }) => name },
    { title: 'rows', align: 'right', cell: ({ rows }) => formatCount(rows) },
    { title: 'size', align: 'right', cell: (row) => formatBytes(row.bytes) },
    {
      title: 'oldest',
      cell: ({ oldest }) => (oldest === null ? '–' : formatTime(oldest, timeZone).slice(0, 19)),
    },
  ];
  const kind = database === 'sqlite' ? 'SQLite' : 'PostgreSQL';
  const queue = waiting === null ? 'not known without --config-path' : formatCount(waiting);
  return [
    `Database: ${kind}, ${formatBytes(bytes)}, version ${schemaVersion} of the schema`,
    `Waiting in the journal: ${queue}`,
    '',
    table(columns, tables, terminal),
  ].join('\n');
}

/** A figure of one group that a roll-up has otherwise than the rows. */
interface DifferingFigure {
  readonly roll_up: string;
  readonly period: 'half hour' | 'day';
  /** ISO 8601. */
  readonly start: string;
  readonly group: UsageRow['group'];
  /** With dots where it is part of another: `tokens.input`. */
  readonly figure: string;
  /** Null where there is no such group. */
  readonly rows: unknown;
  readonly rollups: unknown;
}

export function differingFigures({ cube, period, start, rows, rollups }: RollupDifference): DifferingFigure[] {
  const place = {
    roll_up: cube,
    period: period < DAY ? 'half hour' : 'day',
    start: new Date(start).toISOString(),
  } as const;
  const groups = new Map([...rows, ...rollups].map(({ group }) => [JSON.stringify(group), group]));
  return [...groups].flatMap(([key, group]) => {
    const expected = figuresOf(rows.find((row) => JSON.stringify(row.group) === key));
    const found = figuresOf(rollups.find((row) => JSON.stringify(row.group) === key));
    return [...new Set([...expected.keys(), ...found.keys()])]
      .filter((figure) => expected.get(figure) !== found.get(figure))
      .map((figure) => ({
        ...place,
        group,
        figure,
        rows: expected.get(figure) ?? null,
        rollups: found.get(figure) ?? null,
      }));
  });
}

const DAY = 86_400_000;

function figuresOf(row: UsageRow | undefined): Map<string, unknown> {
  if (row === undefined) return new Map();
  const { time: _time, group: _group, other: _other, ...figures } = row;
  return new Map(leavesOf(figures, ''));
}

function leavesOf(value: object, prefix: string): Array<[string, unknown]> {
  return Object.entries(value).flatMap(([name, member]: [string, unknown]) =>
    typeof member === 'object' && member !== null
      ? leavesOf(member, `${prefix}${name}.`)
      : [[`${prefix}${name}`, member] as [string, unknown]],
  );
}

/** How many sums are told of; `--json` has all. */
const SHOWN = 20;

export function checkText({ compared, requests, differences }: RollupCheck): string {
  const counts = `${formatCount(requests)} ${requests === 1 ? 'request' : 'requests'}, ${formatCount(compared)} sums compared`;
  if (differences.length === 0) return `Roll-ups are what the rows add up to: ${counts}.\n`;
  const lines = differences.slice(0, SHOWN).flatMap(differenceLines);
  const rest = differences.length - SHOWN;
  if (rest > 0) lines.push(`… and ${formatCount(rest)} more: --json has all`);
  return `${formatCount(differences.length)} of the roll-ups are not what their rows add up to: ${counts}.\n\n${lines.join('\n')}\n`;
}

/** The figures that say most. Where they are equal it is another one, and that is told. */
const FOREMOST = new Set(['requests', 'cost', 'tokens.total', 'errors.client', 'errors.upstream']);

function differenceLines(difference: RollupDifference): string[] {
  const figures = differingFigures(difference);
  const foremost = figures.filter(({ figure }) => FOREMOST.has(figure));
  const [first] = figures;
  if (first === undefined) return [];
  const title = `${first.start.slice(0, 16).replace('T', ' ')} UTC, ${first.period}, by ${first.roll_up}`;
  const shown = (foremost.length > 0 ? foremost : figures).slice(0, SHOWN);
  return [
    title,
    ...shown.map(({ group, figure, rows, rollups }) => {
      const name = Object.values(group)
        .map((value) => value ?? '–')
        .join(' ');
      return `  ${printable(name)}: ${figure} is ${rollups ?? 'missing'}, and by the rows ${rows ?? 'missing'}`;
    }),
  ];
}
