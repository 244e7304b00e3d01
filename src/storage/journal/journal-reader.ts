import { BODY_CALLER_WORD, CALLER_WORD, MAKER_WORD, SHAPE_WORD } from '../../core/ledger/plain-record.ts';
import { Definitions } from './definitions.ts';
import { after, EntryKind, HEAD_BYTES, kindOf, positionOf, type Segment, SegmentState, wordAt } from './segment.ts';

/**
 * Takes what a journal holds, in its order. It must not throw, or what it did not take is lost, and must not keep `words`,
 * which change once the segment is released.
 */
export interface EntrySink {
  text(text: string): void;
  /** A plain record, as `core/ledger/plain-record.ts` has it; `at` is the index of its first word. */
  plain(words: Int32Array, at: number, definitions: Definitions): void;
}

/** Then what is missing was given up to make room, and reading goes on behind it. */
const MOST_GAPS = 20;

/** Follows what one worker writes. What it has read it gives free only when told that it was taken over. */
export class JournalReader {
  /** Names it among all journals: the process, and the worker in it. */
  readonly journal: string;
  /** Entries that were not what was written. */
  damaged = 0;
  #segments: Segment[] = [];
  #current: Segment | null = null;
  /** Of the current segment, up to where it has been read. */
  #definitions = new Definitions();
  #sequence: number;
  #offset = HEAD_BYTES;
  /** Those that have been read to their end since the last `release`. */
  #finished: Segment[] = [];
  readonly #isLive: boolean;
  readonly #onlyLooks: boolean;
  /** How often in a row the segment that follows was not there, but a later one. */
  #gaps = 0;

  /**
   * `position` is where reading goes on. `isLive`: the writer may still add to it. `onlyLooks`: somebody else takes it over,
   * and the writer may give up what is read here to make room.
   */
  constructor(
    journal: string,
    options: { readonly isLive: boolean; readonly position?: number; readonly onlyLooks?: boolean },
  ) {
    this.journal = journal;
    this.#isLive = options.isLive;
    this.#onlyLooks = options.onlyLooks ?? false;
    const position = options.position ?? 0;
    this.#sequence = Math.floor(position / positionOf(1, 0));
    this.#offset = Math.max(HEAD_BYTES, position % positionOf(1, 0));
  }

  get position(): number {
    return positionOf(this.#sequence, this.#offset);
  }

  add(segment: Segment): void {
    this.#segments = this.#segments.filter(({ state }) => state !== SegmentState.retired);
    this.#segments.push(segment);
  }

  /** Another that reads from here on, and takes nothing over. */
  lookAhead(): JournalReader {
    const ahead = new JournalReader(this.journal, { isLive: this.#isLive, position: this.position, onlyLooks: true });
    for (const segment of this.#segments) ahead.add(segment);
    return ahead;
  }

  /** Gives `sink` the entries that follow, so many at most and none behind `until`, and returns how many. */
  read(limit: number, sink: EntrySink, until = Number.POSITIVE_INFINITY): number {
    let taken = 0;
    while (taken < limit && this.position < until) {
      const segment = this.#current ?? this.#next();
      if (segment === null) return taken;
      if (this.#current === null) this.#definitions = this.#definitionsBefore(segment);
      this.#current = segment;
      taken += this.#readSegment(segment, limit - taken, sink, until);
      // It goes on there.
      if (this.#current !== null) return taken;
    }
    return taken;
  }

  /** What was read until now is taken over: its segments may be used again. */
  release(): void {
    for (const segment of this.#finished) segment.state = SegmentState.free;
    this.#finished = [];
  }

  /** How many entries it gave. The segment is no longer the current one where more can only come in another. */
  #readSegment(segment: Segment, limit: number, sink: EntrySink, until: number): number {
    if (this.#isLive && !this.#holds(segment)) {
      this.#current = null;
      this.#offset = segment.bytes.length;
      return 0;
    }
    // Read before the entries: what is there when it is sealed is all there will be.
    const isOver = !this.#isLive || segment.state !== SegmentState.open;
    let taken = 0;
    while (taken < limit && this.position < until) {
      const offset = this.#offset;
      const head = segment.headAt(offset);
      if (head === 0) {
        if (isOver) this.#finish(segment);
        return taken;
      }
      if (!segment.isIntact(offset, head, this.#sequence)) {
        this.damaged++;
        // Where the next one would begin nobody can tell.
        this.#finish(segment);
        return taken;
      }
      this.#offset = after(offset, head);
      if (this.#give(segment, offset, head, sink)) taken++;
    }
    return taken;
  }

  /** False for what is no entry of its own. */
  #give(segment: Segment, offset: number, head: number, sink: EntrySink): boolean {
    const kind = kindOf(head);
    if (kind === EntryKind.definition) {
      this.#definitions.add(segment.textAt(offset, head));
      return false;
    }
    if (kind === EntryKind.text) sink.text(segment.textAt(offset, head));
    else if (this.#isDefined(segment, offset)) sink.plain(segment.words, wordAt(offset), this.#definitions);
    else {
      this.damaged++;
      return false;
    }
    return true;
  }

  /** False where a definition was damaged that stood before the position at which reading began. */
  #isDefined({ words }: Segment, offset: number): boolean {
    const at = wordAt(offset);
    const known = this.#definitions;
    return (
      known.has(words[at + SHAPE_WORD] ?? 0) &&
      known.has(words[at + CALLER_WORD] ?? 0) &&
      known.has(words[at + BODY_CALLER_WORD] ?? 0) &&
      known.has(words[at + MAKER_WORD] ?? 0)
    );
  }

  /** Records behind a position may name what stands before it. */
  #definitionsBefore(segment: Segment): Definitions {
    const definitions = new Definitions();
    let offset = HEAD_BYTES;
    while (offset < this.#offset) {
      const head = segment.headAt(offset);
      if (head === 0 || !segment.isIntact(offset, head, this.#sequence)) break;
      if (kindOf(head) === EntryKind.definition) definitions.add(segment.textAt(offset, head));
      offset = after(offset, head);
    }
    return definitions;
  }

  /** False where the writer has given the segment up to make room. */
  #holds(segment: Segment): boolean {
    const { open, sealed, claimed } = SegmentState;
    if (!this.#onlyLooks) segment.changeState(sealed, claimed);
    const { state } = segment;
    const isThere = state === open || state === claimed || (this.#onlyLooks && state === sealed);
    return isThere && segment.sequence === this.#sequence;
  }

  #finish(segment: Segment): void {
    this.#finished.push(segment);
    this.#current = null;
    this.#offset = segment.bytes.length;
  }

  /** The one with the lowest sequence that has not been read. */
  #next(): Segment | null {
    const { free, retired } = SegmentState;
    let next: Segment | null = null;
    for (const segment of this.#segments) {
      const { state, sequence } = segment;
      const isRead = sequence < this.#sequence || (sequence === this.#sequence && this.#offset >= segment.bytes.length);
      if (state === free || state === retired || sequence === 0 || isRead) continue;
      if (next === null || sequence < next.sequence) next = segment;
    }
    if (next === null || this.#waitsFor(next.sequence)) return null;
    if (next.sequence !== this.#sequence) this.#offset = HEAD_BYTES;
    this.#sequence = next.sequence;
    return next;
  }

  /** One that was just made may be heard of a little later than the one behind it. */
  #waitsFor(sequence: number): boolean {
    const isGap = this.#isLive && sequence > this.#sequence + 1;
    this.#gaps = isGap ? this.#gaps + 1 : 0;
    return isGap && this.#gaps < MOST_GAPS;
  }
}
