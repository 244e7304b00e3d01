import type { Pricer } from '../catalog/pricer.ts';
import { type AuditEvent, readAuditText } from '../core/audit/audit-event.ts';
import type { RequestRecord } from '../core/ledger/request-record.ts';
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
  #records = new RecordTable();
  #spare: RecordTable | null = null;
  #events: AuditEvent[] = [];

  constructor(pricer: Pricer, cleaner: RecordCleaner) {
    this.#pricer = pricer;
    this.#cleaner = cleaner;
    this.#plain = new PlainEntries(pricer, cleaner);
  }

  /** For the entries of one process. */
  sink(node: string): EntrySink {
    const nodeText = new PlacedText(node);
    return {
      text: (text) => this.#addText(text, node),
      plain: (words, at, definitions) => {
        if (this.#plain.add(this.#records, words, at, definitions, nodeText)) return;
        const record = readPlain(words, at, definitions, node);
        if (record !== null) this.#addRecord(record);
      },
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
    records.clear();
    this.#spare = records;
  }

  #addText(text: string, node: string): void {
    const event = readAuditText(text, node);
    if (event !== null) {
      this.#events.push(this.#cleaner.event(event));
      return;
    }
    const record = readEntry(text, node);
    if (record !== null) this.#addRecord(record);
  }

  #addRecord(record: RequestRecord): void {
    const clean = this.#cleaner.clean(record);
    addRecord(this.#records, { record: clean, pricing: this.#pricer.price(clean) });
  }
}
