import { bundledCatalog, Catalog } from '../catalog/catalog.ts';
import { compareCatalogs, type PriceChange } from '../catalog/compare.ts';
import { type CostDrift, costDrift } from '../catalog/drift.ts';
import { fetchPrices, newCatalog } from '../catalog/refresh.ts';
import { formatDollars } from '../core/ledger/money.ts';
import { openLedgerForReading } from '../storage/ledger-database.ts';
import { type Flag, flagTable, parseFlags } from './arguments.ts';
import { currentCatalog } from './prices-catalog.ts';
import { alignedRows, PLACE_FLAGS, pricesPlace, requireDatabase } from './prices-options.ts';
import { dayOf, timeOf } from './prices-time.ts';

const DAYS = 30;
const DAY = 86_400_000;

const FLAGS: readonly Flag[] = [
  ...PLACE_FLAGS,
  { name: 'from', type: 'string', placeholder: 'PLACE', help: 'Compare with the catalog of this file or URL.' },
  { name: 'reported', type: 'boolean', help: 'Compare our costs with what providers reported.' },
  {
    name: 'since',
    type: 'string',
    placeholder: 'DAY',
    help: `With --reported: from this day on (default: ${DAYS} days ago).`,
  },
  { name: 'json', type: 'boolean', help: 'Prints JSON.' },
];

const HELP = `Usage: sluice prices diff [OPTIONS]

What the downloaded catalog changes against the bundled one, or a file or URL against the catalog in force.

Options:
${flagTable(FLAGS)}
`;

export async function runDiff(words: readonly string[]): Promise<number> {
  const { values } = parseFlags(words, FLAGS, process.env);
  if (values.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const place = await pricesPlace(values);
  const now = Date.now();
  if (values.reported) {
    const from = typeof values.since === 'string' ? timeOf('since', values.since) : now - DAYS * DAY;
    return printDrift(requireDatabase(place), { from, to: now }, values.json === true);
  }
  const current = await currentCatalog(place.database);
  const other = typeof values.from === 'string' ? values.from : null;
  const [before, after] =
    other === null ? [await bundledCatalog(), current] : [current, await catalogOf(other, current)];
  // Changed prices hold from the day of the catalog on.
  const time = Math.max(now, Date.parse(after.origin.date) + DAY);
  const changes = [...compareCatalogs(before, after, time)];
  if (values.json)
    process.stdout.write(`${JSON.stringify({ from: before.origin, to: after.origin, changes }, null, 2)}\n`);
  else process.stdout.write(changesText(before, after, changes));
  return 0;
}

async function catalogOf(from: string, current: Catalog): Promise<Catalog> {
  return new Catalog(
    newCatalog(await fetchPrices(from, { environment: process.env }), from, current.file, dayOf(Date.now())),
    'refreshed',
  );
}

export function changesText(before: Catalog, after: Catalog, changes: readonly PriceChange[]): string {
  const title = `The ${before.origin.kind} catalog of ${before.origin.date}, and the ${after.origin.kind} one of ${after.origin.date}`;
  if (changes.length === 0) return `${title}: no price differs.\n`;
  const rows = changes.map(({ table, model, price, before: old, after: fresh }) => {
    const what =
      price === null ? 'model' : [price.kind, price.tier === 'standard' ? '' : price.tier].filter(Boolean).join(' ');
    const above = price?.above ? ` above ${price.above.toLocaleString('en')}` : '';
    return [`${table}/${model}`, what + above, old ?? '–', '→', fresh ?? '–'];
  });
  return `${title}:\n\n${alignedRows(rows, [2, 4])}\n`;
}

async function printDrift(database: string, range: { from: number; to: number }, json: boolean): Promise<number> {
  const { queries, close } = await openLedgerForReading({ database });
  try {
    const drifts = await costDrift(queries, range);
    if (json) {
      const figures = drifts.map((drift) => ({
        ...drift,
        ours: formatDollars(drift.ours),
        reported: formatDollars(drift.reported),
      }));
      process.stdout.write(`${JSON.stringify({ ...range, currency: 'USD', models: figures }, null, 2)}\n`);
    } else process.stdout.write(driftText(drifts));
    return 0;
  } finally {
    await close();
  }
}

function driftText(drifts: readonly CostDrift[]): string {
  if (drifts.length === 0) return 'No provider reported a cost.\n';
  const rows = drifts.map(({ provider, model, requests, ours, reported, unpriced }) => [
    `${provider}/${model}`,
    String(requests),
    `$${formatDollars(ours)}`,
    `$${formatDollars(reported)}`,
    percent(ours, reported),
    unpriced > 0 ? `${unpriced} without our price` : '',
  ]);
  return `${alignedRows([['model', 'requests', 'ours', 'reported', 'difference', ''], ...rows], [1, 2, 3, 4])}\n`;
}

/** How much ours is above what was reported. */
function percent(ours: bigint, reported: bigint): string {
  if (reported === 0n) return ours === 0n ? '0 %' : '–';
  const permyriad = Number(((ours - reported) * 10_000n) / reported);
  return `${permyriad > 0 ? '+' : ''}${permyriad / 100} %`;
}
