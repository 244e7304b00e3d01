import { parseArgs } from 'node:util';

export interface Flag {
  readonly name: string;
  readonly type: 'string' | 'boolean';
  readonly placeholder?: string;
  readonly help: string;
  /** An environment variable that gives the value when the flag does not. */
  readonly environment?: string;
}

/** Words on the command line that make no sense. */
export class UsageError extends Error {}

export type FlagValues = Readonly<Record<string, string | boolean | undefined>>;

export function parseFlags(
  words: readonly string[],
  flags: readonly Flag[],
  environment: Readonly<Record<string, string | undefined>>,
): { values: FlagValues; positionals: string[] } {
  const options = Object.fromEntries(flags.map(({ name, type }) => [name, { type }]));
  let parsed: { values: Record<string, string | boolean | undefined>; positionals: string[] };
  try {
    parsed = parseArgs({
      args: joinNegatives(words, options),
      options: { ...options, help: { type: 'boolean', short: 'h' } },
      allowPositionals: true,
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? firstSentence(error.message) : String(error));
  }
  const values = { ...parsed.values };
  for (const { name, environment: variable } of flags) {
    if (values[name] === undefined && variable && environment[variable]) values[name] = environment[variable];
  }
  return { values, positionals: parsed.positionals };
}

/** `--port -1` is a wrong port, and not, as the parser would have it, perhaps a flag named 1. */
function joinNegatives(words: readonly string[], options: Readonly<Record<string, { type: Flag['type'] }>>): string[] {
  const joined: string[] = [];
  for (const word of words) {
    const flag = joined.at(-1);
    if (/^-\d/.test(word) && flag?.startsWith('--') && options[flag.slice(2)]?.type === 'string') {
      joined[joined.length - 1] = `${flag}=${word}`;
    } else {
      joined.push(word);
    }
  }
  return joined;
}

function firstSentence(text: string): string {
  return text.split(/\.\s/)[0] ?? text;
}

export function wholeNumber(name: string, value: string, lowest: number, highest: number): number {
  const number = Number(value);
  if (!/^\d+$/.test(value) || number < lowest || number > highest) {
    throw new UsageError(
      `Invalid value for '--${name}': '${value}' is not a whole number from ${lowest} to ${highest}.`,
    );
  }
  return number;
}

export function oneOf<T extends string>(name: string, value: string, allowed: readonly T[]): T {
  const found = allowed.find((candidate) => candidate === value.toLowerCase());
  if (!found) throw new UsageError(`Invalid value for '--${name}': '${value}' is not one of ${allowed.join(', ')}.`);
  return found;
}

export function flagTable(flags: readonly Flag[]): string {
  const rows: Array<readonly [string, string]> = flags.map(({ name, placeholder, help, environment }) => [
    `  --${name}${placeholder ? ` ${placeholder}` : ''}`,
    environment ? `${help} [env: ${environment}]` : help,
  ]);
  rows.push(['  -h, --help', 'Show this text.']);
  const width = Math.max(...rows.map(([left]) => left.length)) + 2;
  return rows.map(([left, help]) => `${left.padEnd(width)}${help}`).join('\n');
}
