import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../conformance/free-port.ts';

export interface ServiceOptions {
  readonly name: string;
  /** `{port}` stands for the port that the service gets. */
  readonly command: readonly string[];
  /** A path that answers 200 once the service is ready. */
  readonly readyPath: string;
  readonly environment?: Readonly<Record<string, string>>;
}

/** The processes of one run. Whatever happens, `stop` ends them all, with the processes that they started. */
export class Services {
  readonly #folder: string;
  readonly #running: Bun.Subprocess[] = [];

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Starts a service and returns its base URL once it answers. Throws with the end of its log when it does not. */
  async start({ name, command, readyPath, environment = {} }: ServiceOptions): Promise<string> {
    const port = await freePort();
    const logFile = join(this.#folder, `${name}.log`);
    const child = Bun.spawn(
      command.map((word) => word.replace('{port}', String(port))),
      {
        cwd: this.#folder,
        env: { ...process.env, ...environment },
        stdout: 'pipe',
        stderr: 'pipe',
        detached: true,
      },
    );
    this.#running.push(child);
    const log = createWriteStream(logFile);
    for (const stream of [child.stdout, child.stderr]) void keep(stream, log);
    const url = `http://127.0.0.1:${port}`;
    const deadline = Date.now() + 120_000;
    while (child.exitCode === null && Date.now() < deadline) {
      const answer = await fetch(url + readyPath).catch(() => null);
      if (answer?.ok) return url;
      await Bun.sleep(100);
    }
    throw new Error(`${name} did not start:\n${(await Bun.file(logFile).text()).slice(-3000)}`);
  }

  async stop(): Promise<void> {
    await Promise.all(this.#running.splice(0).map(endGroup));
  }
}

async function keep(stream: ReadableStream<Uint8Array>, log: NodeJS.WritableStream): Promise<void> {
  for await (const chunk of stream) log.write(chunk);
}

async function endGroup(child: Bun.Subprocess): Promise<void> {
  signal(child.pid, 'SIGTERM');
  await Promise.race([child.exited, Bun.sleep(5_000)]);
  signal(child.pid, 'SIGKILL');
  await child.exited;
}

/** Signals the whole process group: model servers and gunicorn have workers of their own. */
function signal(leader: number, name: NodeJS.Signals): void {
  try {
    process.kill(-leader, name);
  } catch {
    // The group has ended already.
  }
}
