import { after, ENTRY_HEAD_BYTES, HEAD_BYTES, positionOf, type Segment, SegmentState } from './segment.ts';

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
  #sequence: number;
  #offset = HEAD_BYTES;
  /** Those that have been read to their end since the last `release`. */
  #finished: Segment[] = [];
  readonly #isLive: boolean;
  /** How often in a row the segment that follows was not there, but a later one. */
  #gaps = 0;

  /** `position` is where reading goes on. `isLive`: the writer may still add to it. */
  constructor(journal: string, options: { readonly isLive: boolean; readonly position?: number }) {
    this.journal = journal;
    this.#isLive = options.isLive;
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

  /** The texts that follow, so many at most. */
  read(limit: number): string[] {
    const texts: string[] = [];
    while (texts.length < limit) {
      const segment = this.#current ?? this.#next();
      if (segment === null) return texts;
      this.#current = segment;
      if (!this.#readSegment(segment, texts, limit)) return texts;
    }
    return texts;
  }

  /** What was read until now is taken over: its segments may be used again. */
  release(): void {
    for (const segment of this.#finished) segment.state = SegmentState.free;
    this.#finished = [];
  }

  /** True when there is more to expect in another segment. */
  #readSegment(segment: Segment, texts: string[], limit: number): boolean {
    if (this.#isLive && !this.#holds(segment)) {
      this.#current = null;
      this.#offset = segment.bytes.length;
      return true;
    }
    // Read before the entries: what is there when it is sealed is all there will be.
    const isOver = !this.#isLive || segment.state !== SegmentState.open;
    while (texts.length < limit) {
      const length = segment.lengthAt(this.#offset);
      if (length === 0) {
        if (isOver) this.#finish(segment);
        return isOver;
      }
      if (!segment.isIntact(this.#offset, length, this.#sequence)) {
        this.damaged++;
        // Where the next one would begin nobody can tell.
        this.#finish(segment);
        return true;
      }
      texts.push(segment.textAt(this.#offset, length));
      this.#offset = after(this.#offset + ENTRY_HEAD_BYTES, length);
    }
    return false;
  }

  /** False where the writer has given the segment up to make room. */
  #holds(segment: Segment): boolean {
    const { open, sealed, claimed } = SegmentState;
    segment.changeState(sealed, claimed);
    return segment.sequence === this.#sequence && (segment.state === open || segment.state === claimed);
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
