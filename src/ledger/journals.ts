import type { RequestRecord } from '../core/ledger/request-record.ts';
import { type EntrySink, JournalReader } from '../storage/journal/journal-reader.ts';
import { type JournalFolder, journalName } from '../storage/journal/place.ts';
import type { Segment } from '../storage/journal/segment.ts';
import type { JournalPosition } from '../storage/ledger-store.ts';
import { readPlain } from './read-plain.ts';

/** What was read from the journals, and how far. */
export interface Reading {
  readonly entries: readonly Entry[];
  readonly positions: readonly JournalPosition[];
  /** Of them, those that the workers of this process wrote. */
  readonly own: number;
}

export interface Entry {
  /** Of what is no plain record. */
  readonly text: string | null;
  /** Of a plain one; null for one that cannot be read. */
  readonly record: RequestRecord | null;
  /** The process that wrote it. */
  readonly node: string;
}

interface Leftover {
  readonly folder: JournalFolder;
  readonly readers: readonly JournalReader[];
}

/** The journals of this process's workers, and those that ended processes left. */
export class Journals {
  readonly #node: string;
  readonly #live = new Map<number, JournalReader>();
  #leftovers: Leftover[] = [];
  #positions = new Map<string, number>();

  constructor(node: string) {
    this.#node = node;
  }

  /** How far the database knows each journal. To be said before anything is added. */
  resume(positions: readonly JournalPosition[]): void {
    this.#positions = new Map(positions.map(({ journal, position }) => [journal, position]));
  }

  add(worker: number, segment: Segment): void {
    let reader = this.#live.get(worker);
    if (reader === undefined) {
      reader = this.#reader(this.#node, worker, true);
      this.#live.set(worker, reader);
    }
    reader.add(segment);
  }

  adopt(folder: JournalFolder): void {
    const readers = [...folder.segments()].map(([worker, segments]) => {
      const reader = this.#reader(folder.node, worker, false);
      for (const segment of segments) reader.add(segment);
      return reader;
    });
    this.#leftovers.push({ folder, readers });
  }

  get hasLeftovers(): boolean {
    return this.#leftovers.length > 0;
  }

  /** Entries that were not what was written. */
  get damaged(): number {
    const readers = [...this.#live.values(), ...this.#leftovers.flatMap((leftover) => leftover.readers)];
    return readers.reduce((sum, { damaged }) => sum + damaged, 0);
  }

  /** The entries that follow in all of them, so many at most. */
  read(limit: number): Reading {
    const entries: Entry[] = [];
    const positions: JournalPosition[] = [];
    const take = (reader: JournalReader, node: string): void => {
      const taken = reader.read(limit - entries.length, sinkFor(entries, node));
      if (taken > 0) positions.push({ journal: reader.journal, position: reader.position });
    };
    for (const reader of this.#live.values()) take(reader, this.#node);
    const own = entries.length;
    for (const { folder, readers } of this.#leftovers) for (const reader of readers) take(reader, folder.node);
    return { entries, positions, own };
  }

  /** What was read is taken over. Leftovers without anything more are removed. */
  release(): void {
    for (const reader of this.#live.values()) reader.release();
    for (const { readers } of this.#leftovers) for (const reader of readers) reader.release();
  }

  /** To be called when `read` found nothing more. Returns how many leftovers have gone. */
  removeLeftovers(): number {
    const gone = this.#leftovers;
    this.#leftovers = [];
    for (const { folder } of gone) folder.remove();
    return gone.length;
  }

  /** Leaves the leftovers to the next process. */
  close(): void {
    for (const { folder } of this.#leftovers) folder.abandon();
    this.#leftovers = [];
  }

  #reader(node: string, worker: number, isLive: boolean): JournalReader {
    const journal = journalName(node, worker);
    const position = this.#positions.get(journal);
    return new JournalReader(journal, { isLive, ...(position !== undefined && { position }) });
  }
}

function sinkFor(entries: Entry[], node: string): EntrySink {
  return {
    text: (text) => void entries.push({ text, record: null, node }),
    plain: (words, at, definitions) =>
      void entries.push({ text: null, record: readPlain(words, at, definitions, node), node }),
  };
}
