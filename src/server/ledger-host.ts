import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import type { GatewayConfig } from '../config/types.ts';
import { LEDGER_THREAD } from '../core/threads.ts';
import { JournalControl } from '../storage/journal/control.ts';
import { foldersIn, JournalFolder } from '../storage/journal/place.ts';
import { Segment, SegmentState } from '../storage/journal/segment.ts';
import type { Log, LogFormat, LogLevel } from '../telemetry/log.ts';
import type { Family } from '../telemetry/metrics.ts';
import { ENTRY_POINT } from './entry-point.ts';
import type { JournalPlace } from './journal.ts';
import type { FromJournal, FromLedger, LedgerAnswer, LedgerThreadSettings, ToLedger } from './ledger-protocol.ts';
import { packConfig } from './pack-config.ts';
import type { PackedConfig } from './packed-config.ts';

export interface LedgerHostOptions {
  readonly config: GatewayConfig;
  readonly workers: number;
  readonly log: Log;
  readonly logOptions: { readonly level: LogLevel; readonly format: LogFormat };
}

const ANSWER_MILLISECONDS = 10_000;
const RESTART_MILLISECONDS = 1000;

type SegmentMessage = Extract<FromJournal, { type: 'segment' }>;

/** The supervisor's side of the ledger: its journal's place, and its thread, which begins when somebody needs it. */
export class LedgerHost {
  readonly place: JournalPlace;
  readonly #log: Log;
  readonly #folder: JournalFolder | null;
  readonly #settings: Omit<LedgerThreadSettings, 'config'>;
  #worker: Worker | null = null;
  #isReady = false;
  #isStopping = false;
  #segments: SegmentMessage[] = [];
  /** What is to be said as soon as the thread hears. */
  #unsaid: ToLedger[] = [];
  #questions = new Map<number, (answer: LedgerAnswer) => void>();
  #collections = new Map<number, (families: readonly Family[]) => void>();
  #stopped: ((isEmpty: boolean) => void) | null = null;
  #nextId = 0;
  #config: PackedConfig;

  /** Null where nobody wants to hear of requests. Throws where a place that was asked for cannot be written. */
  static open(options: LedgerHostOptions): LedgerHost | null {
    const { ledger, telemetry } = options.config;
    const isTold = telemetry.requestLog !== null || telemetry.otlp !== null;
    return ledger.database.kind === 'off' && !isTold ? null : new LedgerHost(options);
  }

  private constructor(options: LedgerHostOptions) {
    const { config, workers, log, logOptions } = options;
    this.#log = log;
    this.#config = packConfig(config);
    const node = `${hostname()
      .replaceAll(/[^\w.-]/g, '-')
      .slice(0, 40)}-${crypto.randomUUID().slice(0, 8)}`;
    const inMemory = isUnusable(config, log);
    this.#folder = inMemory ? null : openFolder(config, node, log);
    const control = JournalControl.create(workers);
    // A database that does not answer is then all the worse.
    if (this.#folder === null && !inMemory && config.ledger.journal.folder !== null) control.setDegraded(0, true);
    this.place = {
      folder: this.#folder?.path ?? null,
      control: control.memory,
      limit: Math.floor(config.ledger.journal.limit / workers),
    };
    const place = this.#folder === null ? null : config.ledger.journal.folder;
    this.#settings = { node, control: control.memory, log: logOptions, place, inMemory };
    if (place !== null && foldersIn(place).length > 1) this.#start();
  }

  receive(message: FromJournal): void {
    if (message.type !== 'segment') return this.#send(message);
    this.#remember(message);
    if (this.#isReady) this.#send(message);
  }

  /** Rejects when there is no answer in time. */
  async ask(name: string, question: unknown): Promise<LedgerAnswer> {
    this.#nextId++;
    const id = this.#nextId;
    const { promise, resolve } = Promise.withResolvers<LedgerAnswer>();
    const late = () => resolve({ ok: false, error: 'TimeoutError', message: 'The ledger did not answer in time.' });
    const timer = setTimeout(late, ANSWER_MILLISECONDS);
    this.#questions.set(id, resolve);
    this.#send({ type: 'ask', id, name, question });
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
      this.#questions.delete(id);
    }
  }

  async collectMetrics(): Promise<readonly Family[]> {
    if (!this.#isReady) return [];
    this.#nextId++;
    const id = this.#nextId;
    const { promise, resolve } = Promise.withResolvers<readonly Family[]>();
    const timer = setTimeout(() => resolve([]), ANSWER_MILLISECONDS);
    this.#collections.set(id, resolve);
    this.#send({ type: 'collect', id });
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
      this.#collections.delete(id);
    }
  }

  apply(config: GatewayConfig): void {
    this.#config = packConfig(config);
    if (this.#worker !== null) this.#send({ type: 'apply', config: this.#config });
  }

  reopen(): void {
    if (this.#worker !== null) this.#send({ type: 'reopen' });
  }

  /** Takes over what was written, for so long at most; what is left the next process does. */
  async stop(deadlineMs: number): Promise<void> {
    this.#isStopping = true;
    // An idle gateway has something to say as well: that it was there.
    if (this.#worker === null && this.#folder !== null && this.#hasEntries()) this.#start();
    const isEmpty = this.#worker === null || (await this.#stopThread(deadlineMs));
    this.#worker?.terminate();
    if (isEmpty) this.#folder?.remove();
    else this.#folder?.abandon();
  }

  #hasEntries(): boolean {
    return new JournalControl(this.place.control).waiting > 0;
  }

  #stopThread(deadlineMs: number): Promise<boolean> {
    return new Promise((resolve) => {
      // A database that hangs must not hold up the end of the process.
      const timer = setTimeout(() => resolve(false), deadlineMs + RESTART_MILLISECONDS);
      this.#stopped = (isEmpty) => {
        clearTimeout(timer);
        resolve(isEmpty);
      };
      this.#send({ type: 'stop', deadlineMs });
    });
  }

  #send(message: ToLedger): void {
    const worker = this.#worker ?? this.#start();
    if (this.#isReady) worker.postMessage(message);
    else this.#unsaid.push(message);
  }

  #start(): Worker {
    const worker = new Worker(ENTRY_POINT, { smol: true, argv: [LEDGER_THREAD] });
    this.#worker = worker;
    this.#isReady = false;
    worker.onmessage = ({ data }: MessageEvent<FromLedger>) => this.#receive(worker, data);
    worker.onerror = (event) => this.#crashed(event.message);
    return worker;
  }

