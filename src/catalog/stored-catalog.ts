import type { Database, Queryable } from '../storage/database/database.ts';
import { readSetting, writeSetting } from '../storage/settings.ts';
import { bundledCatalog, Catalog } from './catalog.ts';
import type { CatalogFile } from './catalog-file.ts';

/** Its name among the settings in the database. */
export const CATALOG_SETTING = 'price_catalog';

/** The catalog in force: the one that was downloaded into the database, unless the bundled one is newer. */
export async function catalogInForce(reader: Queryable | null): Promise<Catalog> {
  const bundled = await bundledCatalog();
  const text = reader === null ? null : await readSetting(reader, CATALOG_SETTING);
  if (text === null) return bundled;
  const date = /^\{"format":1,"date":"([\d-]+)"/.exec(text)?.[1];
  if (date === undefined || date < bundled.origin.date) return bundled;
  // Few have one, and what it is checked with takes megabytes.
  const { checkCatalog } = await import('./catalog-check.ts');
  return new Catalog(checkCatalog(JSON.parse(text)), 'refreshed');
}

/** Keeps a catalog for all nodes on the database. */
export async function storeCatalog(database: Database, file: CatalogFile): Promise<void> {
  const { format, date, ...rest } = file;
  await database.transaction((transaction) =>
    writeSetting(transaction, CATALOG_SETTING, JSON.stringify({ format, date, ...rest })),
  );
}
