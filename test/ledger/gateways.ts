import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JsonObject } from '../../src/core/types.ts';
import { FROM_SOURCE } from '../support/gateway-process.ts';

/** A gateway as a process of its own, whose ledger outlives it. */
export interface LedgerGateway {
  readonly url: string;
  readonly process: Bun.Subprocess<'ignore', 'pipe', 'inherit'>;
  /** As a signal ends it: what was written is taken over. */
  stop(): Promise<void>;
  kill(): Promise<void>;
}

/** A folder for gateways, removed at the end. */
export class GatewayFolder {
  readonly path = mkdtempSync(join(tmpdir(), 'sluice-ledger-'));

  write(name: string, config: JsonObject): string {
    const path = join(this.path, name);
    writeFileSync(path, JSON.stringify(config));
    return path;
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

/** Starts one and waits until it listens. */
export async function startLedgerGateway(
  configPath: string,
  options: { readonly command?: readonly string[]; readonly arguments?: readonly string[] } = {},
): Promise<LedgerGateway> {
  const command = [...(options.command ?? FROM_SOURCE), 'start', '--config-path', configPath, '--port', '0'];
  const child = Bun.spawn([...command, '--log-level', 'error', ...(options.arguments ?? [])], {
    stdin: 'ignore',
    stdout: 'pipe',
    stderr: 'inherit',
  });
  const end = async (signal: NodeJS.Signals) => {
    child.kill(signal);
    await child.exited;
  };
  const url = await readUrl(child.stdout);
  return { url, process: child, stop: () => end('SIGTERM'), kill: () => end('SIGKILL') };
}

async function readUrl(output: ReadableStream<Uint8Array>): Promise<string> {
  const reader = output.getReader();
  const decoder = new TextDecoder();
  let text = '';
  for (;;) {
    const { done, value } = await reader.read();
    if (done) throw new Error(`The gateway did not start:\n${text}`);
    text += decoder.decode(value, { stream: true });
    const url = /listens on (http:\/\/\S+) /.exec(text)?.[1];
    if (url !== undefined) return url;
  }
}
