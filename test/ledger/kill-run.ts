import { join } from 'node:path';
import { openaiEndpoint } from '../support/gateway.ts';
import { GatewayFolder, startLedgerGateway } from './gateways.ts';
import { readKept } from './kept.ts';
import { type Asked, Load, startUpstream } from './load.ts';

export interface KillOptions {
  readonly kills: number;
  readonly perSecond: number;
  /** How long each gateway lives at most, in milliseconds. */
  readonly longestLife: number;
  /** What to run before `start`; the source by default. */
  readonly command?: readonly string[];
  /** What to add to it, such as `--workers 2`. */
  readonly arguments?: readonly string[];
}

/** What clients got, beside what the ledger has. */
export interface KillResult {
  readonly asked: number;
  readonly complete: number;
  /** Ids of answers that a client has and the ledger has not. */
  readonly missing: readonly string[];
  readonly repeated: readonly string[];
  /** Requests of the ledger whose answer no client has whole, although no gateway was killed under it. */
  readonly unexplained: readonly string[];
  /** Requests of the ledger that were answered in the moment in which the gateway was killed. */
  readonly cut: number;
  readonly rows: number;
  readonly counted: number;
}

/** Kills a gateway under load, at random, and starts it anew on the same ledger, so many times. */
export async function killUnderLoad(options: KillOptions): Promise<KillResult> {
  const folder = new GatewayFolder();
  const upstream = startUpstream();
  let url: string | null = null;
  const load = new Load(() => url, { perSecond: options.perSecond });
  try {
    const configPath = folder.write('config.yaml', { endpoints: [openaiEndpoint('chat', 'chat', upstream.base)] });
    const cut = new Set<Asked>();
    for (let kill = 0; kill <= options.kills; kill++) {
      const gateway = await startLedgerGateway(configPath, options);
      url = gateway.url;
      await Bun.sleep(Math.random() * options.longestLife);
      url = null;
      if (kill === options.kills) {
        await load.stop();
        await gateway.stop();
      } else {
        await gateway.kill();
        for (const asked of load.asked.slice(-1000)) if (asked.id === null) cut.add(asked);
      }
    }
    return await compare(load, cut, join(folder.path, 'sluice.db'));
  } finally {
    await load.stop();
    upstream.stop();
    folder.remove();
  }
}

async function compare(load: Load, cut: ReadonlySet<Asked>, database: string): Promise<KillResult> {
  const { names, repeated, counted } = await readKept(database);
  const { complete } = load;
  const answered = new Set(complete);
  const cutNames = new Set([...cut].map(({ name }) => name));
  const others = [...names].filter(([id]) => !answered.has(id));
  return {
    asked: load.asked.length,
    complete: complete.length,
    missing: complete.filter((id) => !names.has(id)),
    repeated: [...repeated, ...complete.filter((id, index) => complete.indexOf(id) !== index)],
    unexplained: others.filter(([, name]) => name === null || !cutNames.has(name)).map(([id]) => id),
    cut: others.length,
    rows: names.size,
    counted,
  };
}
