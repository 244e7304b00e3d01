import { dirname, join, resolve } from 'node:path';
import { Secret } from '../core/secret.ts';
import { type KeyResolver, withKeyResolver } from './keys.ts';
import { ledgerSchema } from './ledger-schema.ts';
import type { DatabaseSettings, JournalSettings, LedgerSettings } from './ledger-types.ts';
import { type Finding, ruleError } from './problem.ts';
import { compileRetention } from './retention.ts';
import { validate } from './validation.ts';

/** The environment variable that takes the place of `ledger.database`; `--database-url` sets it. */
export const DATABASE_VARIABLE = 'SLUICE_DATABASE_URL';

const DEFAULT_DATABASE = 'sluice.db';
const JOURNAL = 'sluice-journal';
const JOURNAL_LIMIT = 2 ** 30;

/** `path` is the configuration file's: what it names lies beside it. */
export function compileLedger(
  raw: unknown,
  path: string,
  keys: KeyResolver,
  findings: Finding[],
): LedgerSettings | null {
  const result = withKeyResolver(keys, () => validate(ledgerSchema, raw ?? {}, ['ledger']));
  findings.push(...result.findings);
  if (result.value === undefined) return null;
  const { database: named, journal, journal_limit: limit, price_refresh: refresh, retention } = result.value;
  const database = databaseOf(named ?? null, dirname(path), keys.environment[DATABASE_VARIABLE]);
  if (database === null) {
    const message = 'The ledger’s database is no path, and no URL that is known';
    findings.push(
      ruleError(['ledger', 'database'], message, 'a file, :memory:, off, or postgres://user:password@host/name'),
    );
    return null;
  }
  return {
    database,
    journal: journalOf(database, journal ?? null, limit ?? JOURNAL_LIMIT, dirname(path)),
    refreshesPrices: refresh === 'daily',
    retention: compileRetention(retention),
  };
}

/** What the environment names is relative to the current folder, as on any command line. */
function databaseOf(named: string | null, beside: string, variable: string | undefined): DatabaseSettings | null {
  if (variable) return parseDatabase(variable, process.cwd());
  if (named !== null) return parseDatabase(named, beside);
  return { kind: 'sqlite', path: join(beside, DEFAULT_DATABASE), isDefault: true };
}

/** Null for what is no database. Paths are relative to `beside`. */
export function parseDatabase(text: string, beside: string): DatabaseSettings | null {
  if (text === 'off') return { kind: 'off' };
  if (text === ':memory:') return { kind: 'memory' };
  if (/^postgres(?:ql)?:\/\//i.test(text)) return { kind: 'postgres', url: new Secret(text) };
  const path = text.replace(/^(?:sqlite|file):(?:\/\/)?/i, '');
  if (path === '' || /^[a-z][\w+.-]+:/i.test(path)) return null;
  return { kind: 'sqlite', path: resolve(beside, path), isDefault: false };
}

function journalOf(database: DatabaseSettings, named: string | null, limit: number, beside: string): JournalSettings {
  if (named !== null) return { folder: resolve(beside, named), isDefault: false, limit };
  if (database.kind === 'off' || database.kind === 'memory') return { folder: null, isDefault: true, limit };
  const place = database.kind === 'sqlite' ? dirname(database.path) : beside;
  return { folder: join(place, JOURNAL), isDefault: true, limit };
}
