import { readRange } from '../admin/parameters/query.ts';
import type { AuditCheck, AuditHead } from '../core/audit/audit-chain.ts';
import type { AuditQueries } from '../storage/audit/audit-queries.ts';
import { openLedgerForReading } from '../storage/ledger-database.ts';
import { type Flag, type FlagValues, flagTable, parseFlags, UsageError, wholeNumber } from './arguments.ts';
import { auditTable } from './audit-table.ts';
import { DATABASE_FLAGS, databaseOf, inWordsOfFlags, pastTime, systemTimeZone } from './ledger-access.ts';
import { formatCount } from './terminal/format.ts';
import { terminalOf } from './terminal/table.ts';

const FLAGS: readonly Flag[] = [
  {
    name: 'since',
    type: 'string',
    placeholder: 'TIME',
    help: 'list: from when on: 30d, 24h, 2026-01-31 (default: 30d).',
  },
  { name: 'until', type: 'string', placeholder: 'TIME', help: 'list: until when (default: now).' },
  { name: 'action', type: 'string', placeholder: 'NAME', help: 'list: only this action, for example signin.fail.' },
  { name: 'actor', type: 'string', placeholder: 'NAME', help: 'list: only what this one did.' },
  { name: 'outcome', type: 'string', placeholder: 'NAME', help: 'list: only ok, denied or failed.' },
  { name: 'limit', type: 'string', placeholder: 'NUMBER', help: 'list: so many entries (default: 50).' },
  { name: 'json', type: 'boolean', help: 'list, verify: as JSON.' },
  {
    name: 'anchor',
    type: 'string',
    placeholder: 'SEQ:HASH',
    help: 'verify: an entry that was noted elsewhere, as verify prints it.',
  },
  ...DATABASE_FLAGS,
];

const HELP = `Usage: sluice audit COMMAND [OPTIONS]

The audit trail: what administrators did, and who was refused. The gateway may run or not.

Commands:
  verify          Check every entry, every link between them, and the end.
  list            The newest entries.
  export          The whole trail as lines of JSON, each with its hash.

Options:
${flagTable(FLAGS)}

Whoever can write to the database can write a trail anew, with right hashes. Note what verify prints as the last entry
somewhere else, and give it to the next verify as --anchor.

Examples:
  sluice audit verify --config-path config.yaml
  sluice audit verify --anchor 1204:9af3…
  sluice audit list --since 7d --action payload.view
  sluice audit export > audit.jsonl
`;

/** `sluice audit`. Returns the exit code: 1 for a trail that was tampered with. */
export async function runAudit(words: readonly string[]): Promise<number> {
  const { values, positionals } = parseFlags(words, FLAGS, process.env);
  const [command, ...rest] = positionals;
  if (values.help || command === undefined) {
    process.stdout.write(HELP);
    return 0;
  }
  const run = COMMANDS[command];
  if (!run || !Object.hasOwn(COMMANDS, command)) throw new UsageError(`No such command 'audit ${command}'.`);
  if (rest[0] !== undefined) throw new UsageError(`Got unexpected extra argument (${rest[0]})`);
  const { audit, close } = await openLedgerForReading({ database: await databaseOf(values, process.env) });
  try {
    return await run(audit, values);
  } finally {
    await close();
  }
}

type Command = (audit: AuditQueries, values: FlagValues) => Promise<number>;

const COMMANDS: Readonly<Record<string, Command>> = { verify, list, export: exportAll };

async function verify(audit: AuditQueries, values: FlagValues): Promise<number> {
  const anchor = values.anchor === undefined ? null : readAnchor(String(values.anchor));
  let step = await audit.auditCheck({ anchor });
  while (!step.isOver) step = await audit.auditCheck({ check: step.check, anchor });
  const { check } = step;
  if (values.json) process.stdout.write(`${JSON.stringify({ intact: check.fault === null, ...check })}\n`);
  else if (check.fault === null) process.stdout.write(intact(check, anchor));
  else process.stderr.write(broken(check));
  return check.fault === null ? 0 : 1;
}

function intact({ entries, head }: AuditCheck, anchor: AuditHead | null): string {
  const anchored = anchor === null ? '' : `, entry ${anchor.sequence} as it was noted`;
  return `Chain intact: ${formatCount(entries)} entries${anchored}.\nLast entry: ${head.sequence}:${head.hash}\n`;
}

function broken({ entries, fault }: AuditCheck): string {
  return `Broken at entry ${fault?.sequence}: ${fault?.problem}. Looked at ${formatCount(entries)} entries.\n`;
}

function readAnchor(text: string): AuditHead {
  const [, sequence, hash] = /^(\d{1,15}):([0-9a-f]{64})$/.exec(text.trim()) ?? [];
  if (sequence !== undefined && hash !== undefined) return { sequence: Number(sequence), hash };
  throw new UsageError("Invalid value for '--anchor': write it as verify prints it, 12:9af3….");
}

async function list(audit: AuditQueries, values: FlagValues): Promise<number> {
  const text = (name: string): string | null => (values[name] === undefined ? null : String(values[name]));
  const range = inWordsOfFlags({ from: 'since', to: 'until' }, () =>
    readRange(
      { from: pastTime(text('since') ?? '30d'), to: pastTime(text('until') ?? 'now'), tz: systemTimeZone() },
      Date.now(),
    ),
  );
  const entries = await audit.auditList({
    ...range,
    action: text('action'),
    actor: text('actor'),
    outcome: text('outcome'),
    before: null,
    limit: wholeNumber('limit', text('limit') ?? '50', 1, 1000),
  });
  if (values.json) process.stdout.write(entries.map((entry) => `${JSON.stringify(entry)}\n`).join(''));
  else process.stdout.write(auditTable(entries, systemTimeZone(), terminalOf(process.stdout, process.env)));
  return 0;
}

const ROWS_AT_ONCE = 500;

async function exportAll(audit: AuditQueries): Promise<number> {
  let rows = await audit.auditRows({ after: 0, limit: ROWS_AT_ONCE });
  for (let last = rows.at(-1); last !== undefined; last = rows.at(-1)) {
    await Bun.write(Bun.stdout, rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
    rows = await audit.auditRows({ after: last.sequence, limit: ROWS_AT_ONCE });
  }
  return 0;
}
