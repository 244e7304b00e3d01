import type { RequestRecord } from '../../src/core/ledger/request-record.ts';
import { openLedgerForReading } from '../../src/storage/ledger-database.ts';

/** What a ledger has of the requests of a test. */
export interface Kept {
  /** The client's names of the requests, by id. */
  readonly names: ReadonlyMap<string, string | null>;
  /** How often each id was seen, where that is not once. */
  readonly repeated: readonly string[];
  /** Requests that the roll-ups count. */
  readonly counted: number;
}

/** Every record of the last day, the oldest first. */
export async function readRecords(database: string): Promise<RequestRecord[]> {
  const { queries, close } = await openLedgerForReading({ database });
  try {
    const page = await queries.export({ from: Date.now() - DAY, to: Date.now() + DAY, limit: 2000 });
    return page.items.map(({ record }) => record);
  } finally {
    await close();
  }
}

const DAY = 86_400_000;

/** Everything in a database of the last day. */
export async function readKept(database: string): Promise<Kept> {
  const { queries, close } = await openLedgerForReading({ database });
  try {
    const from = Math.floor(Date.now() / DAY) * DAY - DAY;
    const range = { from, to: from + 3 * DAY };
    const names = new Map<string, string | null>();
    const repeated: string[] = [];
    for (let after: string | null = null, isFirst = true; isFirst || after !== null; isFirst = false) {
      const page = await queries.export({ ...range, after, limit: 2000 });
      for (const { record } of page.items) {
        if (names.has(record.id)) repeated.push(record.id);
        names.set(record.id, record.caller.tags.client_request_id ?? null);
      }
      after = page.next;
    }
    const usage = await queries.usage({ ...range, bucket: 'none', groups: [] });
    return { names, repeated, counted: usage.total.requests };
  } finally {
    await close();
  }
}
