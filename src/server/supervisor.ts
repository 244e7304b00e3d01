import { loadConfig } from '../config/load.ts';
import { ConfigError, type Problem } from '../config/problem.ts';
import { readConfig } from '../config/read.ts';
import type { GatewayConfig } from '../config/types.ts';
import { type ConfigWatch, watchConfig } from '../config/watch.ts';
import type { AuditNote } from '../core/audit/audit-event.ts';
import { createCounterMemory } from '../policies/limits/counter-table.ts';
import { providers } from '../providers/index.ts';
import { Log, type LogFormat, type LogLevel } from '../telemetry/log.ts';
import { processMetrics } from '../telemetry/process-metrics.ts';
import { configApplied, configRejected, gatewayStarted, gatewayStopped } from './audit-notes.ts';
import { connectionsPerWorker, openFilesLimit } from './connection-bound.ts';
import type { Supervisor } from './gateway-node.ts';
import { LedgerHost } from './ledger-host.ts';
import type { LedgerAnswer } from './ledger-protocol.ts';
import { ListenError } from './listen-error.ts';
import { writeLogLine } from './log-output.ts';
import { type ReloadMetrics, reloadMetrics } from './reload-metrics.ts';
import { startWorker, type WorkerHandle, type WorkerSettings } from './worker-handle.ts';
import { startWorkerThread } from './worker-thread.ts';

export interface GatewayOptions {
  readonly configPath: string;
  readonly hostname: string;
  readonly port: number;
  readonly workers: number;
  readonly log: { readonly level: LogLevel; readonly format: LogFormat };
}

/** A running gateway: the workers, and the configuration that they share. */
export class Gateway {
  readonly log: Log;
  config: GatewayConfig;
  warnings: readonly Problem[];
  readonly port: number;
  readonly #path: string;
  readonly #workers: readonly WorkerHandle[];
  readonly #ledger: LedgerHost | null;
  readonly #reloads: ReloadMetrics;
  readonly #watch: ConfigWatch;
  /** Why the newest configuration is not in force; null when it is. */
  #rejection: string | null = null;
  /** Key files that the newest configuration names, when it is not in force. */
  #filesOfRejected: readonly string[] = [];

  /** Throws a ConfigError when the configuration cannot be used, or an Error when the port cannot. */
  static async start(options: GatewayOptions): Promise<Gateway> {
    const { path, text } = await readConfig(options.configPath);
    const { config, warnings } = loadConfig({ path, text, environment: process.env, providers });
    const metrics = processMetrics();
    const workers: WorkerHandle[] = [];
    const log = new Log({ ...options.log, write: writeLogLine });
    const count = sharedListening(options.workers, log);
    const ledger = LedgerHost.open({ config, workers: count, log, logOptions: options.log });
    const supervisor: Supervisor = {
      collectMetrics: async () => [
        metrics.collect(),
        ...(await Promise.all(workers.map((worker) => worker.collectMetrics()))),
        ...(ledger === null ? [] : [await ledger.collectMetrics()]),
      ],
      toLedger: (message) => ledger?.receive(message),
      askLedger: async (name, question) => (await ledger?.ask(name, question)) ?? NO_LEDGER,
    };
    const maxConnections = connectionsPerWorker(openFilesLimit(), count);
    const settings = (port: number, worker: number): WorkerSettings => ({
      worker,
      journal: ledger?.place ?? null,
      configPath: path,
      configText: text,
      listen: { hostname: options.hostname, port, shared: count > 1, maxConnections },
      limits,
      log: options.log,
    });
    const limits = createCounterMemory();
    let { port } = options;
    if (count > 1) claimPort(options.hostname, port);
    for (let index = 0; index < count; index += 1) {
      const worker =
        count === 1
          ? startWorker(settings(port, index), supervisor)
          : startWorkerThread(settings(port, index), supervisor, (message) => stopAfterCrash(log, message));
      workers.push(worker);
      // The first one settles the port when any free one was asked for.
      port = await worker.listening;
    }
    return new Gateway({ log, config, warnings, port, path, text, workers, ledger, reloads: reloadMetrics(metrics) });
  }

