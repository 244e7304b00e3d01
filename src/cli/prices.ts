import { UsageError } from './arguments.ts';

export const PRICES_HELP = `Usage: sluice prices COMMAND [OPTIONS]

What models cost, and where the figures are from.

Commands:
  show [MODEL]   The catalog, or the prices of models whose name holds MODEL.
  diff           What a newer catalog changes; with --reported, how our costs differ from what providers reported.
  update         Downloads the published prices into the ledger’s database.
  reprice        Prices past requests again, and keeps what they cost before.

'sluice prices COMMAND --help' shows the options.

Examples:
  sluice prices show gpt-5
  sluice prices update --config-path config.yaml
  sluice prices reprice --config-path config.yaml --from 2026-11-01 --dry-run
`;

type Command = (words: readonly string[]) => Promise<number>;

const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  show: async () => (await import('./prices-show.ts')).runShow,
  diff: async () => (await import('./prices-diff.ts')).runDiff,
  update: async () => (await import('./prices-update.ts')).runUpdate,
  reprice: async () => (await import('./prices-reprice.ts')).runReprice,
};

/** `sluice prices`. Returns the exit code. */
export async function runPrices(words: readonly string[]): Promise<number> {
  const [name, ...rest] = words;
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    process.stdout.write(PRICES_HELP);
    return 0;
  }
  const load = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (!load) throw new UsageError(`No such command '${name}'.`);
  const command = await load();
  return command(rest);
}
