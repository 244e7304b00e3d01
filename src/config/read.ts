import { homedir } from 'node:os';
import { resolve } from 'node:path';
import { ConfigError, notYaml } from './problem.ts';
import { readRegularFile, UnreadableFileError } from './regular-file.ts';

/** Thousands of endpoints fit; a larger file is something else. */
const MAX_CONFIG_FILE = 16 * 1024 * 1024;

/** MLflow's reading of a path: `~` is the home directory, and the result is absolute. */
export function resolveConfigPath(path: string): string {
  return resolve(path === '~' || path.startsWith('~/') ? homedir() + path.slice(1) : path);
}

/** The absolute path and the text of a configuration file. Throws a ConfigError when there is none to read. */
export async function readConfig(path: string): Promise<{ readonly path: string; readonly text: string }> {
  const absolute = resolveConfigPath(path);
  const bytes = await readConfigFile(absolute).catch((error: unknown) => {
    if (!(error instanceof UnreadableFileError)) throw error;
    if (error.code === 'ENOENT') throw new ConfigError(`${absolute} does not exist`, [], { missing: true });
    throw unreadable(absolute, `it cannot be read: ${error.reason}`);
  });
  const text = decodeText(bytes);
  if (text === null) throw unreadable(absolute, 'it is not encoded as UTF-8');
  return { path: absolute, text };
}

/** The bytes of a configuration file. Throws an UnreadableFileError. */
export function readConfigFile(path: string): Promise<Buffer> {
  return readRegularFile(path, MAX_CONFIG_FILE);
}

/** Text of UTF-8 bytes with or without a byte order mark, or null when they are something else. */
export function decodeText(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}

function unreadable(path: string, hint: string): ConfigError {
  const message = notYaml(path);
  const nowhere = { line: 0, column: 0, path: [], excerpt: null, caret: 0 };
  return new ConfigError(message, [{ severity: 'error', message, hint, ...nowhere }]);
}
