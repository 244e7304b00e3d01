import { readRange } from '../admin/parameters/query.ts';
import { detailOf } from '../admin/requests/detail-shapes.ts';
import { readId, readSort } from '../admin/requests/list-routes.ts';
import { summaryOf } from '../admin/requests/request-shapes.ts';
import type { Filter } from '../storage/filter.ts';
import type { LedgerQueries, RequestSummary } from '../storage/ledger-queries.ts';
import { type Flag, type FlagValues, flagTable, parseFlags, UsageError, wholeNumber } from './arguments.ts';
import {
  DATABASE_FLAGS,
  databaseOf,
  filterOf,
  inWordsOfFlags,
  pastTime,
  systemTimeZone,
  withLedger,
} from './ledger-access.ts';
import { requestReport } from './request-report.ts';
import { requestsTable } from './requests-table.ts';
import { terminalOf } from './terminal/table.ts';

const FLAGS: readonly Flag[] = [
  {
    name: 'since',
    type: 'string',
    placeholder: 'TIME',
    help: 'From when on: 30d, 24h, 2026-01-31, today (default: 24h).',
  },
  { name: 'until', type: 'string', placeholder: 'TIME', help: 'Until when (default: now).' },
  {
    name: 'sort',
    type: 'string',
    placeholder: 'COLUMN',
    help: 'time, cost, duration, …; -cost: the highest first (default: -time).',
  },
  { name: 'limit', type: 'string', placeholder: 'NUMBER', help: 'How many, 500 at most (default: 20).' },
  { name: 'follow', type: 'boolean', help: 'Show requests as they end, until Ctrl-C.' },
  { name: 'tz', type: 'string', placeholder: 'ZONE', help: "The zone of times (default: this machine's)." },
  { name: 'filter', type: 'string', placeholder: 'QUERY', help: 'Which requests; the same as words without a flag.' },
  { name: 'json', type: 'boolean', help: 'As GET /api/v1/requests answers; with --follow an object a line.' },
  ...DATABASE_FLAGS,
];

const HELP = `Usage: sluice requests [OPTIONS] [QUERY]
       sluice requests show [OPTIONS] ID

Lists the requests of the ledger, or shows one with its phases, attempts and the lines of its cost. The gateway may run or
not. The ID is in the header x-request-id of every answer.

Options:
${flagTable(FLAGS)}

QUERY picks requests: status:>=500, endpoint:chat,search, -model:gpt-*, cost:>0.05, duration:>2s, tag.team:web, "text".

Examples:
  sluice requests --config-path config.yaml status:>=500 --since 7d
  sluice requests --sort -cost --limit 10
  sluice requests --follow endpoint:chat
  sluice requests show 01JDQ8Z5R7M2X4C6V8B0N1K3H5
`;

const FLAG_NAMES = { from: 'since', to: 'until', sort: 'sort', tz: 'tz', filter: 'filter' };
const DEFAULT_LIMIT = '20';

/** `sluice requests`. Returns the exit code. */
export async function runRequests(words: readonly string[]): Promise<number> {
  const { values, positionals } = parseFlags(words, FLAGS, process.env);
  if (values.help) {
    process.stdout.write(HELP);
    return 0;
  }
  if (positionals[0] === 'show') return show(positionals.slice(1), values);
  const filter = filterOf([...(typeof values.filter === 'string' ? [values.filter] : []), ...positionals]);
  const now = Date.now();
  const asked = inWordsOfFlags(FLAG_NAMES, () => ({
    ...readRange(
      {
        from: pastTime(String(values.since ?? '24h')),
        to: pastTime(String(values.until ?? 'now')),
        tz: String(values.tz ?? systemTimeZone()),
      },
      now,
    ),
    sort: readSort(String(values.sort ?? '-time')),
  }));
  const limit = wholeNumber('limit', String(values.limit ?? DEFAULT_LIMIT), 1, 500);
  const database = await databaseOf(values, process.env);
  const terminal = terminalOf(process.stdout, process.env);
  return withLedger(database, async (ledger) => {
    if (values.follow) return follow(ledger, filter, values.json === true, asked.timeZone);
    const page = await ledger.requests({ ...asked, filter, limit });
    if (values.json) {
      process.stdout.write(`${JSON.stringify(page.items.map(summaryOf), null, 2)}\n`);
    } else if (page.items.length === 0) {
      process.stdout.write('No requests.\n');
    } else {
      process.stdout.write(requestsTable(page.items, asked.timeZone, terminal));
      if (page.next !== null) process.stdout.write(`\nThere are more: --limit, --since or a query choose others.\n`);
    }
    return 0;
  });
}

async function show([word, ...rest]: readonly string[], values: FlagValues): Promise<number> {
  if (word === undefined) throw new UsageError("Missing argument 'ID'.");
  if (rest[0] !== undefined) throw new UsageError(`Got unexpected extra argument (${rest[0]})`);
  const id = inWordsOfFlags({}, () => readId(word));
  const database = await databaseOf(values, process.env);
  const detail = await withLedger(database, (ledger) => ledger.request(id));
  if (detail === null) {
    process.stderr.write(`Error: there is no request '${id}'.\n`);
    return 1;
  }
  const timeZone = String(values.tz ?? systemTimeZone());
  process.stdout.write(
    values.json
      ? `${JSON.stringify(detailOf(detail), null, 2)}\n`
      : requestReport(detail, timeZone, terminalOf(process.stdout, process.env)),
  );
  return 0;
}

const POLL_MILLISECONDS = 500;
const BEFORE = 10;

/** Until the process is ended: the last few, then each as it is written. */
async function follow(ledger: LedgerQueries, filter: Filter, isJson: boolean, timeZone: string): Promise<number> {
  const terminal = terminalOf(process.stdout, process.env);
  const now = Date.now();
  let { position } = await ledger.after({ position: null, filter });
  const recent = await ledger.requests({ from: 0, to: now + 1, filter, limit: BEFORE });
  let isFirst = true;
  const print = (items: readonly RequestSummary[]): void => {
    if (items.length === 0) return;
    if (isJson) {
      process.stdout.write(items.map((item) => `${JSON.stringify(summaryOf(item))}\n`).join(''));
    } else {
      const text = requestsTable(items, timeZone, terminal, true);
      process.stdout.write(isFirst ? text : text.slice(text.indexOf('\n') + 1));
    }
    isFirst = false;
  };
  print(recent.items.toReversed());
  for (;;) {
    const page = await ledger.after({ position, filter });
    position = page.position;
    print(page.items);
    if (!page.more) await Bun.sleep(POLL_MILLISECONDS);
  }
}
