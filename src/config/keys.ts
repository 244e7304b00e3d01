import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { z } from 'zod';
import { Secret } from '../core/secret.ts';
import { readRegularFileNow, UnreadableFileError } from './regular-file.ts';
import { mostSimilar } from './similar.ts';
import type { Environment } from './types.ts';

/**
 * Where keys come from while one configuration file is loaded. Nothing else in the process resolves references, so a
 * value that reaches the gateway by another way than the operator's file is never expanded.
 */
export interface KeyResolver {
  readonly environment: Environment;
  /** Content of the key files that were looked for, by absolute path; empty for those that could not be read. */
  readonly files: Map<string, string>;
  /** Keys that look like paths of files that are not there. */
  readonly missing: Set<string>;
}

export function createKeyResolver(environment: Environment): KeyResolver {
  return { environment, files: new Map(), missing: new Set() };
}

/**
 * Set only while `withKeyResolver` runs, which is synchronous: provider schemas can so be constants, though what they
 * make of a text depends on the environment that the loader was given.
 */
let current: KeyResolver | null = null;

/** Runs a schema whose key fields resolve with `resolver`. */
export function withKeyResolver<Result>(resolver: KeyResolver, run: () => Result): Result {
  const outer = current;
  current = resolver;
  try {
    return run();
  } finally {
    current = outer;
  }
}

const NOT_TEXT =
  'The api key provided is not a string. Please provide either an environment variable key, a path to a file ' +
  'containing the api key, or the api key itself';

const NOT_FOR_HEADER = {
  message: 'The api key contains characters that cannot be sent in an HTTP header',
  hint: 'look for line breaks, control characters or typographic quotes in it',
};

type Resolution = { readonly value: string } | { readonly message: string; readonly hint: string };

/**
 * An API key: `$NAME` or `${NAME}` of an environment variable, the path of a file, or the key itself. `writeOnly` in
 * its JSON Schema marks the value as one that must not be shown.
 */
export function apiKey() {
  return z
    .string({ error: (issue) => (issue.input === undefined ? undefined : NOT_TEXT) })
    .meta({ writeOnly: true })
    .transform((text, context) => {
      const resolution = resolveKey(text, resolver());
      if (!('value' in resolution)) return refuse(resolution, context);
      if (!fitsHeader(resolution.value)) return refuse(NOT_FOR_HEADER, context);
      return new Secret(resolution.value);
    });
}

/** Text that may be `$NAME` or `${NAME}` of an environment variable, and is not secret. */
export function expandable() {
  return z.string().transform((text, context) => {
    const resolution = expand(text, resolver().environment);
    return 'value' in resolution ? resolution.value : refuse(resolution, context);
  });
}

function resolver(): KeyResolver {
  if (!current) throw new Error('Keys are resolved only while a configuration file is loaded');
  return current;
}

function refuse(problem: { message: string; hint: string }, context: z.RefinementCtx): never {
  context.addIssue({ code: 'custom', message: problem.message, params: { hint: problem.hint } });
  return z.NEVER;
}

/** Field values are visible Latin-1 characters, spaces and tabs. https://www.rfc-editor.org/rfc/rfc9110#section-5.5 */
function fitsHeader(value: string): boolean {
  return /^[\t\x20-\x7e\x80-\xff]*$/.test(value);
}

const PATH = /^(?:~|\.{1,2})?\/[\w./-]+$/;

function resolveKey(text: string, { environment, files, missing }: KeyResolver): Resolution {
  if (text.startsWith('$')) return readVariable(text, environment);
  const content = readKeyFile(text, files);
  if (!content && PATH.test(text)) {
    missing.add(text);
    // It may come later, as secrets that are mounted do.
    files.set(resolve(text), '');
  }
  return content ?? { value: text };
}

const REFERENCE = /^\$(?:([A-Za-z_]\w*)|\{([A-Za-z_]\w*)\})$/;

/** The name in `$NAME` or `${NAME}`, or null when the text is not a reference of that form. */
export function referencedVariable(text: string): string | null {
  const match = REFERENCE.exec(text);
  return match?.[1] ?? match?.[2] ?? null;
}

function expand(text: string, environment: Environment): Resolution {
  return referencedVariable(text) === null ? { value: text } : readVariable(text, environment);
}

function readVariable(text: string, environment: Environment): Resolution {
  const name = referencedVariable(text) ?? text.slice(1);
  const value = environment[name];
  // `export KEY="$(cat key; echo)"` and secrets mounted by orchestrators often end in a line break.
  if (value) return { value: withoutLineEnd(value) };
  if (referencedVariable(text) === null) {
    // This may be a key that happens to begin with `$`, so it is not repeated.
    const hint = 'a value that begins with `$` names an environment variable; put a key that begins with `$` in a file';
    return { message: "Environment variable '***' is not set", hint };
  }
  // One that is set, but empty, is no better than this one.
  const similar = mostSimilar(
    name,
    Object.keys(environment).filter((other) => environment[other]),
  );
  const hint = similar
    ? `did you mean '${similar}', which is set?`
    : `set it before the start, for example: export ${name}='<value>'`;
  return { message: `Environment variable '${name}' is not set`, hint };
}

/** Longer than any credential; a larger file is something else. */
export const MAX_KEY_FILE = 64 * 1024;

/** Null when the text is not the path of an existing regular file. */
function readKeyFile(text: string, files: Map<string, string>): Resolution | null {
  if (text === '' || !isRegularFile(text)) return null;
  try {
    const value = withoutLineEnd(readWatched(text, files).replace(/^\ufeff/, ''));
    if (value.trim() !== '') return { value };
    return { message: `The api key file '${text}' is empty`, hint: 'write the key into it' };
  } catch (error) {
    if (!(error instanceof UnreadableFileError)) throw error;
    const message = `The api key file '${text}' cannot be read: ${error.reason}`;
    return { message, hint: 'it must hold nothing but the key, and this user must be able to read it' };
  }
}

/** Notes the file for `files` even when nothing good is in it: that may change. */
function readWatched(path: string, files: Map<string, string>): string {
  const absolute = resolve(path);
  files.set(absolute, '');
  const content = readRegularFileNow(absolute, MAX_KEY_FILE).toString('utf8');
  files.set(absolute, content);
  return content;
}

/**
 * The text of a file of credentials that a provider's schema names. A change of it reloads the configuration, as that of
 * a key file does. Throws an UnreadableFileError.
 */
export function readCredentialsFile(path: string): string {
  return readWatched(path, resolver().files);
}

function isRegularFile(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
  } catch {
    // Too long for a name, or a character that no name can have: then it is the key itself.
    return false;
  }
}

function withoutLineEnd(value: string): string {
  return value.replace(/[\r\n]+$/, '');
}
