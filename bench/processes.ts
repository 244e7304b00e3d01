import { closeSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Which cores a process may use: the gateway has one, load and upstreams share another. */
export const GATEWAY_CORE = '0';
export const LOAD_CORE = '1';
export const BOTH_CORES = '0,1';

export interface ProcessOptions {
  readonly name: string;
  readonly command: readonly string[];
  readonly cores: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly folder?: string;
  /** The process is ready when this URL gives any HTTP answer. */
  readonly readyUrl: string;
}

const TICKS_PER_SECOND = Number(Bun.spawnSync(['getconf', 'CLK_TCK']).stdout.toString()) || 100;
const LOGS = mkdtempSync(join(tmpdir(), 'sluice-bench-'));
process.once('exit', () => rmSync(LOGS, { recursive: true, force: true }));

/** A pinned process that leads a session of its own, so that everything it starts is measured and ended with it. */
export class MeasuredProcess {
  readonly name: string;
  readonly #child: Bun.Subprocess;
  /** From the start of the process to its first HTTP answer. */
  readonly startSeconds: number;

  private constructor(name: string, child: Bun.Subprocess, startSeconds: number) {
    this.name = name;
    this.#child = child;
    this.startSeconds = startSeconds;
    running.add(this);
  }

  static async start(options: ProcessOptions): Promise<MeasuredProcess> {
    const { name, command, cores, environment = {}, folder, readyUrl } = options;
    const logFile = join(LOGS, `${name.replaceAll(/\W+/g, '-')}.log`);
    const log = openSync(logFile, 'w');
    const began = performance.now();
    const child = Bun.spawn(['taskset', '-c', cores, ...command], {
      env: { ...process.env, ...environment },
      stdout: log,
      stderr: log,
      detached: true,
      ...(folder === undefined ? {} : { cwd: folder }),
    });
    closeSync(log);
    const deadline = began + 120_000;
    while (!(await answers(readyUrl))) {
      if (child.exitCode === null && performance.now() < deadline) await Bun.sleep(2);
      else {
        signal(child.pid, 'SIGKILL');
        throw new Error(`${name} did not start:\n${readFileSync(logFile, 'utf8').slice(-2000)}`);
      }
    }
    return new MeasuredProcess(name, child, (performance.now() - began) / 1000);
  }

  /** CPU time of the whole session so far, user and system, in seconds. */
  cpuSeconds(): number {
    return this.#session().reduce((sum, { ticks }) => sum + ticks, 0) / TICKS_PER_SECOND;
  }

  /** CPU seconds so far of each thread of the session, by the thread's id: a worker may be a process or a thread. */
  cpuByThread(): Map<string, number> {
    const threads = this.#session().flatMap(({ pid }) => list(`/proc/${pid}/task`).map((id) => ({ pid, id })));
    return new Map(threads.map(({ pid, id }) => [id, cpuTicks(`/proc/${pid}/task/${id}/stat`) / TICKS_PER_SECOND]));
  }

  /** Resident memory in megabytes, pages shared between processes counted by their share (PSS). */
  memoryMegabytes(): number {
    const kilobytes = this.#session().map(({ pid }) => {
      const proportional = /^Pss:\s+(\d+)/m.exec(read(`/proc/${pid}/smaps_rollup`));
      return Number(proportional?.[1] ?? 0);
    });
    return kilobytes.reduce((sum, size) => sum + size, 0) / 1024;
  }

  async stop(): Promise<void> {
    running.delete(this);
    signal(this.#child.pid, 'SIGTERM');
    await Promise.race([this.#child.exited, Bun.sleep(3_000)]);
    signal(this.#child.pid, 'SIGKILL');
    await this.#child.exited;
  }

  #session(): { pid: string; ticks: number }[] {
    const found: { pid: string; ticks: number }[] = [];
    for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
      const file = `/proc/${pid}/stat`;
      if (Number(statFields(file)[3]) === this.#child.pid) found.push({ pid, ticks: cpuTicks(file) });
    }
    return found;
  }
}

const running = new Set<MeasuredProcess>();

/** Ends every process that this benchmark started. */
export async function stopEverything(): Promise<void> {
  await Promise.all([...running].map((measured) => measured.stop()));
}

async function answers(url: string): Promise<boolean> {
  return await fetch(url, { proxy: '', signal: AbortSignal.timeout(1_000) }).then(
    () => true,
    () => false,
  );
}

/** The fields after the name in brackets, which may hold spaces: state, parent, group, session… (proc(5)). */
function statFields(path: string): string[] {
  const stat = read(path);
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}

/** User and system time. */
function cpuTicks(path: string): number {
  const fields = statFields(path);
  return Number(fields[11] ?? 0) + Number(fields[12] ?? 0);
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** Empty when the process has ended meanwhile. */
function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function signal(leader: number, name: NodeJS.Signals): void {
  try {
    process.kill(-leader, name);
  } catch {
    // The session has ended already.
  }
}
