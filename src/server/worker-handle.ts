import { loadConfig } from '../config/load.ts';
import type { GatewayConfig } from '../config/types.ts';
import type { AuditNote } from '../core/audit/audit-event.ts';
import type { CounterMemory } from '../policies/limits/counter-table.ts';
import { providers } from '../providers/index.ts';
import { JournalControl } from '../storage/journal/control.ts';
import { Log, type LogFormat, type LogLevel } from '../telemetry/log.ts';
import type { Family } from '../telemetry/metrics.ts';
import { type DrainTimes, GatewayNode, type Supervisor } from './gateway-node.ts';
import type { HttpServer } from './http/http-server.ts';
import { createRecorder, type JournalPlace } from './journal.ts';
import type { FromJournal } from './ledger-protocol.ts';
import { ListenError } from './listen-error.ts';
import { type ListenOptions, listen } from './listener.ts';
import { writeLogLine } from './log-output.ts';

export interface WorkerSettings {
  readonly configPath: string;
  readonly configText: string;
  readonly listen: ListenOptions;
  readonly limits: CounterMemory;
  readonly log: { readonly level: LogLevel; readonly format: LogFormat };
  /** From 0. */
  readonly worker: number;
  /** Null where nobody keeps records. */
  readonly journal: JournalPlace | null;
}

/** One worker as its supervisor sees it, in this thread or in one of its own. */
export interface WorkerHandle {
  /** Resolves to the port when the worker listens. */
  readonly listening: Promise<number>;
  /** Puts a configuration in force that the supervisor has already checked. */
  apply(configText: string): void;
  /** Tells the worker that a new configuration was refused, for its health page. */
  reject(summary: string): void;
  collectMetrics(): Promise<readonly Family[]>;
  /** Notes something in the audit trail. What is `isQuiet` waits for the next record. */
  note(event: AuditNote, isQuiet: boolean): void;
  /** Refuses new requests and waits for those under way; false when the deadline cut some off. It goes on listening. */
  drain(times: DrainTimes): Promise<boolean>;
  /** Stops listening and closes every connection, for which the last answers have so long to be written out. */
  close(deadlineMs: number): Promise<void>;
}

export function loadForWorker(path: string, text: string): GatewayConfig {
  return loadConfig({ path, text, environment: process.env, providers }).config;
}

/** A worker in this thread: all there is with `--workers 1`. */
export function startWorker(settings: WorkerSettings, supervisor: Supervisor): WorkerHandle {
  const { configPath, configText, limits } = settings;
  const { worker, journal } = settings;
  const log = new Log({ ...settings.log, write: writeLogLine });
  const send = (message: FromJournal) => supervisor.toLedger(message);
  const node = new GatewayNode(loadForWorker(configPath, configText), {
    limits,
    environment: process.env,
    log,
    supervisor,
    recorder: createRecorder({ place: journal, worker, log, send }),
    journal: journal && new JournalControl(journal.control),
  });
  const server = listenOrExplain(node, settings.listen);
  return {
    listening: Promise.resolve(server.port),
    apply: (text) => node.apply(loadForWorker(configPath, text)),
    reject: (summary) => node.reject(summary),
    collectMetrics: async () => node.metrics.collect(),
    note: (event, isQuiet) => node.note(event, isQuiet),
    drain: (times) => node.drain(times),
    close: async (deadlineMs) => {
      await server.drain(deadlineMs);
      node.close();
    },
  };
}

function listenOrExplain(node: GatewayNode, options: ListenOptions): HttpServer {
  try {
    return listen(node, options);
  } catch (error) {
    throw ListenError.from(error);
  }
}
