import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JsonObject } from '../../src/core/types.ts';

const ROOT = join(import.meta.dir, '..', '..');

/** Sluice as a process of its own. */
export interface GatewayProcess {
  readonly url: string;
  readonly port: number;
  readonly configPath: string;
  readonly process: Bun.Subprocess<'ignore', 'pipe', 'pipe'>;
  /** Everything written to standard error, once the process has ended. */
  readonly log: Promise<string>;
  /** Ends it however it hangs. */
  kill(): Promise<void>;
}

export interface ProcessOptions {
  readonly config: JsonObject;
  readonly arguments?: readonly string[];
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** What to run before `start`; the source by default. */
  readonly command?: readonly string[];
  /** To lie beside the configuration: texts by name. */
  readonly files?: Readonly<Record<string, string>>;
}

export const FROM_SOURCE = [process.execPath, '--no-env-file', join(ROOT, 'src', 'main.ts')];

/** Starts a gateway on a free port and waits until it says that it listens. Throws with its output when it ends before. */
export async function startProcess(options: ProcessOptions): Promise<GatewayProcess> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-process-'));
  const configPath = join(folder, 'config.yaml');
  // Most tests look at nothing of the ledger.
  writeFileSync(configPath, JSON.stringify({ ledger: { database: 'off' }, ...options.config }));
  for (const [name, text] of Object.entries(options.files ?? {})) writeFileSync(join(folder, name), text);
  const words = ['start', '--config-path', configPath, '--port', '0', ...(options.arguments ?? [])];
  const child = Bun.spawn([...(options.command ?? FROM_SOURCE), ...words], {
    cwd: folder,
    env: { ...process.env, ...options.environment },
    stdin: 'ignore',
    stdout: 'pipe',
    stderr: 'pipe',
  });
  const log = new Response(child.stderr).text();
  const kill = async () => {
    child.kill('SIGKILL');
    await child.exited;
    rmSync(folder, { recursive: true, force: true });
  };
  const port = await readPort(child.stdout);
  if (port !== null) return { url: `http://127.0.0.1:${port}`, port, configPath, process: child, log, kill };
  await kill();
  throw new Error(`The gateway did not start:\n${await log}`);
}

/** From the first line, `Sluice listens on http://127.0.0.1:5000 …`. */
async function readPort(output: ReadableStream<Uint8Array>): Promise<number | null> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const bytes of output) {
    text += decoder.decode(bytes, { stream: true });
    const port = /listens on http:\/\/\S+:(\d+) /.exec(text)?.[1];
    if (port !== undefined) return Number(port);
  }
  return null;
}
