import type { AuditEvent } from '../core/audit/audit-event.ts';
import type { BatchSink } from '../core/ledger/record-sink.ts';
import { LedgerUnavailable } from '../storage/database/database.ts';
import type { JournalControl } from '../storage/journal/control.ts';
import type { JournalFolder } from '../storage/journal/place.ts';
import type { LedgerWriter, Payload } from '../storage/ledger-store.ts';
import { IdWriter } from '../storage/records/record-id.ts';
import { RecordTable, selectRecords } from '../storage/records/record-table.ts';
import type { LedgerMetrics } from '../telemetry/ledger-metrics.ts';
import type { Log } from '../telemetry/log.ts';
import { Batch } from './batch.ts';
import type { Collector } from './collector.ts';
import type { Journals, Reading } from './journals.ts';
import { Pause } from './pause.ts';

export interface LedgerOptions {
  readonly control: JournalControl;
  readonly journals: Journals;
  readonly sinks: readonly BatchSink[];
  readonly metrics: LedgerMetrics;
  readonly log: Log;
  /** Of the configuration in force. */
  collector(): Collector;
  /** Rejects while the database cannot be reached; it is asked again then. */
  connect(): Promise<LedgerWriter>;
  /** The journals of processes that have ended, each now held by this one. */
  leftovers(): readonly JournalFolder[];
  /** Why the database takes nothing, or null when it does again. */
  troubled(reason: string | null): void;
}

/** Records that are written at once. */
const BATCH = 4096;
const PAYLOAD_BATCH = 100;
/** Batches that sinks are told of between two tries to reach a database that does not answer. */
const AHEAD_AT_ONCE = 10;
/** Characters of texts that wait for a database that does not answer. What comes beyond is dropped; records never are. */
const MOST_PAYLOADS = 32 * 2 ** 20;
/** Between two looks into the journals. The more a batch has, the less a record costs. */
const INTERVAL_MILLISECONDS = 200;
/** Without records for so long, the ledger sleeps until somebody calls it. */
const IDLE_MILLISECONDS = 2000;
/** Between two looks for the journals of others that have ended. */
const LOOK_MILLISECONDS = 60_000;
/** After so many failures of one batch its records are written one by one. */
const SALVAGED_FROM = 3;
const FIRST_RETRY_MILLISECONDS = 100;
const LAST_RETRY_MILLISECONDS = 5000;

interface Collected {
  readonly reading: Reading;
  readonly records: RecordTable;
  readonly payloads: readonly Payload[];
  readonly events: readonly AuditEvent[];
}

/** Takes over what the workers write: sets prices, writes batches into the database, and tells the sinks. */
export class Ledger {
  readonly #options: LedgerOptions;
  readonly #pause = new Pause();
  #writer: LedgerWriter | null = null;
  #batch: Collected | null = null;
  #payloads: Payload[] = [];
  #payloadSize = 0;
  #failures = 0;
  /** The last failure was the batch's, not the database's. */
  #isRefused = false;
  #lastRecordAt = performance.now();
  /** When the last request came whose record is in the database; null before the first. */
  #lastTaken: number | null = null;
  #isStopping = false;
  #ended: Promise<void> | null = null;
  #turns: Array<() => void> = [];
  #damaged = 0;
  #nextLookAt = 0;

  constructor(options: LedgerOptions) {
    this.#options = options;
  }

  /** Begins, and goes on until `stop`. */
  start(): void {
    this.#ended = this.#run();
  }

  /** There is something to take over. */
  wake(): void {
    this.#lastRecordAt = performance.now();
    this.#pause.end();
  }

