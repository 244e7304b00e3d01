import { QueryRefused } from '../usage/time-buckets.ts';

/** A place between two rows of a list. */
export interface Cursor {
  /** Rows before it are wanted, not those after it. */
  readonly backwards: boolean;
  /** The value that the list is sorted by, of the row beside it; null where it is sorted by id alone. */
  readonly value: string | null;
  readonly id: string;
}

/** Opaque to whoever gets it, and valid for the same question only. */
export function writeCursor({ backwards, value, id }: Cursor): string {
  return Buffer.from(JSON.stringify([backwards ? 1 : 0, value, id])).toString('base64url');
}

export function readCursor(text: string): Cursor {
  try {
    const [backwards, value, id]: unknown[] = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
    const isValue = value === null || (typeof value === 'string' && /^-?\d{1,19}$/.test(value));
    if (typeof id === 'string' && isValue) return { backwards: backwards === 1, value, id };
  } catch {
    // Below.
  }
  throw new QueryRefused('The cursor is not one that this list gave out.');
}
