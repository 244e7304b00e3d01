import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type EntrySink, JournalReader } from '../storage/journal/journal-reader.ts';
import { foldersIn, journalName } from '../storage/journal/place.ts';
import { HEAD_BYTES, Segment } from '../storage/journal/segment.ts';
import type { JournalPosition } from '../storage/ledger-store.ts';

const AT_ONCE = 10_000;

/** What is in the entries does not matter. */
const COUNTED: EntrySink = { text: () => {}, plain: () => {} };

/**
 * How many entries of all journals below `place` are behind the database's positions: records, and notes for the audit
 * trail. Reads copies, so that gateways that write there notice nothing.
 */
export function countWaiting(place: string, positions: readonly JournalPosition[]): number {
  const known = new Map(positions.map(({ journal, position }) => [journal, position]));
  return foldersIn(place).reduce((sum, node) => sum + countIn(join(place, node), node, known), 0);
}

function countIn(folder: string, node: string, known: ReadonlyMap<string, number>): number {
  const readers = new Map<number, JournalReader>();
  for (const segment of copiesIn(folder)) {
    const { worker } = segment;
    const journal = journalName(node, worker);
    const reader =
      readers.get(worker) ?? new JournalReader(journal, { isLive: false, position: known.get(journal) ?? 0 });
    readers.set(worker, reader);
    reader.add(segment);
  }
  return [...readers.values()].reduce((sum, reader) => sum + lengthOf(reader), 0);
}

function lengthOf(reader: JournalReader): number {
  let count = 0;
  for (let read = reader.read(AT_ONCE, COUNTED); read > 0; read = reader.read(AT_ONCE, COUNTED)) count += read;
  return count;
}

function copiesIn(folder: string): Segment[] {
  const segments: Segment[] = [];
  for (const name of namesIn(folder)) {
    const copy = name.endsWith('.segment') ? copyOf(join(folder, name)) : null;
    if (copy?.isValid) segments.push(copy);
  }
  return segments.sort((one, other) => one.sequence - other.sequence);
}

/** A gateway that ends takes its folder away meanwhile. */
function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (isGone(error)) return [];
    throw error;
  }
}

function copyOf(path: string): Segment | null {
  try {
    const bytes = readFileSync(path);
    return bytes.length < HEAD_BYTES ? null : new Segment(bytes, path);
  } catch (error) {
    if (isGone(error)) return null;
    throw error;
  }
}

function isGone(error: unknown): boolean {
  return (error as { code?: string }).code === 'ENOENT';
}
