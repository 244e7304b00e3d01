import { formatDollars } from '../../core/ledger/money.ts';
import type { Database, Queryable } from '../database/database.ts';
import { fixed, joined, NOTHING, type Sql, type SqlValue, sql, storableText } from '../database/sql.ts';
import { EVERYTHING } from '../filter.ts';
import type { ExportPage, ExportQuery, Repricing, RequestDetail } from '../ledger-queries.ts';
import { idRange } from '../rows/id-range.ts';
import { pricingOf, pricingView, type Row, readRecord, readSummary, rowColumns } from '../rows/read-row.ts';
import { filterSql } from './filter-sql.ts';

const MOST = 2_000;

export async function readRequest(database: Database, id: string): Promise<RequestDetail | null> {
  return database.snapshot(async (reader) => {
    const [detail] = await readDetails(reader, database, sql`id = ${storableText(id)}`);
    return detail ?? null;
  });
}

export async function exportRequests(database: Database, query: ExportQuery): Promise<ExportPage> {
  const limit = Math.min(Math.max(query.limit ?? MOST, 1), MOST);
  const after = query.after ? sql`AND id > ${storableText(query.after)}` : NOTHING;
  const condition = sql`${idRange(query)} ${after} AND (${filterSql(database.dialect, query.filter ?? EVERYTHING)})
    ORDER BY id LIMIT ${limit}`;
  const items = await database.snapshot((reader) => readDetails(reader, database, condition));
  return { items, next: items.length === limit ? (items.at(-1)?.summary.id ?? null) : null };
}

async function readDetails(reader: Queryable, { dialect }: Database, condition: Sql): Promise<RequestDetail[]> {
  const rows = await reader.values(sql`SELECT ${rowColumns(dialect)} FROM requests WHERE ${condition}`);
  const corrected = await readRepricings(reader, rows);
  return rows.map((row) => {
    const summary = readSummary(row);
    const pricing = pricingView(pricingOf(row));
    return { summary, record: readRecord(row), pricing, repricings: corrected.get(summary.id) ?? [] };
  });
}

async function readRepricings(reader: Queryable, rows: readonly Row[]): Promise<Map<string, Repricing[]>> {
  const ids = rows.map(([id]) => String(id));
  const [first, last] = [ids[0], ids.at(-1)];
  if (first === undefined || last === undefined) return new Map();
  const columns = ['time', 'cost_before', 'source_before', 'cost_after', 'source_after', 'why'].map((name) =>
    name.startsWith('cost') ? sql`CAST(${fixed(name)} AS TEXT)` : fixed(name),
  );
  const found = await reader.values(sql`SELECT request_id, ${joined(columns, ', ')} FROM repricings
    WHERE request_id >= ${first} AND request_id <= ${last} ORDER BY request_id, time`);
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
