import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { ApiError } from '../admin/api-error.ts';
import { parseFilter } from '../admin/parameters/filter.ts';
import { FilterError } from '../admin/parameters/filter-lexer.ts';
import { createKeyResolver } from '../config/keys.ts';
import { compileLedger, DATABASE_VARIABLE, parseDatabase } from '../config/ledger.ts';
import type { DatabaseSettings, LedgerSettings } from '../config/ledger-types.ts';
import type { Finding } from '../config/problem.ts';
import { readConfig } from '../config/read.ts';
import { parseYaml } from '../config/yaml.ts';
import { isJsonObject } from '../core/types.ts';
import type { Filter } from '../storage/filter.ts';
import { openLedgerForReading } from '../storage/ledger-database.ts';
import type { LedgerQueries } from '../storage/ledger-queries.ts';
import { type Flag, type FlagValues, UsageError } from './arguments.ts';

/** Where the ledger is. */
export const DATABASE_FLAGS: readonly Flag[] = [
  {
    name: 'config-path',
    type: 'string',
    placeholder: 'PATH',
    help: 'The configuration file, which says where the ledger is.',
    environment: 'MLFLOW_GATEWAY_CONFIG',
  },
  {
    name: 'database-url',
    type: 'string',
    placeholder: 'URL',
    help: 'The ledger itself: a file, or postgres://…',
    environment: DATABASE_VARIABLE,
  },
];

const DEFAULT_FILE = 'sluice.db';

/** The database that a command is about. Throws a UsageError. */
export async function databaseOf(
  values: FlagValues,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<string> {
  const url = values['database-url'];
  if (typeof url === 'string') return nameOf(parseDatabase(url, process.cwd()), '--database-url');
  const path = values['config-path'];
  if (typeof path === 'string') return nameOf((await configured(path, environment))?.database ?? null, path);
  if (existsSync(DEFAULT_FILE)) return resolve(DEFAULT_FILE);
  throw new UsageError("Missing option '--config-path' or '--database-url'.");
}

/** The folder of the journals; null where nothing tells it. */
export async function journalOf(
  values: FlagValues,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<string | null> {
  const url = values['database-url'];
  const asked = typeof url === 'string' ? { ...environment, [DATABASE_VARIABLE]: url } : environment;
  const path = values['config-path'];
  if (typeof path === 'string') return (await configured(path, asked))?.journal.folder ?? null;
  // Beside a file; a PostgreSQL has none beside it.
  const beside = compileLedger({}, resolve(DEFAULT_FILE), createKeyResolver(asked), []);
  return beside?.database.kind === 'sqlite' ? beside.journal.folder : null;
}

/** Only the ledger's part counts: the keys of providers need not be there. */
async function configured(
  configPath: string,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<LedgerSettings | null> {
  const findings: Finding[] = [];
  try {
    const { path, text } = await readConfig(configPath);
    const file = parseYaml(text).root?.value;
    const raw = isJsonObject(file) ? file.ledger : undefined;
    return compileLedger(raw, path, createKeyResolver(environment), findings);
  } catch (error) {
    throw new UsageError(
      `Invalid value for '--config-path': ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

function nameOf(database: DatabaseSettings | null, origin: string): string {
  switch (database?.kind) {
    case 'sqlite':
      if (!existsSync(database.path)) {
        const hint = isWritable(dirname(database.path)) ? '' : ' This user may not write there.';
        throw new UsageError(
          `There is no ledger at ${database.path} yet: it begins with the gateway's first request.${hint}`,
        );
      }
      if (statSync(database.path).isDirectory()) throw new UsageError(`${database.path} is a folder, and no ledger.`);
      return database.path;
    case 'postgres':
      return database.url.expose();
    case 'memory':
      throw new UsageError('The ledger is in the memory of the gateway; ask its management API, /api/v1.');
    case 'off':
      throw new UsageError(`The ledger is off (${origin}).`);
    default:
      throw new UsageError(`${origin} names no database: a file, or postgres://user:password@host/name.`);
  }
}

function isWritable(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** Opens the ledger for reading, beside a gateway that runs or without one. */
export async function withLedger<Result>(
  database: string,
  use: (ledger: LedgerQueries) => Promise<Result>,
): Promise<Result> {
  const { queries, close } = await openLedgerForReading({ database });
  try {
    return await use(queries);
  } finally {
    await close();
  }
}

/** The words of a command line as one query. Throws a UsageError that shows the term at fault. */
export function filterOf(words: readonly string[]): Filter {
  // The shell has taken the quotes of a text with spaces.
  const query = words.map((word) => (/\s/.test(word) && !/[":]/.test(word) ? `"${word}"` : word)).join(' ');
  try {
    return parseFilter(query);
  } catch (error) {
    if (!(error instanceof FilterError)) throw error;
    const marks = '^'.repeat(Math.max(1, Math.min(error.end, query.length) - error.start));
    throw new UsageError(`${error.message}\n\n  ${query}\n  ${' '.repeat(error.start)}${marks}\n\n${error.hint}`);
  }
}

/** What the parameters of the API complain about, in the words of a command line. */
export function inWordsOfFlags<Result>(names: Readonly<Record<string, string>>, run: () => Result): Result {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    const { field = '', hint } = error.options;
    const flag = Object.hasOwn(names, field) ? `Invalid value for '--${names[field]}': ` : '';
    throw new UsageError(`${flag}${error.message}${hint ? ` (${hint})` : ''}`);
  }
}

/** `30d` as people say it is `-30d` of the API. */
export function pastTime(text: string): string {
  return /^\d{1,6}[smhdwMy]$/.test(text) ? `-${text}` : text;
}

export const systemTimeZone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone;
