import { Pricer } from '../catalog/pricer.ts';
import { type RepricingSummary, repriceRange } from '../catalog/reprice.ts';
import { catalogInForce } from '../catalog/stored-catalog.ts';
import type { AuditDetails } from '../core/audit/audit-event.ts';
import { formatDollars } from '../core/ledger/money.ts';
import { openLedger } from '../storage/ledger-database.ts';
import type { TimeRange } from '../storage/ledger-queries.ts';
import { type Flag, flagTable, parseFlags, UsageError } from './arguments.ts';
import { auditPrices } from './prices-audit.ts';
import { PLACE_FLAGS, pricesPlace, requireDatabase } from './prices-options.ts';
import { timeOf } from './prices-time.ts';

const FLAGS: readonly Flag[] = [
  ...PLACE_FLAGS,
  { name: 'from', type: 'string', placeholder: 'TIME', help: 'The first requests, for example 2026-11-01. Required.' },
  { name: 'to', type: 'string', placeholder: 'TIME', help: 'Requests before this time (default: now).' },
  {
    name: 'why',
    type: 'string',
    placeholder: 'TEXT',
    help: 'Kept beside the old figures (default: prices corrected).',
  },
  { name: 'dry-run', type: 'boolean', help: 'Only tells what would change.' },
  { name: 'json', type: 'boolean', help: 'Prints JSON.' },
];

const HELP = `Usage: sluice prices reprice --from TIME [OPTIONS]

Prices past requests again, by the catalog and the configuration of today, and with the prices that they give for the time
of each request. What a request cost before is kept; sums and charts follow.

Options:
${flagTable(FLAGS)}
`;

export async function runReprice(words: readonly string[]): Promise<number> {
  const { values } = parseFlags(words, FLAGS, process.env);
  if (values.help) {
    process.stdout.write(HELP);
    return 0;
  }
  if (typeof values.from !== 'string') throw new UsageError("Missing option '--from'.");
  const range = {
    from: timeOf('from', values.from),
    to: typeof values.to === 'string' ? timeOf('to', values.to) : Date.now(),
  };
  const place = await pricesPlace(values);
  const ledger = openLedger({ database: requireDatabase(place) });
  try {
    const why = typeof values.why === 'string' ? values.why : 'prices corrected';
    await ledger.prepare();
    const pricer = new Pricer(await catalogInForce(ledger.database), place.overrides);
    const isDry = values['dry-run'] === true;
    const summary = await repriceRange(
      ledger.queries,
      pricer,
      range,
      isDry ? null : (corrections) => ledger.correctCosts(corrections, why),
    );
    if (summary.changed > 0 && !isDry) await auditPrices(ledger, 'prices.reprice', auditDetails(summary, range, why));
    process.stdout.write(values.json ? asJson(summary, isDry) : asText(summary, isDry));
    return 0;
  } finally {
    await ledger.close();
  }
}

function auditDetails(
  { changed, before, after }: RepricingSummary,
  { from, to }: TimeRange,
  why: string,
): AuditDetails {
  return { from, to, why, changed, before: formatDollars(before), after: formatDollars(after) };
}

function asText({ requests, changed, before, after, priced, unpriced }: RepricingSummary, isDry: boolean): string {
  const lines = [
    `${changed} of ${requests} requests ${isDry ? 'would cost' : 'cost'} something else.`,
    `Together they cost $${formatDollars(before)} before, and $${formatDollars(after)} ${isDry ? 'then' : 'now'}.`,
  ];
  if (priced > 0) lines.push(`${priced} had no price before.`);
  if (unpriced > 0) lines.push(`${unpriced} have no price any more.`);
  return `${changed === 0 ? `None of ${requests} requests costs something else.` : lines.join('\n')}\n`;
}

function asJson({ before, after, ...counts }: RepricingSummary, isDry: boolean): string {
  const figures = { dry_run: isDry, ...counts, before: formatDollars(before), after: formatDollars(after) };
  return `${JSON.stringify(figures, null, 2)}\n`;
}
