import type { Transaction } from '../database/database.ts';
import { sql } from '../database/sql.ts';
import type { RecordColumns } from '../records/record-columns.ts';
import { CellBuilder } from './cell-builder.ts';
import { encodeCells } from './cell-codec.ts';
import { HALF_HOUR, startOf } from './periods.ts';
import type { RecordLabels } from './record-labels.ts';

/** What a transaction adds to roll-ups: by half hours, and one row for each. `mergeDeltas` brings them together. */
export class Deltas {
  readonly #builders = new Map<number, CellBuilder>();

  add(records: RecordColumns, labels: RecordLabels): void {
    const times = records.number('time');
    let from = 0;
    let start = startOf(times[0] ?? 0, HALF_HOUR);
    // Those that follow each other are mostly of one half hour.
    for (let index = 1; index <= records.size; index++) {
      const next = index < records.size ? startOf(times[index] ?? 0, HALF_HOUR) : -1;
      if (next === start) continue;
      this.at(start).addRecords(records, labels, from === 0 && index === records.size ? null : span(from, index));
      from = index;
      start = next;
    }
  }

  at(time: number): CellBuilder {
    const start = startOf(time, HALF_HOUR);
    const known = this.#builders.get(start);
    if (known !== undefined) return known;
    const builder = new CellBuilder();
    this.#builders.set(start, builder);
    return builder;
  }

  async write(transaction: Transaction): Promise<void> {
    for (const [start, builder] of this.#builders) {
      const cells = encodeCells(builder.build());
      await transaction.run(sql`INSERT INTO rollup_deltas (start, cells) VALUES (${start}, ${cells})`);
    }
  }
}

function span(from: number, to: number): Uint32Array {
  return Uint32Array.from({ length: to - from }, (_, index) => from + index);
}
