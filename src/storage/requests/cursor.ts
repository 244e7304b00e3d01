import type { TimeRange } from '../ledger-queries.ts';
import { QueryRefused } from '../usage/time-buckets.ts';
import type { Place } from './top-rows.ts';

/** A place between two rows of a list. */
export interface Cursor {
  /** Rows before it are wanted, not those after it. */
  readonly backwards: boolean;
  /** Null: at the beginning of the part. */
  readonly place: Place | null;
  /** The part of the range that is shown now, where a search ended at its time limit; null: all of it. */
  readonly part: TimeRange | null;
}

/** Opaque to whoever gets it, and valid for the same question only. */
export function writeCursor({ backwards, place, part }: Cursor): string {
  const written = [
    backwards ? 1 : 0,
    place && [String(place.value), String(place.time), place.id],
    part && [String(part.from), String(part.to)],
  ];
  return Buffer.from(JSON.stringify(written)).toString('base64url');
}

export function readCursor(text: string): Cursor {
  try {
    const [backwards, place, part, ...others]: unknown[] = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
    if (others.length === 0 && (backwards === 0 || backwards === 1) && (place !== null || part !== null)) {
      return { backwards: backwards === 1, place: readPlace(place), part: readPart(part) };
    }
  } catch {
    // Below.
  }
  throw new QueryRefused('The cursor is not one that this list gave out.');
}

function readPlace(given: unknown): Place | null {
  if (given === null) return null;
  const [value, time, id] = readList(given, 3);
  if (typeof id !== 'string') throw new TypeError('no id');
  return { value: readWhole(value), time: readWhole(time), id };
}

function readPart(given: unknown): TimeRange | null {
  if (given === null) return null;
  const [from, to] = readList(given, 2);
  return { from: readWhole(from), to: readWhole(to) };
}

function readList(given: unknown, length: number): unknown[] {
  if (!Array.isArray(given) || given.length !== length) throw new TypeError('no list');
  return given;
}

function readWhole(given: unknown): number {
  if (typeof given !== 'string' || !/^-?\d{1,19}$/.test(given)) throw new TypeError('no whole number');
  return Number(given);
}
