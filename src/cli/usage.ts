import { csvLine } from '../admin/shapes/csv.ts';
import { flatRow } from '../admin/usage/export-route.ts';
import { usageAnswerOf } from '../admin/usage/usage-answer.ts';
import { readUsageQuery, usageParameters } from '../admin/usage/usage-query.ts';
import type { UsageAnswer, UsageQuery } from '../storage/ledger-queries.ts';
import { type Flag, flagTable, parseFlags, UsageError } from './arguments.ts';
import {
  DATABASE_FLAGS,
  databaseOf,
  filterOf,
  inWordsOfFlags,
  pastTime,
  systemTimeZone,
  withLedger,
} from './ledger-access.ts';
import { terminalOf } from './terminal/table.ts';
import { usageTable } from './usage-table.ts';

const FLAGS: readonly Flag[] = [
  {
    name: 'since',
    type: 'string',
    placeholder: 'TIME',
    help: 'From when on: 30d, 24h, 2026-01-31, today (default: 30d).',
  },
  { name: 'until', type: 'string', placeholder: 'TIME', help: 'Until when (default: now).' },
  {
    name: 'by',
    type: 'string',
    placeholder: 'GROUPS',
    help: 'endpoint, provider, model, key, user, team, surface, outcome, tag:NAME; minute, hour, day, month (default: model).',
  },
  {
    name: 'order',
    type: 'string',
    placeholder: 'WHAT',
    help: 'requests, cost, tokens or errors first (default: requests).',
  },
  { name: 'limit', type: 'string', placeholder: 'NUMBER', help: 'Groups; what is beyond is one row (default: 30).' },
  { name: 'tz', type: 'string', placeholder: 'ZONE', help: "Where days begin (default: this machine's zone)." },
  { name: 'filter', type: 'string', placeholder: 'QUERY', help: 'Which requests; the same as words without a flag.' },
  { name: 'json', type: 'boolean', help: 'As GET /api/v1/usage answers.' },
  { name: 'csv', type: 'boolean', help: 'A row for each group, with all figures.' },
  ...DATABASE_FLAGS,
];

const HELP = `Usage: sluice usage [OPTIONS] [QUERY]

Sums up the requests of the ledger: how many, what they used, what they cost, how long they took. The gateway may run or
not.

Options:
${flagTable(FLAGS)}

QUERY picks requests: status:>=500, endpoint:chat,search, -model:gpt-*, cost:>0.05, duration:>2s, tag.team:web, "text".

Examples:
  sluice usage --config-path config.yaml --since 7d --by model,user
  sluice usage --by day --since 30d endpoint:chat
  sluice usage --by tag:team --order cost --csv > costs.csv
`;

const DEFAULT_LIMIT = '30';
const FLAG_NAMES = { from: 'since', to: 'until', group: 'by', tz: 'tz', limit: 'limit', order: 'order', bucket: 'by' };

type TimedQuery = UsageQuery & { readonly timeZone: string };

/** `sluice usage`. Returns the exit code. */
export async function runUsage(words: readonly string[]): Promise<number> {
  const { values, positionals } = parseFlags(words, FLAGS, process.env);
  if (values.help) {
    process.stdout.write(HELP);
    return 0;
  }
  if (values.json && values.csv) throw new UsageError("'--json' and '--csv' exclude each other.");
  const query = inWordsOfFlags(FLAG_NAMES, () => readQuery(values));
  const filter = filterOf([...(typeof values.filter === 'string' ? [values.filter] : []), ...positionals]);
  const asked = { ...query, filter };
  const database = await databaseOf(values, process.env);
  const answer = await withLedger(database, (ledger) => ledger.usage(asked));
  process.stdout.write(render(asked, answer, values.json ? 'json' : values.csv ? 'csv' : 'table'));
  return 0;
}

function readQuery(values: Readonly<Record<string, string | boolean | undefined>>): TimedQuery {
  const text = (name: string, fallback: string): string => String(values[name] ?? fallback);
  const parameters = usageParameters.safeParse({
    from: pastTime(text('since', '30d')),
    to: pastTime(text('until', 'now')),
    tz: text('tz', systemTimeZone()),
    group: text('by', 'model'),
    order: text('order', 'requests'),
    limit: text('limit', DEFAULT_LIMIT),
  });
  if (parameters.success) return readUsageQuery(parameters.data, Date.now());
  const issue = parameters.error.issues[0];
  const field = String(issue?.path[0]);
  const name = Object.hasOwn(FLAG_NAMES, field) ? FLAG_NAMES[field as keyof typeof FLAG_NAMES] : field;
  throw new UsageError(`Invalid value for '--${name}': ${issue?.message}`);
}

function render(query: TimedQuery, answer: UsageAnswer, format: 'json' | 'csv' | 'table'): string {
  if (format === 'json') return `${JSON.stringify(usageAnswerOf(query, answer), null, 2)}\n`;
  if (format === 'table') return usageTable(query, answer, terminalOf(process.stdout, process.env));
  const rows = answer.rows.map((row) => flatRow(query, row));
  const [first] = rows;
  if (first === undefined) return '';
  return csvLine(Object.keys(first)) + rows.map((row) => csvLine(Object.values(row))).join('');
}
