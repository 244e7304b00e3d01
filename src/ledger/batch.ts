import type { CostSum, PricedRecord, RecordBatch } from '../core/ledger/record-sink.ts';
import { costSums } from '../storage/records/cost-sums.ts';
import { RecordReader } from '../storage/records/read-record.ts';
import type { RecordColumns } from '../storage/records/record-columns.ts';

/** What sinks are told of the requests of one batch. */
export class Batch implements RecordBatch {
  readonly #records: RecordColumns;
  #priced: readonly PricedRecord[] | null = null;

  constructor(records: RecordColumns) {
    this.#records = records;
  }

  get size(): number {
    return this.#records.size;
  }

  priced(): readonly PricedRecord[] {
    if (this.#priced !== null) return this.#priced;
    const reader = new RecordReader(this.#records);
    this.#priced = Array.from({ length: this.size }, (_, index) => reader.priced(index));
    return this.#priced;
  }

  costs(): readonly CostSum[] {
    return costSums(this.#records);
  }
}
