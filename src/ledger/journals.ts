import { type EntrySink, JournalReader } from '../storage/journal/journal-reader.ts';
import { type JournalFolder, journalName } from '../storage/journal/place.ts';
import type { Segment } from '../storage/journal/segment.ts';
import type { JournalPosition } from '../storage/ledger-store.ts';

/** What was read from the journals, and how far. */
export interface Reading {
  readonly entries: number;
  readonly positions: readonly JournalPosition[];
  /** Of the entries, those that the workers of this process wrote. */
  readonly own: number;
  /** `readAhead` gave all of them before. */
  readonly isTold: boolean;
}

interface Leftover {
  readonly folder: JournalFolder;
  readonly readers: readonly JournalReader[];
}

/** The journals of this process's workers, and those that ended processes left. */
export class Journals {
  readonly #node: string;
  readonly #live = new Map<number, JournalReader>();
  /** By worker, while somebody is told of what is not taken over yet. */
  readonly #ahead = new Map<number, JournalReader>();
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
    this.#ahead.get(worker)?.add(segment);
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

  /** Gives the entries that follow in all of them, so many at most, to the sink of the process that wrote them. */
  read(limit: number, sink: (node: string) => EntrySink): Reading {
    if (this.#ahead.size > 0) {
      const told = this.#readTold(limit, sink);
      if (told.entries > 0) return told;
    }
    const taking = new Taking(limit, sink);
    for (const reader of this.#live.values()) taking.take(reader, this.#node);
    const own = taking.entries;
    for (const { folder, readers } of this.#leftovers) for (const reader of readers) taking.take(reader, folder.node);
    const { entries, positions } = taking;
    return { entries, positions, own, isTold: false };
  }

  /**
   * Gives what the workers of this process wrote beyond what was read, each entry once, without taking it over: `read` gives
   * it again. How many there were.
   */
  readAhead(limit: number, sink: (node: string) => EntrySink): number {
    let entries = 0;
    for (const [worker, reader] of this.#live) {
      const ahead = this.#ahead.get(worker) ?? reader.lookAhead();
      this.#ahead.set(worker, ahead);
      entries += ahead.read(limit - entries, sink(this.#node));
    }
    return entries;
  }

  /** What was read ahead; where that is taken over, nobody has to remember it. */
  #readTold(limit: number, sink: (node: string) => EntrySink): Reading {
    const taking = new Taking(limit, sink);
    for (const [worker, ahead] of this.#ahead) {
      const reader = this.#live.get(worker);
      if (reader !== undefined) taking.take(reader, this.#node, ahead.position);
      if (reader === undefined || reader.position >= ahead.position) this.#ahead.delete(worker);
    }
    const { entries, positions } = taking;
    return { entries, positions, own: entries, isTold: true };
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

/** Reads of several journals what makes one batch. */
class Taking {
  readonly positions: JournalPosition[] = [];
  entries = 0;
  readonly #limit: number;
  readonly #sink: (node: string) => EntrySink;

  constructor(limit: number, sink: (node: string) => EntrySink) {
    this.#limit = limit;
    this.#sink = sink;
  }

  take(reader: JournalReader, node: string, until?: number): void {
    const from = reader.position;
    const taken = reader.read(this.#limit - this.entries, this.#sink(node), until);
    this.entries += taken;
    if (taken > 0) this.positions.push({ journal: reader.journal, position: reader.position, from });
  }
}
