import type { JournalControl } from './control.ts';
import { ENTRY_HEAD_BYTES, HEAD_BYTES, type Segment, SegmentState } from './segment.ts';
import { SegmentPool } from './segment-pool.ts';

export interface WriterOptions {
  /** Where this process keeps its journal; null for memory alone. */
  readonly folder: string | null;
  /** From 0. */
  readonly worker: number;
  readonly control: JournalControl;
  /** Bytes on the disk in all. */
  readonly limit: number;
  /** Multiples of 64 KiB. */
  readonly segmentBytes?: number;
  readonly memoryBytes?: number;
  readonly canMap?: boolean;
  announce(segment: Segment): void;
  /** The ledger sleeps, and there is something for it. */
  wake(): void;
  /** Why the disk takes no records, or null when it does again. */
  degraded(reason: string | null): void;
}

export const SEGMENT_BYTES = 2 ** 20;

/** What one worker keeps in memory where the disk takes no more: some 30,000 records. */
const MEMORY_BYTES = 16 * SEGMENT_BYTES;

/** Keeps the texts of one worker, one after the other, where the ledger finds them. */
export class JournalWriter {
  readonly #options: WriterOptions;
  readonly #control: JournalControl;
  readonly #worker: number;
  readonly #pool: SegmentPool;
  #segment: Segment | null = null;
  #sequence = 0;
  #offset = 0;
  #end = 0;
  /** From here on the next segment is made. */
  #prepareAt = 0;

  constructor(options: WriterOptions) {
    const { segmentBytes = SEGMENT_BYTES, memoryBytes = MEMORY_BYTES } = options;
    this.#options = options;
    this.#control = options.control;
    this.#worker = options.worker;
    this.#pool = new SegmentPool({
      folder: options.folder,
      worker: options.worker,
      segmentBytes,
      mostFiles: Math.max(2, Math.floor(options.limit / segmentBytes)),
      mostInMemory: Math.max(2, Math.floor(memoryBytes / segmentBytes)),
      canMap: options.canMap ?? process.platform !== 'win32',
      announce: options.announce,
      degraded: (reason) => {
        this.#control.setDegraded(this.#worker, reason !== null);
        options.degraded(reason);
      },
      dropped: (segment) => this.#control.dropped(this.#worker, countEntries(segment)),
    });
    this.#pool.prepare();
  }

  /**
   * Never throws, and never waits for more than a new segment. What finds no place is counted as lost. With `isQuiet`, a
   * ledger that sleeps is left asleep.
   */
  append(text: string, isQuiet = false): void {
    try {
      // A character has three bytes at most.
      if (this.#offset + ENTRY_HEAD_BYTES + text.length * 3 > this.#end && !this.#makeRoom(text)) return;
      this.#offset = this.#segment?.write(text, this.#offset, this.#sequence) ?? this.#offset;
    } catch (error) {
      this.#fail(error);
      return;
    }
    this.#control.wrote(this.#worker);
    if (this.#offset > this.#prepareAt) this.#prepare();
    if (!isQuiet && !this.#control.isAwake && this.#control.wake()) this.#options.wake();
  }

  #makeRoom(text: string): boolean {
    const length = ENTRY_HEAD_BYTES + Buffer.byteLength(text);
    if (this.#offset + length <= this.#end) return true;
    const next = this.#pool.take();
    if (HEAD_BYTES + length > next.bytes.length) {
      this.#control.dropped(this.#worker, 1);
      return false;
    }
    this.#sequence++;
    next.begin(this.#worker, this.#sequence);
    // Only now: the reader goes on from a sealed segment to the one that follows it.
    if (this.#segment !== null) this.#segment.state = SegmentState.sealed;
    this.#segment = next;
    this.#offset = HEAD_BYTES;
    this.#end = next.bytes.length;
    this.#prepareAt = this.#end / 2;
    return true;
  }

  #prepare(): void {
    this.#prepareAt = Number.POSITIVE_INFINITY;
    this.#pool.prepare();
  }

  #fail(error: unknown): void {
    this.#control.dropped(this.#worker, 1);
    this.#options.degraded(error instanceof Error ? error.message : String(error));
  }
}

function countEntries(segment: Segment): number {
  let count = 0;
  let offset = HEAD_BYTES;
  for (let length = segment.lengthAt(offset); length > 0; length = segment.lengthAt(offset)) {
    count++;
    offset = (offset + ENTRY_HEAD_BYTES + length + 7) & ~7;
  }
  return count;
}
