import type { Database } from '../database/database.ts';
import { storableText } from '../database/sql.ts';
import { EVERYTHING } from '../filter.ts';
import type { ExportPage, ExportQuery } from '../ledger-queries.ts';
import { readId } from '../records/record-id.ts';
import { selectRecords } from '../records/record-table.ts';
import { QueryRefused } from '../usage/time-buckets.ts';
import { compileFilter } from './compile-filter.ts';
import { detailsOf } from './details.ts';
import { keepRecords } from './kept-texts.ts';
import { findForeign } from './one-request.ts';
import { selectRows } from './select-rows.ts';
import type { Place } from './top-rows.ts';

const MOST = 2_000;
/** How long one page may take, in milliseconds. It may be empty then, and not the last. */
const PAGE_LIMIT = 5_000;

export async function exportRequests(database: Database, query: ExportQuery): Promise<ExportPage> {
  const limit = Math.min(Math.max(query.limit ?? MOST, 1), MOST);
  const { rows, more, range, isLate } = await selectRows(database, {
    range: query,
    filter: compileFilter(query.filter ?? EVERYTHING),
    value: null,
    descending: false,
    after: query.after ? await readPlace(database, query.after) : null,
    limit,
    deadline: performance.now() + PAGE_LIMIT,
    keep: (records, indices) => keepRecords(selectRecords(records, indices)),
  });
  const items = await detailsOf(database, rows);
  const last = rows.at(-1);
  if (isLate) return { items, next: writePlace({ value: range.to, time: range.to, id: '' }) };
  return { items, next: more && last !== undefined ? writePlace(last) : null };
}

/** The id where it tells the time; else both. */
function writePlace({ time, id }: Place): string {
  return readId(id) === null ? `${time}:${id}` : id;
}

const TIME_AND_ID = /^(\d{1,16}):(.*)$/s;

async function readPlace(database: Database, after: string): Promise<Place> {
  const time = readId(after)?.time;
  if (time !== undefined) return { value: time, time, id: after };
  const [, written = '', id = ''] = TIME_AND_ID.exec(after) ?? [];
  if (written !== '') return { value: Number(written), time: Number(written), id };
  const found = await findForeign(database, storableText(after));
  if (found === null) throw new QueryRefused('There is no request of the id after which the export is to begin.');
  return found;
}
