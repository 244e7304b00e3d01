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
      args: [...words],
      options: { ...options, help: { type: 'boolean', short: 'h' } },
      allowPositionals: true,
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? (error.message.split('. ')[0] ?? error.message) : String(error));
  }
  const values = { ...parsed.values };
  for (const { name, environment: variable } of flags) {
    if (values[name] === undefined && variable && environment[variable]) values[name] = environment[variable];
  }
  return { values, positionals: parsed.positionals };
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
  const rows = flags.map(({ name, placeholder, help, environment }) => {
    const left = `  --${name}${placeholder ? ` ${placeholder}` : ''}`;
    return [left, environment ? `${help} [env: ${environment}]` : help] as const;
  });
  const width = Math.max(...rows.map(([left]) => left.length)) + 2;
  return rows.map(([left, help]) => `${left.padEnd(width)}${help}`).join('\n');
}
