import type { Transaction } from '../database/database.ts';
import { sql } from '../database/sql.ts';
import { CellBuilder } from './cell-builder.ts';
import { encodeCells } from './cell-codec.ts';
import { HALF_HOUR, startOf } from './periods.ts';

/** What a transaction adds to roll-ups: by half hours, and one row for each. `mergeDeltas` brings them together. */
export class Deltas {
  readonly #builders = new Map<number, CellBuilder>();

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
