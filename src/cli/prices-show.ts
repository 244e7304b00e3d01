import type { Catalog, CatalogEntry } from '../catalog/catalog.ts';
import { flatPrices, pricesAt } from '../catalog/compare.ts';
import { type Flag, flagTable, parseFlags, UsageError } from './arguments.ts';
import { currentCatalog } from './prices-catalog.ts';
import { alignedRows, PLACE_FLAGS, type PricesPlace, pricesPlace } from './prices-options.ts';

const FLAGS: readonly Flag[] = [
  ...PLACE_FLAGS,
  { name: 'provider', type: 'string', placeholder: 'NAME', help: 'Only models of this vendor.' },
  { name: 'json', type: 'boolean', help: 'Prints JSON.' },
];

const HELP = `Usage: sluice prices show [MODEL] [OPTIONS]

The prices of models, in US dollars for a million; with a MODEL, of all whose name holds it.

Options:
${flagTable(FLAGS)}
`;

/** With more models than this, only their names are listed. */
const MOST_IN_FULL = 12;

export async function runShow(words: readonly string[]): Promise<number> {
  const { values, positionals } = parseFlags(words, FLAGS, process.env);
  if (values.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const [name, extra] = positionals;
  if (extra !== undefined) throw new UsageError(`Got unexpected extra argument (${extra})`);
  const place = await pricesPlace(values);
  const catalog = await currentCatalog(place.database);
  const text = name?.toLowerCase() ?? '';
  const found = [...catalog.entries()].filter(
    (entry) =>
      `${entry.table}/${entry.name}`.toLowerCase().includes(text) &&
      (values.provider === undefined || entry.table === values.provider),
  );
  if (values.json) process.stdout.write(`${JSON.stringify(asJson(catalog, found), null, 2)}\n`);
  else if (name === undefined && values.provider === undefined) process.stdout.write(summary(catalog, place));
  else process.stdout.write(listing(found, text));
  return found.length > 0 ? 0 : 1;
}

function summary(catalog: Catalog, { overrides }: PricesPlace): string {
  const { origin, file } = catalog;
  const sources = file.sources.map(({ name, version, url, licence }) => [`  ${name}`, version, licence, url]);
  const tables = Object.entries(file.models).map(([table, models]) => [
    `  ${table}`,
    String(Object.keys(models).length),
  ]);
  return (
    `The ${origin.kind} catalog of ${origin.date}\n\nSources:\n${alignedRows(sources)}\n\n` +
    `Models by vendor:\n${alignedRows(tables, [1])}\n\n` +
    `Prices of the configuration: ${overrides.length}\n`
  );
}

function listing(found: readonly CatalogEntry[], text: string): string {
  if (found.length === 0) return 'No model of that name has a price in the catalog.\n';
  const exact = found.filter(({ table, name }) => name.toLowerCase() === text || `${table}/${name}` === text);
  const shown = exact.length > 0 ? exact : found;
  if (shown.length <= MOST_IN_FULL) return shown.map(inFull).join('\n');
  return `${shown.map(({ table, name }) => `${table}/${name}`).join('\n')}\n`;
}

function inFull({ table, name, model }: CatalogEntry): string {
  const facts = [
    model.context ? `context ${model.context.toLocaleString('en')}` : '',
    model.maxOutput ? `output ${model.maxOutput.toLocaleString('en')}` : '',
    ...model.capabilities,
    model.retired ? `until ${model.retired}` : '',
  ].filter(Boolean);
  const versions = model.versions.map(({ from, hours, table: prices }) => {
    const rows = flatPrices(prices).map(({ tier, above, kind, perMillion }) => [
      `  ${kind}`,
      `$${perMillion}`,
      tier === 'standard' ? '' : tier,
      above === null ? '' : `above ${above.toLocaleString('en')} tokens`,
    ]);
    const since = from === null ? '' : `  from ${from}`;
    const when = `${since}${hours ? '  at quiet hours' : ''}`;
    return `${when && `${when.trim()}:\n`}${alignedRows(rows, [1])}\n`;
  });
  return `${table}/${name}${facts.length > 0 ? `  (${facts.join(', ')})` : ''}\n${versions.join('')}`;
}

function asJson(catalog: Catalog, found: readonly CatalogEntry[]): unknown {
  const now = Date.now();
  return {
    catalog: catalog.origin,
    sources: catalog.file.sources,
    currency: 'USD',
    models: found.map(({ table, name, model }) => ({
      provider: table,
      model: name,
      context_window: model.context ?? null,
      max_output: model.maxOutput ?? null,
      capabilities: model.capabilities,
      retired: model.retired ?? null,
      prices: pricesAt(model.versions, now).map(({ kind, perMillion, tier, above }) => ({
        kind,
        per_million: perMillion,
        tier,
        above,
      })),
    })),
  };
}
