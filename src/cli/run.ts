import { VERSION } from '../core/version.ts';
import { surviveLostOutput } from '../server/lost-output.ts';
import { UsageError } from './arguments.ts';

const HELP = `Sluice ${VERSION}: one secure endpoint in front of every model provider.

Usage: sluice COMMAND [OPTIONS]

Commands:
  start           Start the gateway.
  gateway start   The same, as MLflow spells it.
  check FILE      Check a configuration file and show every problem.
  usage           Sum up requests: tokens, cost, errors, times.
  requests        List requests, follow them, or show one.
  prices          Show what models cost, update it, price past requests again.
  ledger          Show what the ledger holds; check that its sums are right.
  audit           Check the audit trail, list it, or export it.

Options:
  --version       Show the version.
  -h, --help      Show this text; after a command, its options.

Examples:
  sluice start --config-path config.yaml --port 5000
  sluice check config.yaml
  sluice usage --config-path config.yaml --since 7d --by model,user
`;

interface Command {
  readonly words: readonly string[];
  /** Loaded when it is called, so that one command does not pay for the others. */
  run(words: readonly string[]): Promise<number>;
}

const COMMANDS: readonly Command[] = [
  { words: ['gateway', 'start'], run: async (words) => (await import('./start.ts')).runStart(words) },
  // MLflow's name for it until 2.9.
  { words: ['deployments', 'start-server'], run: async (words) => (await import('./start.ts')).runStart(words) },
  { words: ['start'], run: async (words) => (await import('./start.ts')).runStart(words) },
  { words: ['check'], run: async (words) => (await import('./check.ts')).runCheck(words) },
  { words: ['usage'], run: async (words) => (await import('./usage.ts')).runUsage(words) },
  { words: ['prices'], run: async (words) => (await import('./prices.ts')).runPrices(words) },
  { words: ['ledger'], run: async (words) => (await import('./ledger.ts')).runLedger(words) },
  { words: ['audit'], run: async (words) => (await import('./audit.ts')).runAudit(words) },
  { words: ['requests'], run: async (words) => (await import('./requests.ts')).runRequests(words) },
];

/** Failures that have nothing to do with the program. */
const ABOUT_THE_DATABASE = new Set([
  'LedgerUnavailable',
  'DatabaseTooNew',
  'DatabaseTooOld',
  'DatabaseNotReady',
  'QueryRefused',
]);

/** Runs a command line and returns the exit code: 0 for success, 1 for a failure, 2 for a mistake in the words. */
export async function run(words: readonly string[]): Promise<number> {
  surviveLostOutput();
  const first = words[0];
  if (first === '--version' || first === 'version') {
    process.stdout.write(`sluice ${VERSION}\n`);
    return 0;
  }
  const command = COMMANDS.find((candidate) => candidate.words.every((word, index) => words[index] === word));
  if (!command) {
    const asksForHelp =
      first === undefined || first === '--help' || first === '-h' || first === 'help' || first === 'gateway';
    if (asksForHelp) process.stdout.write(HELP);
    else process.stderr.write(`Error: No such command '${first}'.\n\n${HELP}`);
    return asksForHelp ? 0 : 2;
  }
  try {
    return await command.run(words.slice(command.words.length));
  } catch (error) {
    if (error instanceof Error && ABOUT_THE_DATABASE.has(error.name)) {
      process.stderr.write(`Error: ${error.message}\n`);
      return 1;
    }
    if (!(error instanceof UsageError)) throw error;
    const name = command.words.join(' ');
    process.stderr.write(
      `Usage: sluice ${name} [OPTIONS]\nTry 'sluice ${name} --help' for help.\n\nError: ${error.message}\n`,
    );
    return 2;
  }
}