  #receive(worker: Worker, message: FromLedger): void {
    switch (message.type) {
      case 'ready':
        this.#isReady = true;
        worker.postMessage({ type: 'start', settings: { ...this.#settings, config: this.#config } });
        for (const unsaid of [...this.#segments, ...this.#unsaid]) worker.postMessage(unsaid);
        this.#unsaid = [];
        return;
      case 'answer':
        return this.#questions.get(message.id)?.(message.answer);
      case 'metrics':
        return this.#collections.get(message.id)?.(message.families);
      case 'stopped':
        return this.#stopped?.(message.isEmpty);
    }
  }

  /** The journal has everything: another thread goes on where the database says that this one was. */
  #crashed(message: string): void {
    this.#log.error('the ledger stopped unexpectedly; it begins anew', { error: message });
    this.#worker?.terminate();
    this.#worker = null;
    this.#isReady = false;
    this.#stopped?.(false);
    if (!this.#isStopping) setTimeout(() => this.#worker ?? this.#start(), RESTART_MILLISECONDS);
  }

  /** For a thread that begins later. Those that are no longer used are forgotten, and their memory with them. */
  #remember(message: SegmentMessage): void {
    this.#segments = this.#segments.filter(
      ({ memory, path }) =>
        (memory === null || new Segment(new Uint8Array(memory), path).state !== SegmentState.retired) &&
        (path === null || existsSync(path)),
    );
    this.#segments.push(message);
  }
}

/** Whether a database in memory takes the place of one that nobody asked for. Throws for one that was asked for. */
function isUnusable({ ledger: { database } }: GatewayConfig, log: Log): boolean {
  if (database.kind !== 'sqlite') return false;
  try {
    // The folder too: there is a log of its own beside the database.
    accessSync(dirname(database.path), constants.W_OK);
    if (!existsSync(database.path)) return false;
    accessSync(database.path, constants.W_OK);
    if (statSync(database.path).isDirectory()) throw new Error(`'${database.path}' is a folder`);
    return false;
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    if (!database.isDefault) throw new Error(`the ledger's database cannot be written: ${why}`, { cause });
    log.warning('the ledger is kept in memory only: its place cannot be written', { path: database.path, error: why });
    return true;
  }
}

function openFolder({ ledger: { journal } }: GatewayConfig, node: string, log: Log): JournalFolder | null {
  if (journal.folder === null) return null;
  try {
    return JournalFolder.create(journal.folder, node);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    if (!journal.isDefault)
      throw new Error(`the journal's place '${journal.folder}' cannot be written: ${why}`, { cause });
    log.warning('the journal is kept in memory only: its place cannot be written', {
      path: journal.folder,
      error: why,
    });
    return null;
  }
}