  /** Texts that belong to a request; they are written with the next batch. */
  addPayload(payload: Payload): void {
    const size = payload.request.length + (payload.response?.length ?? 0);
    if (this.#payloadSize + size > MOST_PAYLOADS) {
      this.#options.control.droppedTexts(1);
      return;
    }
    this.#payloadSize += size;
    this.#payloads.push(payload);
    this.#lastRecordAt = performance.now();
    // While it is awake it comes by: a batch for each request would cost many times as much.
    if (this.#options.control.wake()) this.#pause.end();
  }

  /** Resolves when what is written now has been taken over, or when the database did not take it. */
  async flush(): Promise<void> {
    const turn = new Promise<void>((resolve) => this.#turns.push(resolve));
    this.wake();
    await turn;
  }

  /** The age of the oldest record that is not in the database, in seconds. */
  lagSeconds(): number {
    const { waiting } = this.#options.control;
    const oldest = this.#batch?.records.number('time')[0] ?? (waiting > 0 ? this.#lastTaken : null);
    return oldest === null ? 0 : Math.max(0, (Date.now() - oldest) / 1000);
  }

  /** Takes over what there is, for so long at most. True when nothing is left. */
  async stop(deadlineMs: number): Promise<boolean> {
    this.#isStopping = true;
    this.#pause.end(true);
    await this.#ended;
    const end = performance.now() + deadlineMs;
    while (this.#hasMore()) {
      if (performance.now() > end) break;
      await this.#step();
      if (this.#failures > 0) await this.#pause.wait(Math.min(250, this.#retryMilliseconds()), false);
    }
    const isEmpty = this.#batch === null && !this.#hasMore();
    this.#options.journals.close();
    return isEmpty;
  }

  async #run(): Promise<void> {
    while (!this.#isStopping) {
      const isMore = await this.#step();
      if (this.#failures > 0) {
        this.#tellAhead();
        await this.#pause.wait(this.#retryMilliseconds(), true);
      }
      // Messages must get their turn between two batches.
      else if (isMore) await new Promise((resolve) => setImmediate(resolve));
      else if (!this.#mayRest()) await this.#pause.wait(INTERVAL_MILLISECONDS, false);
      else await this.#pause.wait(Number.POSITIVE_INFINITY, false);
    }
  }

  /** Whether nothing comes by itself: after this, whoever writes a record calls. */
  #mayRest(): boolean {
    const { control, journals } = this.#options;
    if (performance.now() - this.#lastRecordAt < IDLE_MILLISECONDS || this.#turns.length > 0) return false;
    if (journals.hasLeftovers) return false;
    control.isAwake = false;
    // One that was written just before would wait for the next one.
    this.#batch = this.#collect();
    if (this.#batch !== null) control.isAwake = true;
    return this.#batch === null;
  }

  /** One batch. True when there may be more at once. */
  async #step(): Promise<boolean> {
    const turns = this.#turns;
    this.#turns = [];
    try {
      this.#writer ??= await this.#options.connect();
      if (this.#batch === null) this.#lookForLeftovers();
      this.#batch ??= this.#collect();
      if (this.#batch === null) {
        this.#concludeLeftovers();
        this.#succeeded();
        for (const turn of turns) turn();
        return false;
      }
      const { reading, records } = this.#batch;
      await this.#write(this.#writer, this.#batch);
      this.#lastTaken = records.number('time')[records.size - 1] ?? this.#lastTaken;
      this.#batch = null;
      this.#options.collector().reuse(records);
      this.#succeeded();
      this.#lastRecordAt = performance.now();
      const isFull = reading.entries >= BATCH || this.#payloads.length > 0;
      if (isFull) this.#turns.unshift(...turns);
      else for (const turn of turns) turn();
      return isFull || (records.size === 0 && reading.entries > 0);
    } catch (error) {
      this.#failed(error);
      for (const turn of turns) turn();
      return false;
    }
  }

  #collect(): Collected | null {
    const collector = this.#options.collector();
    const reading = this.#options.journals.read(BATCH, (node) => collector.sink(node));
    const { records, events } = collector.take();
    const payloads = this.#payloads.splice(0, PAYLOAD_BATCH);
    if (this.#payloads.length === 0) this.#payloadSize = 0;
    if (reading.entries === 0 && payloads.length === 0) {
      collector.reuse(records);
      return null;
    }
    if (!reading.isTold) this.#tell(records);
    return { reading, records, payloads, events };
  }

  #tell(records: RecordTable): void {
    const told = new Batch(records);
    for (const sink of this.#options.sinks) sink.take(told);
  }

  /** While the database does not answer, sinks hear of what goes on: who looks for its trouble looks there. */
  #tellAhead(): void {
    const { journals } = this.#options;
    const collector = this.#options.collector();
    for (let batch = 0; batch < AHEAD_AT_ONCE; batch++) {
      const entries = journals.readAhead(BATCH, (node) => collector.sink(node));
      const { records } = collector.take();
      if (records.size > 0) this.#tell(records);
      collector.reuse(records);
      if (entries < BATCH) return;
    }
  }

  async #write(writer: LedgerWriter, { reading, records, payloads, events }: Collected): Promise<void> {
    const { control, journals, metrics } = this.#options;
    const startedAt = performance.now();
    if (this.#failures < SALVAGED_FROM || !this.#isRefused) {
      await writer.write({ records, payloads, events, positions: reading.positions });
    } else {
      await this.#salvage(writer, { reading, records, payloads, events });
    }
    metrics.written(records.size, (performance.now() - startedAt) / 1000);
    journals.release();
    control.took(reading.own);
  }

  /** The database answers, and refuses the batch again and again: what of it cannot be written is left out. */
  async #salvage(writer: LedgerWriter, { reading, records, payloads, events }: Collected): Promise<void> {
    const { log, metrics } = this.#options;
    const none = { records: new RecordTable(1), payloads: [], events: [], positions: [] };
    const parts = [
      ...Array.from({ length: records.size }, (_, index) => ({ ...none, records: selectRecords(records, [index]) })),
      ...payloads.map((payload) => ({ ...none, payloads: [payload] })),
      ...events.map((event) => ({ ...none, events: [event] })),
    ];
    for (const part of parts) {
      try {
        await writer.write(part);
      } catch (error) {
        if (error instanceof LedgerUnavailable) throw error;
        metrics.dropped(part.records.size);
        const id = idOf(part.records) ?? part.payloads[0]?.requestId ?? 'an event of the audit trail';
        log.error('the ledger’s database refuses a record; it is left out', { id, error: messageOf(error) });
      }
    }
    await writer.write({ ...none, positions: reading.positions });
  }

  /** Others that kept their journals in the same place may have ended since. */
  #lookForLeftovers(): void {
    const now = performance.now();
    if (now < this.#nextLookAt) return;
    this.#nextLookAt = now + LOOK_MILLISECONDS;
    for (const folder of this.#options.leftovers()) this.#options.journals.adopt(folder);
  }

  #concludeLeftovers(): void {
    const { journals, log } = this.#options;
    this.#warnOfDamage();
    if (!journals.hasLeftovers) return;
    const gone = journals.removeLeftovers();
    log.info('the journals of gateways that have ended are taken over', { journals: gone });
  }

  #warnOfDamage(): void {
    const { damaged } = this.#options.journals;
    if (damaged > this.#damaged) this.#options.log.warning('a part of a journal is damaged, and was left out');
    this.#damaged = damaged;
  }

  #hasMore(): boolean {
    this.#batch ??= this.#collect();
    return this.#batch !== null;
  }

  #retryMilliseconds(): number {
    const most = Math.min(LAST_RETRY_MILLISECONDS, FIRST_RETRY_MILLISECONDS * 2 ** Math.min(10, this.#failures));
    return most * (0.5 + Math.random() / 2);
  }

  #failed(error: unknown): void {
    this.#failures++;
    this.#isRefused = !(error instanceof LedgerUnavailable);
    this.#options.metrics.failed();
    const reason = messageOf(error);
    if (this.#failures !== 1) return;
    this.#options.troubled(reason);
    this.#options.log.warning('the ledger’s database takes no records; they wait in the journal', { error: reason });
  }

  #succeeded(): void {
    if (this.#failures === 0) return;
    this.#failures = 0;
    this.#options.troubled(null);
    this.#options.log.info('the ledger’s database takes records again');
  }
}

function idOf(records: RecordTable): string | null {
  return records.size === 0 ? null : new IdWriter(records).id(0);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
