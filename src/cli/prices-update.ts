import { Catalog } from '../catalog/catalog.ts';
import { compareCatalogs } from '../catalog/compare.ts';
import { fetchPrices, newCatalog, PUBLISHED_PRICES } from '../catalog/refresh.ts';
import { catalogInForce, storeCatalog } from '../catalog/stored-catalog.ts';
import { openLedger } from '../storage/ledger-database.ts';
import { EgressError } from '../upstream/egress/egress-error.ts';
import { type Flag, flagTable, parseFlags } from './arguments.ts';
import { auditPrices } from './prices-audit.ts';
import { changesText } from './prices-diff.ts';
import { PLACE_FLAGS, pricesPlace, requireDatabase } from './prices-options.ts';
import { dayOf } from './prices-time.ts';

const FLAGS: readonly Flag[] = [
  ...PLACE_FLAGS,
  {
    name: 'from',
    type: 'string',
    placeholder: 'PLACE',
    help: 'A file or URL with a catalog (default: the published prices).',
  },
];

const HELP = `Usage: sluice prices update [OPTIONS]

Downloads the published prices into the ledger’s database, for every gateway on it. What has changed holds from today on;
what requests cost before stays. Without a network, --from takes a file.

Options:
${flagTable(FLAGS)}
`;

const DAY = 86_400_000;

export async function runUpdate(words: readonly string[]): Promise<number> {
  const { values } = parseFlags(words, FLAGS, process.env);
  if (values.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const database = requireDatabase(await pricesPlace(values));
  const from = typeof values.from === 'string' ? values.from : PUBLISHED_PRICES;
  let text: string;
  try {
    text = await fetchPrices(from, { environment: process.env });
  } catch (error) {
    return explain(from, error);
  }
  const ledger = openLedger({ database });
  try {
    await ledger.prepare();
    const before = await catalogInForce(ledger.database);
    let after: Catalog;
    try {
      after = new Catalog(newCatalog(text, from, before.file, dayOf(Date.now())), 'refreshed');
    } catch (error) {
      return explain(from, error);
    }
    await storeCatalog(ledger.database, after.file);
    await auditPrices(ledger, 'prices.update', { from, date: after.origin.date });
    const changes = [...compareCatalogs(before, after, Date.now() + DAY)];
    process.stdout.write(changesText(before, after, changes));
    return 0;
  } finally {
    await ledger.close();
  }
}

function explain(from: string, error: unknown): number {
  const reason = error instanceof Error ? error.message : String(error);
  const hint = error instanceof EgressError ? '\nWithout a network: sluice prices update --from FILE' : '';
  process.stderr.write(`Error: the prices of ${from} cannot be had: ${reason}.${hint}\n`);
  return 1;
}
