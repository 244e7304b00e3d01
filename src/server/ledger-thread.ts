import { bundledCatalog, type Catalog } from '../catalog/catalog.ts';
import { PriceKeeper } from '../catalog/price-keeper.ts';
import { Pricer } from '../catalog/pricer.ts';
import { type CatalogSearch, searchCatalog } from '../catalog/search.ts';
import type { DatabaseSettings } from '../config/ledger-types.ts';
import type { RetentionSettings } from '../config/retention.ts';
import type { AuditEvent } from '../core/audit/audit-event.ts';
import { type Capture, captureSize } from '../core/capture/capture.ts';
import { Collector } from '../ledger/collector.ts';
import { Journals } from '../ledger/journals.ts';
import { Ledger } from '../ledger/ledger.ts';
import { makePayload } from '../ledger/payload-maker.ts';
import { compileRedaction, type Redaction } from '../ledger/redaction.ts';
import type { AuditQueries } from '../storage/audit/audit-queries.ts';
import { LedgerUnavailable } from '../storage/database/database.ts';
import { JournalControl } from '../storage/journal/control.ts';
import { mapSegment } from '../storage/journal/files.ts';
import { JournalFolder } from '../storage/journal/place.ts';
import { Segment } from '../storage/journal/segment.ts';
import { type LedgerDatabase, openLedger } from '../storage/ledger-database.ts';
import type { LedgerQueries } from '../storage/ledger-queries.ts';
import type { LedgerBatch, LedgerWriter } from '../storage/ledger-store.ts';
import type { Purged } from '../storage/retention.ts';
import { type LedgerMetrics, ledgerMetrics } from '../telemetry/ledger-metrics.ts';
import { Log } from '../telemetry/log.ts';
import { type Counter, type Family, Metrics } from '../telemetry/metrics.ts';
import { RecordSinks } from '../telemetry/record-sinks.ts';
import { DatabaseFile } from './database-file.ts';
import { kibibytes } from './kibibytes.ts';
import type { FromJournal, LedgerAnswer, LedgerThreadSettings } from './ledger-protocol.ts';
import { writeLogLine } from './log-output.ts';
import { MemoryTidier } from './memory-tidier.ts';
import { type LedgerConfig, type PackedConfig, unpackConfig } from './packed-config.ts';

/** What the ledger is in its thread: the database, prices, and everybody who is told. */
export class LedgerThread {
  readonly metrics = new Metrics();
  readonly #settings: LedgerThreadSettings;
  #config: LedgerConfig;
  #catalog: Catalog;
  #prices: LedgerConfig['prices'];
  #pricer: Pricer;
  #collector: Collector;
  #priceKeeper: PriceKeeper | null = null;
  #redaction: Redaction;
  readonly #ledgerMetrics: LedgerMetrics;
  readonly #lostTexts: Counter;
  #toldLost = 0;
  readonly #log: Log;
  readonly #control: JournalControl;
  readonly #journals: Journals;
  readonly #ledger: Ledger;
  readonly #sinks: RecordSinks;
  #database: LedgerDatabase | null = null;
  /** Null for what is no file. */
  #file: DatabaseFile | null = null;

  static async start(settings: LedgerThreadSettings): Promise<LedgerThread> {
    return new LedgerThread(settings, unpackConfig(settings.config), await bundledCatalog());
  }

