import { join } from 'node:path';
import { freePort } from './free-port.ts';

const ROOT = join(import.meta.dir, '..', '..');

/** Sluice as a process of its own, run from its source. */
export interface GatewayProcess {
  readonly url: string;
  stop(): Promise<void>;
}

export interface GatewayOptions {
  readonly configPath: string;
  readonly environment?: Readonly<Record<string, string>>;
}

/** Starts the gateway and waits until it answers. Throws with its output when it ends or stays silent. */
export async function startGateway({ configPath, environment = {} }: GatewayOptions): Promise<GatewayProcess> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const command = [process.execPath, 'src/main.ts', 'start', '--config-path', configPath, '--port', String(port)];
  const child = Bun.spawn([...command, '--workers', '1'], {
    cwd: ROOT,
    env: { ...process.env, ...environment },
    stdout: 'pipe',
    stderr: 'pipe',
    // A process group of its own, so that a worker never outlives the test.
    detached: true,
  });
  const output = Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()]);
  const stop = async (): Promise<void> => {
    signalGroup(child.pid, 'SIGTERM');
    await Promise.race([child.exited, Bun.sleep(5_000)]);
    signalGroup(child.pid, 'SIGKILL');
    await child.exited;
  };
  const started = await answers(`${url}/health`, () => child.exitCode === null);
  if (started) return { url, stop };
  await stop();
  throw new Error(`The gateway did not start:\n${(await output).join('')}`);
}

function signalGroup(leader: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-leader, signal);
  } catch {
    // The group has ended already.
  }
}

/** Waits until a URL answers with success; false when the process has ended or 20 seconds have gone. */
async function answers(url: string, running: () => boolean): Promise<boolean> {
  const deadline = Date.now() + 20_000;
  while (running() && Date.now() < deadline) {
    const response = await fetch(url, { proxy: '' }).catch(() => null);
    if (response?.ok) return true;
    await Bun.sleep(20);
  }
  return false;
}
