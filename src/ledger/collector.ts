import type { Pricer } from '../catalog/pricer.ts';
import { type AuditEvent, readAuditText } from '../core/audit/audit-event.ts';
import type { RequestRecord } from '../core/ledger/request-record.ts';
import type { Definitions } from '../storage/journal/definitions.ts';
import type { EntrySink } from '../storage/journal/journal-reader.ts';
import { RecordTable } from '../storage/records/record-table.ts';
import { addRecord } from '../storage/records/write-record.ts';
import { PlainEntries } from './plain-entries.ts';
import { PlacedText } from './plain-shape.ts';
import { readEntry } from './read-entry.ts';
import { readPlain } from './read-plain.ts';
import type { RecordCleaner } from './record-cleaner.ts';

/** What entries of the journals become: requests with their prices, by columns, and events of the audit trail. */
export interface Taken {
  readonly records: RecordTable;
  readonly events: readonly AuditEvent[];
}

/** Makes of entries what is written and told, by the prices and secrets of one configuration. */
export class Collector {
  readonly #pricer: Pricer;
  readonly #cleaner: RecordCleaner;
  readonly #plain: PlainEntries;
  readonly #broken: (error: unknown) => void;
  #records = new RecordTable();
  #spare: RecordTable | null = null;
  #events: AuditEvent[] = [];

  /** `broken` is told of an entry that was left out. */
  constructor(pricer: Pricer, cleaner: RecordCleaner, broken: (error: unknown) => void) {
    this.#pricer = pricer;
    this.#cleaner = cleaner;
    this.#broken = broken;
    this.#plain = new PlainEntries(pricer, cleaner);
  }

  /** For the entries of one process. */
  sink(node: string): EntrySink {
    const nodeText = new PlacedText(node);
    return {
      text: (text) => this.#addText(text, node),
      plain: (words, at, definitions) => this.#addPlain(words, at, definitions, nodeText),
    };
  }

  /** What came since the last time. */
  take(): Taken {
    const taken = { records: this.#records, events: this.#events };
    this.#records = this.#spare ?? new RecordTable();
    this.#spare = null;
    this.#events = [];
    return taken;
  }

  /** Nobody needs these any more. New columns for each batch would be a megabyte of garbage. */
  reuse(records: RecordTable): void {
    records.keepFirst(0);
    this.#spare = records;
  }

  // One entry that cannot be understood must not keep back the others.

  #addPlain(words: Int32Array, at: number, definitions: Definitions, node: PlacedText): void {
    const { size } = this.#records;
    try {
      if (this.#plain.add(this.#records, words, at, definitions, node)) return;
      const record = readPlain(words, at, definitions, node.text ?? '');
      if (record !== null) this.#addRecord(record);
    } catch (error) {
      this.#leaveOut(size, error);
    }
  }

  #addText(text: string, node: string): void {
    const { size } = this.#records;
    try {
      const event = readAuditText(text, node);
      const record = event === null ? readEntry(text, node) : null;
      if (event !== null) this.#events.push(this.#cleaner.event(event));
      else if (record !== null) this.#addRecord(record);
    } catch (error) {
      this.#leaveOut(size, error);
    }
  }

  #leaveOut(size: number, error: unknown): void {
    this.#records.keepFirst(size);
    this.#broken(error);
  }

  #addRecord(record: RequestRecord): void {
    const clean = this.#cleaner.clean(record);
    addRecord(this.#records, { record: clean, pricing: this.#pricer.price(clean) });
  }
}