  private constructor(settings: LedgerThreadSettings, config: LedgerConfig, catalog: Catalog) {
    this.#catalog = catalog;
    this.#prices = config.prices;
    this.#pricer = new Pricer(catalog, config.prices);
    this.#redaction = compileRedaction(config.redaction, config.secrets);
    this.#settings = settings;
    this.#config = config;
    this.#log = new Log({ ...settings.log, write: writeLogLine });
    this.#control = new JournalControl(settings.control);
    this.#journals = new Journals(settings.node);
    const { metrics } = this;
    this.#lostTexts = metrics.counter(
      'sluice_ledger_dropped_texts_total',
      'Requests whose texts were not kept, because the ledger was too slow for them.',
    );
    this.#collector = this.#newCollector();
    const lag = { seconds: () => this.#ledger.lagSeconds(), records: () => this.#control.waiting };
    this.#ledgerMetrics = ledgerMetrics(metrics, lag);
    this.#sinks = new RecordSinks(config.telemetry, { metrics, log: this.#log, providerNames: config.providerNames });
    this.#ledger = new Ledger({
      control: this.#control,
      journals: this.#journals,
      sinks: [this.#sinks, new MemoryTidier(() => this.#control.isAwake)],
      metrics: this.#ledgerMetrics,
      log: this.#log,
      collector: () => this.#collector,
      connect: () => this.#connect(),
      leftovers: () => (settings.place === null ? [] : JournalFolder.leftovers(settings.place)),
      troubled: (reason) => {
        this.#control.isTroubled = reason !== null;
      },
    });
    this.#ledger.start();
  }

  collectMetrics(): readonly Family[] {
    const lost = this.#control.lostTexts;
    this.#lostTexts.add(lost - this.#toldLost);
    this.#toldLost = lost;
    return this.metrics.collect();
  }

  receive(message: FromJournal): void {
    if (message.type === 'wake') this.#ledger.wake();
    else if (message.type === 'capture') this.#keepTexts(message.capture);
    else this.#journals.add(message.worker, segmentOf(message));
  }

  #keepTexts(capture: Capture): void {
    this.#control.tookTexts(kibibytes(captureSize(capture)));
    if (this.#config.ledger.database.kind === 'off') return;
    try {
      this.#ledger.addPayload(makePayload(capture, this.#redaction.redactor, this.#redaction.maxBody));
    } catch (error) {
      // Nested too deeply, for example. What cannot be redacted is not kept.
      this.#control.droppedTexts(1);
      const reason = error instanceof Error ? error.name : 'unknown';
      this.#log.warning('the texts of a request cannot be kept', { id: capture.requestId, error: reason });
    }
  }

  #newCollector(): Collector {
    return new Collector(this.#pricer, this.#redaction.cleaner, (error) => {
      this.#ledgerMetrics.dropped(1);
      const reason = error instanceof Error ? error.message : String(error);
      this.#log.error('a record of the journal cannot be understood; it is left out', { error: reason });
    });
  }

  /** Answers from what was written up to now. */
  async answer(name: string, question: unknown): Promise<LedgerAnswer> {
    try {
      if (name === 'models') return { ok: true, value: searchCatalog(this.#catalog, question as CatalogSearch) };
      // A live tail comes back soon for what is written meanwhile; small batches for its sake would cost the others.
      if (name !== 'after' || this.#database === null) await this.#ledger.flush();
      if (this.#database === null) throw new LedgerUnavailable('There is no database, or it does not answer.');
      return { ok: true, value: await ask(this.#database, name, question) };
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      return { ok: false, error: error instanceof Error ? error.name : 'Error', message };
    }
  }

  /** Another configuration is in force: its prices, its log and its collector are those of what comes now. */
  apply(packed: PackedConfig): void {
    try {
      const config = unpackConfig(packed);
      this.#prices = config.prices;
      this.#pricer = new Pricer(this.#catalog, config.prices);
      this.#sinks.configure(config.telemetry);
      this.#redaction = compileRedaction(config.redaction, config.secrets);
      this.#collector = this.#newCollector();
      // The database stays that of the start; one that is opened later is kept as the newest configuration says.
      const { database } = this.#config.ledger;
      this.#config = { ...config, ledger: { ...config.ledger, database } };
      this.#keepDatabase(config.ledger.retention);
      this.#priceKeeper?.configure(config.ledger.refreshesPrices);
    } catch (error) {
      this.#log.warning('the ledger keeps its prices and its telemetry', {
        error: error instanceof Error ? error.message : String(error),
      });
    }
  }

  reopen(): void {
    this.#sinks.reopen();
  }

  async stop(deadlineMs: number): Promise<boolean> {
    this.#priceKeeper?.stop();
    const isEmpty = await this.#ledger.stop(deadlineMs);
    await this.#sinks.close();
    await this.#database?.close().catch(() => {});
    return isEmpty;
  }

  async #connect(): Promise<LedgerWriter> {
    const name = this.#settings.inMemory ? ':memory:' : databaseName(this.#config.ledger.database);
    if (name === null) return WITHOUT_DATABASE;
    const database = await this.#open(name);
    this.#journals.resume(await database.positions());
    return { write: (batch) => this.#write(name, batch), positions: () => database.positions() };
  }

  async #open(name: string): Promise<LedgerDatabase> {
    this.#database ??= openLedger({ database: name });
    const database = this.#database;
    await database.prepare();
    const isFile = this.#config.ledger.database.kind === 'sqlite' && !this.#settings.inMemory;
    this.#file ??= isFile ? new DatabaseFile(name) : null;
    this.#keepDatabase(this.#config.ledger.retention);
    await this.#keepPrices(database);
    return database;
  }

  async #write(name: string, batch: LedgerBatch): Promise<void> {
    if (this.#file?.isGone) await this.#leave(this.#file, name);
    const database = this.#database ?? (await this.#open(name));
    await database.write(batch);
  }

  /** What was in a file that somebody removed is gone; what comes goes to where it is looked for. */
  async #leave(file: DatabaseFile, path: string): Promise<void> {
    this.#log.warning('the ledger’s database was removed or replaced; its place is opened anew', { path });
    const database = this.#database;
    this.#priceKeeper?.stop();
    this.#priceKeeper = null;
    this.#file = null;
    this.#database = null;
    await database?.close().catch(() => {});
    file.removeCompanions();
  }

  #keepDatabase(retention: RetentionSettings): void {
    const report = (error: unknown): void =>
      this.#log.warning('the ledger could not be tidied up; it is tried again', {
        error: error instanceof Error ? error.message : String(error),
      });
    const purged = async (rows: Purged): Promise<void> => this.#database?.note(this.#event('retention.purge', rows));
    this.#database?.keep({ retention, report, purged });
  }

  /** What the ledger does by itself, for the audit trail. */
  #event(action: string, details: AuditEvent['details']): AuditEvent {
    const what = { actor: 'system', action, object: null, outcome: 'ok', address: null, details } as const;
    return { id: crypto.randomUUID(), time: Date.now(), node: this.#settings.node, ...what };
  }

  /** From the first record on, prices are those of the catalog in the database. */
  async #keepPrices(ledger: LedgerDatabase): Promise<void> {
    const { database } = ledger;
    this.#priceKeeper ??= new PriceKeeper({
      database,
      refreshes: this.#config.ledger.refreshesPrices,
      egress: { environment: process.env },
      log: this.#log,
      refreshed: (details) => ledger.note(this.#event('prices.update', details)),
      changed: (catalog) => {
        this.#catalog = catalog;
        this.#pricer = new Pricer(catalog, this.#prices);
        this.#collector = this.#newCollector();
      },
    });
    await this.#priceKeeper.start();
  }
}

