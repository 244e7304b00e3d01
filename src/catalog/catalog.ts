import type { ModelInfo } from '../core/ledger/price-table.ts';
import { type CatalogFile, readModel } from './catalog-file.ts';
import { modelNames } from './model-names.ts';

/** Where a catalog came from, and when. */
export interface CatalogOrigin {
  readonly kind: 'bundled' | 'refreshed';
  readonly date: string;
}

export interface CatalogEntry {
  readonly table: string;
  readonly name: string;
  readonly model: ModelInfo;
}

/** Models and their prices, looked up by the names that providers use. */
export class Catalog {
  readonly origin: CatalogOrigin;
  readonly file: CatalogFile;

  constructor(file: CatalogFile, kind: CatalogOrigin['kind']) {
    this.file = file;
    this.origin = { kind, date: file.date };
  }

  /** The first of the names that one of the tables has; exact ones go before those that leave something out. */
  find(tables: readonly string[], names: readonly string[]): CatalogEntry | null {
    const candidates = names.map(modelNames);
    const longest = Math.max(0, ...candidates.map(({ length }) => length));
    for (const table of tables) {
      const models = Object.hasOwn(this.file.models, table) ? this.file.models[table] : undefined;
      if (!models) continue;
      for (let index = 0; index < longest; index++) {
        for (const list of candidates) {
          const name = list[index];
          const model = name !== undefined && Object.hasOwn(models, name) ? models[name] : undefined;
          if (name !== undefined && model) return { table, name, model: readModel(this.file, model) };
        }
      }
    }
    return null;
  }

  /** Every model, table by table. */
  *entries(): Generator<CatalogEntry> {
    for (const [table, models] of Object.entries(this.file.models)) {
      for (const [name, model] of Object.entries(models)) yield { table, name, model: readModel(this.file, model) };
    }
  }
}

let bundled: Promise<Catalog> | undefined;

/** The catalog that came with the program, read when it is first asked for. */
export function bundledCatalog(): Promise<Catalog> {
  bundled ??= import('./data/catalog.json', { with: { type: 'json' } }).then(
    ({ default: file }) => new Catalog(file as unknown as CatalogFile, 'bundled'),
  );
  return bundled;
}
