import { bundledCatalog, type Catalog } from '../catalog/catalog.ts';
import { catalogInForce } from '../catalog/stored-catalog.ts';
import { LedgerUnavailable } from '../storage/database/database.ts';
import { openDatabase } from '../storage/database/open-database.ts';

/** The catalog that a gateway on this database uses; the bundled one where there is no database yet. */
export async function currentCatalog(database: string | null): Promise<Catalog> {
  if (database === null) return bundledCatalog();
  try {
    const opened = openDatabase({ database, readOnly: true });
    try {
      return await catalogInForce(opened);
    } finally {
      await opened.close();
    }
  } catch (error) {
    if (!(error instanceof LedgerUnavailable)) throw error;
    process.stderr.write(`The database does not answer, so the bundled catalog is shown: ${error.message}\n`);
    return bundledCatalog();
  }
}
