import { createKeyResolver } from '../config/keys.ts';
import { compileLedger, DATABASE_VARIABLE, parseDatabase } from '../config/ledger.ts';
import type { DatabaseSettings } from '../config/ledger-types.ts';
import { place } from '../config/place.ts';
import type { PriceOverride } from '../config/price-types.ts';
import { compilePrices } from '../config/prices.ts';
import { ConfigError, type Finding, summarize } from '../config/problem.ts';
import { readConfig } from '../config/read.ts';
import { parseYaml, YamlSyntaxError } from '../config/yaml.ts';
import { isJsonObject } from '../core/types.ts';
import { type Flag, type FlagValues, UsageError } from './arguments.ts';

export const PLACE_FLAGS: readonly Flag[] = [
  {
    name: 'config-path',
    type: 'string',
    placeholder: 'PATH',
    help: 'The gateway’s configuration file, for its prices and its database.',
    environment: 'MLFLOW_GATEWAY_CONFIG',
  },
  {
    name: 'database-url',
    type: 'string',
    placeholder: 'URL',
    help: 'The ledger’s database, when it is not the one of the configuration.',
    environment: DATABASE_VARIABLE,
  },
];

/** What a command about prices works with. */
export interface PricesPlace {
  /** A path, or a URL of PostgreSQL; null where nothing names one. */
  readonly database: string | null;
  readonly overrides: readonly PriceOverride[];
}

/** Reads of a configuration what concerns prices, so that none of its keys needs to be there. */
export async function pricesPlace(values: FlagValues): Promise<PricesPlace> {
  const url = values['database-url'];
  const named = typeof url === 'string' ? parseDatabase(url, process.cwd()) : null;
  if (typeof url === 'string' && named === null) {
    throw new UsageError(`Invalid value for '--database-url': a file, or postgres://user:password@host/name.`);
  }
  const path = values['config-path'];
  if (typeof path !== 'string') return { database: databaseName(named), overrides: [] };
  const { database, overrides } = await readParts(path);
  return { database: databaseName(named ?? database), overrides };
}

async function readParts(path: string): Promise<{ database: DatabaseSettings; overrides: readonly PriceOverride[] }> {
  try {
    const file = await readConfig(path);
    const source = parseYaml(file.text);
    const root = isJsonObject(source.root?.value) ? source.root.value : {};
    const findings: Finding[] = [];
    const overrides = compilePrices(root.prices, findings);
    const ledger = compileLedger(root.ledger, file.path, createKeyResolver(process.env), findings);
    if (overrides && ledger) return { database: ledger.database, overrides };
    const problems = findings.map((finding) => place(finding, source, new Set()));
    throw new ConfigError(summarize(findings), problems);
  } catch (error) {
    if (error instanceof YamlSyntaxError) throw new UsageError(`Invalid value for '--config-path': ${error.reason}`);
    if (!(error instanceof ConfigError)) throw error;
    const [problem] = error.problems;
    const at = problem && problem.line > 0 ? ` (line ${problem.line})` : '';
    throw new UsageError(`Invalid value for '--config-path': ${problem?.message ?? error.summary}${at}`);
  }
}

function databaseName(database: DatabaseSettings | null): string | null {
  if (database?.kind === 'sqlite') return database.path;
  return database?.kind === 'postgres' ? database.url.expose() : null;
}

/** For commands that need the database. */
export function requireDatabase({ database }: PricesPlace): string {
  if (database !== null) return database;
  throw new UsageError("There is no database: give '--config-path' or '--database-url'.");
}

/** Rows with their columns aligned; the ones named are numbers, which end at the same place. */
export function alignedRows(rows: ReadonlyArray<readonly string[]>, numbers: readonly number[] = []): string {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [index, cell] of row.entries()) widths[index] = Math.max(widths[index] ?? 0, cell.length);
  }
  const line = (row: readonly string[]) =>
    row
      .map((cell, index) =>
        numbers.includes(index) ? cell.padStart(widths[index] ?? 0) : cell.padEnd(widths[index] ?? 0),
      )
      .join('  ')
      .trimEnd();
  return rows.map(line).join('\n');
}