  private constructor(parts: {
    log: Log;
    config: GatewayConfig;
    warnings: readonly Problem[];
    port: number;
    path: string;
    text: string;
    workers: readonly WorkerHandle[];
    ledger: LedgerHost | null;
    reloads: ReloadMetrics;
  }) {
    this.log = parts.log;
    this.config = parts.config;
    this.warnings = parts.warnings;
    this.port = parts.port;
    this.#path = parts.path;
    this.#workers = parts.workers;
    this.#ledger = parts.ledger;
    this.#reloads = parts.reloads;
    this.#note(gatewayStarted(parts.config, parts.workers.length), true);
    this.#watch = watchConfig({
      path: parts.path,
      text: parts.text,
      files: () => [...new Set([...this.config.files, ...this.#filesOfRejected])],
      onChange: (text) => this.#reload(text),
      log: (level, message) => (level === 'warn' ? this.log.warning(message) : this.log.info(message)),
    });
  }

  /** Looks at the configuration and its keys now. */
  async reload(): Promise<void> {
    // Whoever asks gets an answer, though it be the one of before.
    if (this.#rejection !== null) this.#rejection = '';
    this.reopenLogs();
    try {
      const { text } = await readConfig(this.#path);
      this.#reload(text);
    } catch (error) {
      this.#refuse(error);
    }
  }

  /** Log files may have been moved away. */
  reopenLogs(): void {
    this.#ledger?.reopen();
  }

  /** Ends the gateway. Resolves to false when requests had to be cut off at the deadline. */
  async stop(): Promise<boolean> {
    this.#watch.close();
    const { drainDelay, drainTimeout } = this.config.server;
    const end = performance.now() + drainDelay + drainTimeout;
    const times = { delayMs: drainDelay, deadlineMs: drainTimeout };
    const results = await Promise.all(this.#workers.map((worker) => worker.drain(times)));
    // All of them listen until the last has drained, so that the port answers alike however the system spreads it.
    const deadlineMs = Math.max(0, end - performance.now());
    this.#note(gatewayStopped(results.every(Boolean)), true);
    await Promise.all(this.#workers.map((worker) => worker.close(deadlineMs)));
    await this.#ledger?.stop(TAKEOVER_MILLISECONDS);
    return results.every(Boolean);
  }

  /** The trail is written by a worker, which has a journal. */
  #note(event: AuditNote, isQuiet = false): void {
    this.#workers[0]?.note(event, isQuiet);
  }

  #reload(text: string): void {
    try {
      const { config, warnings } = loadConfig({ path: this.#path, text, environment: process.env, providers });
      // The watcher sees a file that was just read for another reason; nothing has changed then.
      if (config.hash === this.config.hash && this.#rejection === null) return;
      for (const worker of this.#workers) worker.apply(text);
      this.#rejection = null;
      this.#filesOfRejected = [];
      const previous = this.config.hash;
      this.config = config;
      this.#ledger?.apply(config);
      this.warnings = warnings;
      this.#reloads.succeeded();
      this.#note(configApplied(previous, config, warnings.length));
      this.log.info('Configuration updated', { endpoints: config.endpoints.length, routes: config.routes.length });
      for (const warning of warnings) this.log.warning(warning.message, { line: warning.line, column: warning.column });
    } catch (error) {
      this.#refuse(error);
    }
  }

  #refuse(error: unknown): void {
    const rejection = rejectionOf(error);
    this.#filesOfRejected = error instanceof ConfigError ? error.files : [];
    // A signal and the watcher may come upon the same mistake.
    if (rejection === this.#rejection) return;
    this.#rejection = rejection;
    for (const worker of this.#workers) worker.reject(rejection);
    this.#reloads.failed();
    this.#note(configRejected(rejection));
    this.log.warning(`Invalid configuration: ${rejection}; the last valid one stays in force`);
  }
}

/** In one line: what is wrong, and where; for what is not in the text, such as a file that cannot be read, why. */
function rejectionOf(error: unknown): string {
  if (!(error instanceof ConfigError)) return String(error);
  const first = error.problems.find((problem) => problem.severity === 'error');
  if (first === undefined) return error.summary;
  if (first.line > 0) return `${error.summary} (line ${first.line}, column ${first.column})`;
  return first.hint === null ? error.summary : `${error.summary}: ${first.hint}`;
}

/**
 * Listens for a moment as nobody else may. The workers share their port, and the system would let those of another
 * gateway share it too: each would get a part of the connections, and nobody would notice.
 */
function claimPort(hostname: string, port: number): void {
  try {
    Bun.listen({ hostname, port, exclusive: true, socket: { data: () => {} } }).stop(true);
  } catch (error) {
    throw ListenError.from(error);
  }
}

/** Only Linux spreads the connections of one port over several listeners. */
function sharedListening(workers: number, log: Log): number {
  if (workers <= 1 || process.platform === 'linux') return Math.max(1, workers);
  log.warning(`${process.platform} does not spread connections over workers; running one worker`, { asked: workers });
  return 1;
}

/** A worker that dies takes its connections with it; a supervisor outside starts the process anew, whole. */
function stopAfterCrash(log: Log, message: string): void {
  log.error('a worker stopped unexpectedly; the gateway ends so that it can be restarted', { error: message });
  process.exit(70);
}

/** At the end, for the database to take what is left; after that the next start does it. */
const TAKEOVER_MILLISECONDS = 5000;

const NO_LEDGER: LedgerAnswer = { ok: false, error: 'LedgerUnavailable', message: 'The ledger is off.' };
