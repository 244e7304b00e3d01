import { IS_EXECUTABLE } from '../server/entry-point.ts';
import { proxyConfigured } from '../upstream/proxy-rules.ts';

/** Bun reads it only when it starts. Below it, `fetch`, which the way through a proxy takes, queues all after 256 requests. */
const FETCH_LIMIT = 'BUN_CONFIG_MAX_HTTP_REQUESTS';

/** The most that Bun takes. */
const HIGHEST_LIMIT = '65535';

const FORWARDED = ['SIGTERM', 'SIGINT', 'SIGQUIT', 'SIGHUP', 'SIGUSR1', 'SIGUSR2', 'SIGBREAK'] as const;

/** A terminal sends these to every process in the foreground, so that the child has them already. */
const SENT_BY_TERMINAL: ReadonlySet<string> = new Set(['SIGINT', 'SIGQUIT', 'SIGBREAK']);

/** How much memory the collector believes there is, in bytes: it lets garbage grow in proportion to it. */
const COLLECTOR_MEMORY = 'BUN_JSC_forceRAMSize';

/**
 * The collector of each thread compares the memory of the whole process with it. Measured at full load: with 150 MB both
 * threads collect so often that a chat costs several per cent more CPU, and hardly less memory is used.
 */
const BELIEVED_MEMORY = '250000000';

/**
 * Sets what Bun reads only when it starts. Where nobody has set it (the launcher does), the program starts itself anew:
 * in this process where the system can replace one, so that the process id stays. Where it cannot, a child does the work
 * if a proxy makes the limit matter. Returns the child's exit code once it has ended, or null when this process is the
 * one to go on.
 */
export async function applyRuntimeSettings(environment: NodeJS.ProcessEnv): Promise<number | null> {
  const limitsFetch = proxyConfigured(environment) && !environment[FETCH_LIMIT];
  if (!limitsFetch && environment[COLLECTOR_MEMORY]) return null;
  const raised = { [FETCH_LIMIT]: HIGHEST_LIMIT, [COLLECTOR_MEMORY]: BELIEVED_MEMORY, ...environment };
  const program = IS_EXECUTABLE ? [] : [...process.execArgv, Bun.main];
  const command = [process.execPath, ...program, ...process.argv.slice(2)];
  try {
    // Returns only when it fails, or does not exist, as on Windows.
    if (process.platform !== 'win32') process.execve?.(process.execPath, command, raised);
  } catch {}
  if (!limitsFetch) return null;
  try {
    return await runChild(command, raised);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    process.stderr.write(
      `sluice: at most 256 requests go through the proxy at once; set ${FETCH_LIMIT}. (${reason})\n`,
    );
    return null;
  }
}

async function runChild(command: string[], environment: NodeJS.ProcessEnv): Promise<number> {
  const child = Bun.spawn(command, {
    stdio: ['inherit', 'inherit', 'inherit'],
    // The child ends when this process is killed: it must not stay behind and hold the port.
    env: { ...environment, BUN_FEATURE_FLAG_NO_ORPHANS: '1' },
  });
  const stopForwarding = forwardSignals(child);
  await child.exited;
  stopForwarding();
  // Ends as the child did, so that whoever waits for this process sees the same.
  if (child.signalCode !== null) process.kill(process.pid, child.signalCode);
  return child.exitCode ?? 1;
}

function forwardSignals(child: Bun.Subprocess): () => void {
  const inTerminal = process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY;
  const forwarded = new Map<NodeJS.Signals, () => void>();
  for (const signal of FORWARDED) {
    const forward = () => {
      if (!(inTerminal && SENT_BY_TERMINAL.has(signal))) child.kill(signal);
    };
    try {
      process.on(signal, forward);
      forwarded.set(signal, forward);
    } catch {
      // This platform does not have the signal.
    }
  }
  return () => {
    for (const [signal, forward] of forwarded) process.off(signal, forward);
  };
}
