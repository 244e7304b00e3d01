import { EVERYTHING, type Filter } from '../../storage/filter.ts';
import type { LedgerQueries, TailPage } from '../../storage/ledger-queries.ts';
import { isoTime } from '../parameters/time.ts';
import { summaryOf } from './request-shapes.ts';

/** Milliseconds. */
const POLL = 400;
const HEARTBEAT = 15_000;
const SECOND = 1000;
/** Rows that are sent of one second. */
const SHOWN_PER_SECOND = 200;
/** Rows that are read of one second; the rest is only counted. */
const READ_PER_SECOND = 1000;
const PAGE = 500;

export interface TailOptions {
  readonly ledger: LedgerQueries;
  readonly filter: Filter;
  /** The id of the last event that the client has seen; null begins now. */
  readonly lastEventId: string | null;
  readonly signal: AbortSignal;
  readonly wait?: (milliseconds: number, signal: AbortSignal) => Promise<void>;
  readonly clock?: () => number;
}

/**
 * Requests as they are written, as server-sent events: `request`, `sampled` for those left out of a second, `heartbeat`.
 * The id of an event says where to go on: a client that comes back with it gets what it missed, and nothing twice.
 * https://html.spec.whatwg.org/multipage/server-sent-events.html
 */
export async function* tail(options: TailOptions): AsyncGenerator<string> {
  const { ledger, filter, signal, wait = pause, clock = Date.now } = options;
  const given = readPlace(options.lastEventId);
  let page = await ledger.after({ position: given.position, filter, limit: PAGE });
  // What came before this is part of the answer to a client that comes back, and of no other.
  let position = given.position;
  let skip = given.seen;
  let second = new Second(clock());
  let heartbeatAt = clock() + HEARTBEAT;
  yield `retry: 2000\n${event('ready', { as_of: isoTime(clock()) }, page.items.length === 0 ? page.position : placeOf(position, skip))}`;
  while (!signal.aborted) {
    const text = eventsOf(page, position, skip, second);
    position = page.position;
    skip = 0;
    if (text !== '') {
      heartbeatAt = clock() + HEARTBEAT;
      yield text;
    }
    if (clock() - second.begin >= SECOND) {
      const note = second.note();
      if (note !== '') yield event('sampled', note, position);
      second = new Second(clock());
    }
    if (page.more && second.read >= READ_PER_SECOND) {
      const jumped = await jump(ledger, filter, page, clock);
      position = jumped.position;
      second.left(jumped.count);
      page = { items: [], position, more: false };
      await wait(POLL, signal);
      continue;
    }
    if (!page.more) await wait(POLL, signal);
    if (signal.aborted) return;
    if (clock() >= heartbeatAt) {
      heartbeatAt = clock() + HEARTBEAT;
      yield event('heartbeat', { as_of: isoTime(clock()) }, position);
    }
    page = await ledger.after({ position, filter, limit: PAGE });
  }
}

/** Goes to the end, and counts what was passed over as well as that can be known. */
async function jump(
  ledger: LedgerQueries,
  filter: Filter,
  page: TailPage,
  clock: () => number,
): Promise<{ position: string; count: number }> {
  const now = clock();
  const last = page.items.at(-1)?.time ?? now;
  const [end, estimate] = await Promise.all([
    ledger.after({ position: null, filter: EVERYTHING }),
    ledger.estimate({ from: last, to: Math.max(last, now) + 1, filter }),
  ]);
  return { position: end.position, count: estimate.rows };
}

function eventsOf(page: TailPage, position: string | null, skip: number, second: Second): string {
  let text = '';
  for (const [index, item] of page.items.entries()) {
    if (index < skip) continue;
    const isLast = index === page.items.length - 1;
    if (!second.takes()) continue;
    text += event('request', summaryOf(item), isLast ? page.position : placeOf(position, index + 1));
  }
  return text;
}

/** What has been read and sent in the current second. */
class Second {
  readonly begin: number;
  read = 0;
  #shown = 0;
  #uncounted = 0;

  constructor(begin: number) {
    this.begin = begin;
  }

  /** The first of a second are shown; what is beyond them is thinned out, so that some of its end are there too. */
  takes(): boolean {
    this.read += 1;
    const isShown = this.#shown < SHOWN_PER_SECOND / 2 || (this.#shown < SHOWN_PER_SECOND && this.read % 8 === 0);
    if (isShown) this.#shown += 1;
    return isShown;
  }

  left(count: number): void {
    this.#uncounted += count;
  }

  note(): { readonly shown: number; readonly total: number } | '' {
    const total = this.read + this.#uncounted;
    return total > this.#shown ? { shown: this.#shown, total } : '';
  }
}

function event(name: string, data: unknown, id: string | null): string {
  return `event: ${name}\n${id === null ? '' : `id: ${id}\n`}data: ${JSON.stringify(data)}\n\n`;
}

/** A place within a page: the page's own beginning, and how many of it were sent. */
function placeOf(position: string | null, seen: number): string | null {
  return position === null ? null : `${position}:${seen}`;
}

function readPlace(id: string | null): { readonly position: string | null; readonly seen: number } {
  if (id === null) return { position: null, seen: 0 };
  const [, position = id, seen = '0'] = /^(.*):(\d{1,3})$/s.exec(id) ?? [];
  return { position, seen: Math.min(Number(seen), PAGE) };
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, milliseconds);
    signal.addEventListener('abort', done);
  });
}