/** Records are told to the sinks, and kept nowhere. */
const WITHOUT_DATABASE: LedgerWriter = { write: async () => {}, positions: async () => [] };

function databaseName(database: DatabaseSettings): string | null {
  switch (database.kind) {
    case 'off':
      return null;
    case 'memory':
      return ':memory:';
    case 'sqlite':
      return database.path;
    case 'postgres':
      return database.url.expose();
  }
}

function segmentOf({ memory, path }: Extract<FromJournal, { type: 'segment' }>): Segment {
  if (memory !== null) return new Segment(new Uint8Array(memory), path);
  if (path === null) throw new Error('a segment has neither memory nor a file');
  return mapSegment(path);
}

type Question = (question: never) => Promise<unknown>;

async function ask({ queries, audit }: LedgerDatabase, name: string, question: unknown): Promise<unknown> {
  if (!Object.hasOwn(QUESTIONS, name)) throw new Error(`there is no such question as '${name}'`);
  if (name.startsWith('audit')) {
    const method: Question = audit[name as keyof AuditQueries];
    return method.call(audit, question as never);
  }
  const method: Question = queries[name as keyof LedgerQueries];
  return method.call(queries, question as never);
}

/** Everything that may be asked by name. */
const QUESTIONS: Readonly<Record<keyof LedgerQueries | keyof AuditQueries, true>> = {
  usage: true,
  requests: true,
  request: true,
  payload: true,
  after: true,
  export: true,
  estimate: true,
  facets: true,
  complete: true,
  stats: true,
  auditList: true,
  auditRows: true,
  auditCheck: true,
};
