import { readRange } from '../admin/parameters/query.ts';
import { openDatabase } from '../storage/database/open-database.ts';
import { LedgerDatabase } from '../storage/ledger-database.ts';
import { requireSchema } from '../storage/migrations/migrate.ts';
import { type Flag, type FlagValues, flagTable, parseFlags, UsageError } from './arguments.ts';
import { DATABASE_FLAGS, databaseOf, inWordsOfFlags, journalOf, pastTime, systemTimeZone } from './ledger-access.ts';
import { checkText, differingFigures, statusText } from './ledger-report.ts';
import { countWaiting } from './ledger-waiting.ts';
import { terminalOf } from './terminal/table.ts';

const FLAGS: readonly Flag[] = [
  {
    name: 'from',
    type: 'string',
    placeholder: 'TIME',
    help: 'verify: from when on: 30d, 24h, 2026-01-31 (default: the beginning).',
  },
  { name: 'to', type: 'string', placeholder: 'TIME', help: 'verify: until when (default: now).' },
  { name: 'json', type: 'boolean', help: 'As JSON.' },
  ...DATABASE_FLAGS,
];

const HELP = `Usage: sluice ledger COMMAND [OPTIONS]

Looks after the ledger itself, and changes nothing. The gateway may run or not.

Commands:
  status          What is in it: rows, bytes, the oldest of each, and what still waits in the journal.
  verify          Add up the rows anew and compare that with the roll-ups, figure by figure.

Options:
${flagTable(FLAGS)}

verify compares whole days of UTC that the range touches. It ends with 1 where a roll-up is not what its rows add up to.

Examples:
  sluice ledger status --config-path config.yaml
  sluice ledger verify --config-path config.yaml --from 7d
`;

type Command = (ledger: LedgerDatabase, values: FlagValues) => Promise<number>;

const COMMANDS: Readonly<Record<string, Command>> = { status, verify };

/** `sluice ledger`. Returns the exit code: 1 for roll-ups that are not the sums of their rows. */
export async function runLedger(words: readonly string[]): Promise<number> {
  const { values, positionals } = parseFlags(words, FLAGS, process.env);
  const [command, ...rest] = positionals;
  if (values.help || command === undefined) {
    process.stdout.write(HELP);
    return 0;
  }
  const run = COMMANDS[command];
  if (!run || !Object.hasOwn(COMMANDS, command)) throw new UsageError(`No such command 'ledger ${command}'.`);
  if (rest[0] !== undefined) throw new UsageError(`Got unexpected extra argument (${rest[0]})`);
  const ledger = new LedgerDatabase(openDatabase({ database: await databaseOf(values, process.env), readOnly: true }));
  try {
    await requireSchema(ledger.database);
    return await run(ledger, values);
  } finally {
    await ledger.close();
  }
}

async function status(ledger: LedgerDatabase, values: FlagValues): Promise<number> {
  const place = await journalOf(values, process.env);
  const waiting = place === null ? null : countWaiting(place, await ledger.positions());
  const stats = await ledger.queries.stats();
  const { schemaVersion, tables, ...rest } = stats;
  const dated = tables.map((table) => ({
    ...table,
    oldest: table.oldest === null ? null : new Date(table.oldest).toISOString(),
  }));
  process.stdout.write(
    values.json
      ? `${JSON.stringify({ ...rest, schema_version: schemaVersion, waiting, tables: dated }, null, 2)}\n`
      : statusText(stats, waiting, systemTimeZone(), terminalOf(process.stdout, process.env)),
  );
  return 0;
}

async function verify(ledger: LedgerDatabase, values: FlagValues): Promise<number> {
  const range = inWordsOfFlags({ from: 'from', to: 'to' }, () =>
    readRange(
      { from: pastTime(String(values.from ?? '0')), to: pastTime(String(values.to ?? 'now')), tz: systemTimeZone() },
      Date.now(),
    ),
  );
  const check = await ledger.verify(range);
  const isEqual = check.differences.length === 0;
  if (values.json) {
    const { requests, compared, differences } = check;
    const figures = differences.flatMap(differingFigures);
    process.stdout.write(`${JSON.stringify({ equal: isEqual, requests, compared, differences: figures }, null, 2)}\n`);
  } else {
    (isEqual ? process.stdout : process.stderr).write(checkText(check));
  }
  return isEqual ? 0 : 1;
}
