import { parseArgs } from 'node:util';
import { loadConfig } from '../config/load.ts';
import { ConfigError, type Problem } from '../config/problem.ts';
import { readConfig } from '../config/read.ts';
import { renderProblems } from '../config/report.ts';
import type { Environment, ProviderRegistry } from '../config/types.ts';
import { providers } from '../providers/index.ts';

const USAGE = `Usage: sluice check [OPTIONS] FILE

  Checks a configuration file: prints every problem that it finds, and starts
  nothing. Environment variables and key files that it names must be there.

Options:
  --format [text|json]  How to print the problems.  [default: text]
  --strict              Treat warnings as errors.
  --help                Show this message and exit.
`;

const VALID = 0;
const INVALID = 2;

/** What a check depends on besides its arguments. */
export interface CheckContext {
  readonly environment: Environment;
  readonly providers: ProviderRegistry;
  readonly colour: boolean;
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
}

const PROCESS: CheckContext = {
  environment: process.env,
  providers,
  colour: process.stdout.isTTY === true && !process.env.NO_COLOR,
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
};

interface Outcome {
  readonly path: string;
  readonly problems: readonly Problem[];
  /** MLflow's message of the first error; null when there is none. */
  readonly summary: string | null;
}

/** `sluice check`. Returns the exit code: 0 for a valid file, 2 for an invalid one or wrong usage. */
export async function runCheck(args: readonly string[], context: CheckContext = PROCESS): Promise<number> {
  const options = readArguments(args);
  if (typeof options === 'string') {
    context.err(`${USAGE}\nError: ${options}\n`);
    return INVALID;
  }
  if (options.help) {
    context.out(USAGE);
    return VALID;
  }
  const outcome = await check(options.file, context);
  const failing = outcome.problems.filter(({ severity }) => severity === 'error' || options.strict);
  const valid = outcome.summary === null && failing.length === 0;
  if (options.json) {
    const { path, problems, summary } = outcome;
    context.out(`${JSON.stringify({ path, valid, summary, problems }, null, 2)}\n`);
  } else {
    const report = renderProblems(outcome.problems, { path: options.file, colour: context.colour });
    context.out(`${report}${report ? '\n' : ''}${closingLine(options.file, outcome, valid)}\n`);
  }
  return valid ? VALID : INVALID;
}

async function check(file: string, { environment, providers: registry }: CheckContext): Promise<Outcome> {
  let path = file;
  try {
    const source = await readConfig(file);
    path = source.path;
    const { warnings } = loadConfig({ ...source, environment, providers: registry });
    return { path, problems: warnings, summary: null };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return { path, problems: error.problems, summary: error.summary };
  }
}

function closingLine(file: string, { problems, summary }: Outcome, valid: boolean): string {
  const count = (severity: Problem['severity'], noun: string) => {
    const number = problems.filter((problem) => problem.severity === severity).length;
    return `${number} ${noun}${number === 1 ? '' : 's'}`;
  };
  const counts = `${count('error', 'error')}, ${count('warning', 'warning')}`;
  if (valid) return `${file}: valid (${counts})`;
  return problems.length > 0 ? `${file}: invalid (${counts})` : `${file}: ${summary}`;
}

interface Options {
  readonly file: string;
  readonly json: boolean;
  readonly strict: boolean;
  readonly help: boolean;
}

/** The options, or what is wrong with them. */
function readArguments(args: readonly string[]): Options | string {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        format: { type: 'string', default: 'text' },
        strict: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    });
    const { format, strict, help } = values;
    if (format !== 'text' && format !== 'json') return `Invalid value for '--format': '${format}' is not text or json.`;
    const [file = '', extra] = positionals;
    if (!help && file === '') return "Missing argument 'FILE'.";
    if (extra !== undefined) return `Got unexpected extra argument (${extra})`;
    return { file, json: format === 'json', strict, help };
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
