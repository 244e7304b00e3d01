import { formatDollars } from '../../core/ledger/money.ts';
import type { Queryable } from '../database/database.ts';
import { fixed, joined, listed, type SqlValue, sql } from '../database/sql.ts';
import type { Repricing, RequestDetail } from '../ledger-queries.ts';
import { pricingView } from '../records/read-record.ts';
import { type KeptRecords, summariesOf } from './kept-texts.ts';
import type { Row } from './top-rows.ts';

/** All that is known of these requests. */
export async function detailsOf(reader: Queryable, rows: readonly Row<KeptRecords>[]): Promise<RequestDetail[]> {
  const summaries = await summariesOf(reader, rows);
  const corrected = await readRepricings(
    reader,
    rows.map(({ id }) => id),
  );
  return rows.flatMap(({ id, kept, index }, at) => {
    const summary = summaries[at];
    if (summary === undefined) return [];
    const pricing = pricingView(kept.reader.pricing(index));
    return [{ summary, record: kept.reader.record(index), pricing, repricings: corrected.get(id) ?? [] }];
  });
}

async function readRepricings(reader: Queryable, ids: readonly string[]): Promise<Map<string, Repricing[]>> {
  if (ids.length === 0) return new Map();
  const columns = ['time', 'cost_before', 'source_before', 'cost_after', 'source_after', 'why'].map((name) =>
    name.startsWith('cost') ? sql`CAST(${fixed(name)} AS TEXT)` : fixed(name),
  );
  const found = await reader.values(sql`SELECT request_id, ${joined(columns, ', ')} FROM repricings
    WHERE request_id IN (${listed(ids)}) ORDER BY request_id, time`);
  const byId = Map.groupBy(found, ([id]) => String(id));
  return new Map(Array.from(byId, ([id, ofRequest]) => [id, ofRequest.map(readRepricing)]));
}

function readRepricing([
  ,
  time,
  costBefore,
  sourceBefore,
  costAfter,
  sourceAfter,
  why,
]: readonly SqlValue[]): Repricing {
  const dollars = (cost: SqlValue | undefined): string | null =>
    cost === null ? null : formatDollars(BigInt(String(cost)));
  const text = (value: SqlValue | undefined): string | null => (typeof value === 'string' ? value : null);
  return {
    time: Number(time),
    costBefore: dollars(costBefore),
    sourceBefore: text(sourceBefore),
    costAfter: dollars(costAfter),
    sourceAfter: text(sourceAfter),
    why: String(why),
  };
}
