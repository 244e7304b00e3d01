import type { Definition } from '../../core/ledger/definition.ts';
import { BODY_CALLER_WORD, CALLER_WORD, MAKER_WORD, PLAIN_WORDS, SHAPE_WORD } from '../../core/ledger/plain-record.ts';
import type { JournalControl } from './control.ts';
import {
  after,
  ENTRY_HEAD_BYTES,
  EntryKind,
  HEAD_BYTES,
  kindOf,
  type Segment,
  SegmentState,
  sizeOf,
  wordAt,
} from './segment.ts';
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

/** What one worker keeps in memory where the disk takes no more: some 100,000 records. */
const MEMORY_BYTES = 16 * SEGMENT_BYTES;

const NO_WORDS: Int32Array = new Int32Array(0);

/** Counts the uses of segments in this thread, so that what one writer has defined is never taken for another's. */
let uses = 0;

/** Keeps the records of one worker, one after the other, where the ledger finds them. */
export class JournalWriter {
  readonly #options: WriterOptions;
  readonly #control: JournalControl;
  readonly #worker: number;
  readonly #pool: SegmentPool;
  #words = NO_WORDS;
  #segment: Segment | null = null;
  #sequence = 0;
  #use = 0;
  #definitions = 0;
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
      const mayFit = this.#offset + ENTRY_HEAD_BYTES + text.length * 3 <= this.#end;
      if (!mayFit && !this.#makeRoom(sizeOf(Buffer.byteLength(text)))) return;
      this.#write(text, EntryKind.text);
    } catch (error) {
      this.#fail(error);
      return;
    }
    this.#wrote(isQuiet);
  }

  /**
   * Begins a plain record with `idBytes` bytes of the upstream's name for the request. Returns the index in `words` of its
   * first word; -1 where it finds no place, which is counted as lost. It has its definitions then; the other words are
   * the caller's to write at once, before `commit`. Never throws.
   */
  begin(
    shape: Definition,
    caller: Definition | null,
    bodyCaller: Definition | null,
    maker: Definition,
    idBytes: number,
  ): number {
    const use = this.#use;
    const isDefined =
      shape.use === use &&
      maker.use === use &&
      (caller === null || caller.use === use) &&
      (bodyCaller === null || bodyCaller.use === use);
    const size = ENTRY_HEAD_BYTES + PLAIN_WORDS * 4 + idBytes;
    if (!isDefined || this.#offset + size > this.#end) {
      const used = [shape, caller, bodyCaller, maker].filter((definition) => definition !== null);
      if (!this.#define(used, size)) return -1;
    }
    const words = this.#words;
    const at = wordAt(this.#offset);
    words[at + SHAPE_WORD] = shape.number;
    words[at + CALLER_WORD] = caller === null ? 0 : caller.number;
    words[at + BODY_CALLER_WORD] = bodyCaller === null ? 0 : bodyCaller.number;
    words[at + MAKER_WORD] = maker.number;
    return at;
  }

  /** Of the segment in which `begin` has made room. */
  get words(): Int32Array {
    return this.#words;
  }

  /** Ends the plain record that was begun. Never throws. */
  commit(): void {
    try {
      const segment = this.#segment;
      if (segment === null) return;
      this.#offset = segment.closePlain(this.#offset, this.#sequence);
      segment.save(this.#offset);
    } catch (error) {
      this.#fail(error);
      return;
    }
    this.#wrote(false);
  }

  #wrote(isQuiet: boolean): void {
    this.#control.wrote(this.#worker);
    if (this.#offset > this.#prepareAt) this.#prepare();
    if (!isQuiet && !this.#control.isAwake && this.#control.wake()) this.#options.wake();
  }

  #write(text: string, kind: number): void {
    const segment = this.#segment;
    if (segment === null) return;
    this.#offset = segment.write(text, this.#offset, this.#sequence, kind);
    segment.save(this.#offset);
  }

  /** Writes those that the segment has not, into one that has room for the record behind them too. */
  #define(used: readonly Definition[], size: number): boolean {
    try {
      const missing = used.filter(({ use }) => use !== this.#use);
      const mayFit = this.#offset + size + sizeInAll(missing) <= this.#end;
      // A segment that is begun for this has none of them.
      if (!mayFit && !this.#beginSegment(size + sizeInAll(used))) return false;
      for (const definition of used) {
        if (definition.use === this.#use) continue;
        // Counted first: it is there, even if the disk does not take it.
        definition.number = ++this.#definitions;
        definition.use = this.#use;
        this.#write(definition.text, EntryKind.definition);
      }
      return true;
    } catch (error) {
      this.#fail(error);
      return false;
    }
  }

  #makeRoom(size: number): boolean {
    return this.#offset + size <= this.#end || this.#beginSegment(size);
  }

  /** False where even a whole segment has no room for so many bytes: the record is lost. */
  #beginSegment(size: number): boolean {
    const next = this.#pool.take();
    if (HEAD_BYTES + size > next.bytes.length) {
      this.#control.dropped(this.#worker, 1);
      return false;
    }
    this.#sequence++;
    next.begin(this.#worker, this.#sequence);
    // Only now: the reader goes on from a sealed segment to the one that follows it.
    if (this.#segment !== null) this.#segment.state = SegmentState.sealed;
    this.#segment = next;
    this.#words = next.words;
    this.#use = ++uses;
    this.#definitions = 0;
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

function sizeInAll(definitions: readonly Definition[]): number {
  return definitions.reduce((sum, { text }) => sum + sizeOf(Buffer.byteLength(text)), 0);
}

/** Records and other texts; definitions are part of them. */
function countEntries(segment: Segment): number {
  let count = 0;
  let offset = HEAD_BYTES;
  for (let head = segment.headAt(offset); head !== 0; head = segment.headAt(offset)) {
    if (kindOf(head) !== EntryKind.definition) count++;
    offset = after(offset, head);
  }
  return count;
}
