import type { Queryable } from '../database/database.ts';
import { listed, sql } from '../database/sql.ts';
import type { RequestSummary, TimeRange } from '../ledger-queries.ts';
import { readTexts } from '../payloads.ts';
import { requestIdRange } from '../records/id-range.ts';
import { RecordReader } from '../records/read-record.ts';
import type { RecordColumns } from '../records/record-columns.ts';
import { IdWriter } from '../records/record-id.ts';
import { foreignIds } from './text-search.ts';
import type { Row } from './top-rows.ts';

/** Requests that were copied out of their block. */
export interface KeptRecords {
  readonly records: RecordColumns;
  readonly reader: RecordReader;
}

export function keepRecords(records: RecordColumns): KeptRecords {
  return { records, reader: new RecordReader(records) };
}

export async function hasKeptTexts(reader: Queryable, range: TimeRange): Promise<boolean> {
  return (await reader.values(sql`SELECT 1 FROM payloads WHERE ${requestIdRange(range)} LIMIT 1`)).length > 0;
}

/** Which of these have kept texts. */
export async function keptIdsOf(reader: Queryable, ids: readonly string[]): Promise<Set<string>> {
  if (ids.length === 0) return new Set();
  const rows = await reader.values(sql`SELECT request_id FROM payloads WHERE request_id IN (${listed(ids)})`);
  return new Set(rows.map(([id]) => String(id)));
}

/** Which requests of a block have kept texts, and some others of its time. */
export async function keptIdsOfBlock(reader: Queryable, records: RecordColumns): Promise<Set<string>> {
  const times = records.number('time');
  let from = Number.POSITIVE_INFINITY;
  let last = 0;
  for (let index = 0; index < records.size; index++) {
    const time = times[index] ?? 0;
    if (time < from) from = time;
    if (time > last) last = time;
  }
  const range = requestIdRange({ from, to: last + 1 });
  const rows = await reader.values(sql`SELECT request_id FROM payloads WHERE ${range}`);
  const kept = new Set(rows.map(([id]) => String(id)));
  const ids = new IdWriter(records);
  const foreign = await keptIdsOf(
    reader,
    foreignIds(records).map((index) => ids.id(index)),
  );
  return kept.union(foreign);
}

/** Both texts of a request in one, by its id. */
export async function readKeptTexts(reader: Queryable, ids: readonly string[]): Promise<Map<string, string>> {
  if (ids.length === 0) return new Map();
  const rows = await reader.values(sql`SELECT request_id, texts FROM payloads WHERE request_id IN (${listed(ids)})`);
  return new Map(
    rows.map(([id, packed]) => {
      const { request, response } = readTexts(packed as Uint8Array);
      return [String(id), `${request}\n${response ?? ''}`];
    }),
  );
}

export async function summariesOf(reader: Queryable, rows: readonly Row<KeptRecords>[]): Promise<RequestSummary[]> {
  const kept = await keptIdsOf(
    reader,
    rows.map(({ id }) => id),
  );
  return rows.map((row) => row.kept.reader.summary(row.index, kept.has(row.id)));
}
