import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { allocate, allocateAhead, openSegment } from './files.ts';
import { Segment, SegmentState } from './segment.ts';

export interface PoolOptions {
  /** Where segments are files; null where nothing is to be kept on a disk. */
  readonly folder: string | null;
  readonly worker: number;
  readonly segmentBytes: number;
  /** How many segments there may be on the disk, and in memory where the disk takes no more. */
  readonly mostFiles: number;
  readonly mostInMemory: number;
  /** Whether the system maps files into memory. */
  readonly canMap: boolean;
  /** Somebody must read it from now on. */
  announce(segment: Segment): void;
  /** The disk takes no more, and why; null when it does again. */
  degraded(reason: string | null): void;
  /** A segment with records was given up to make room. */
  dropped(segment: Segment): void;
}

/** How long the disk is left alone after it failed. */
const RETRY_MILLISECONDS = 1000;

/** Free segments that are kept for what comes. */
const SPARE = 2;

/** The segments of one writer, used over and over: one that stands costs less than a new one. */
export class SegmentPool {
  readonly #options: PoolOptions;
  /** In the order in which they were begun. */
  #segments: Segment[] = [];
  #made = 0;
  #files = 0;
  #isPreparing = false;
  #retryAt = 0;
  #isDegraded = false;

  constructor(options: PoolOptions) {
    this.#options = options;
  }

  /** A segment to begin. Where none is free it waits for a file to be written, and for nothing else. */
  take(): Segment {
    return this.#takeFree() ?? this.#createFile() ?? this.#createInMemory() ?? this.#dropOldest();
  }

  /** Has the next one made, so that `take` need not. */
  prepare(): void {
    const { folder, mostFiles, segmentBytes } = this.#options;
    if (folder === null || this.#isPreparing || this.#files >= mostFiles || this.#isResting()) return;
    if (this.#segments.some(({ state }) => state === SegmentState.free)) return;
    this.#isPreparing = true;
    const path = this.#nextPath(folder);
    allocateAhead(path, segmentBytes)
      .then(() => this.#open(path))
      .catch((error: unknown) => this.#fileFailed(error))
      .finally(() => {
        this.#isPreparing = false;
      });
  }

  #takeFree(): Segment | null {
    const free = this.#segments.filter(({ state }) => state === SegmentState.free);
    for (const segment of free.slice(SPARE)) this.#retire(segment);
    const segment = free[0];
    if (segment === undefined) return null;
    this.#segments = this.#segments.filter((other) => other !== segment);
    this.#segments.push(segment);
    return segment;
  }

  #retire(segment: Segment): void {
    if (!segment.retire()) return;
    this.#segments = this.#segments.filter((other) => other !== segment);
    if (segment.path === null) return;
    this.#files--;
    rmSync(segment.path, { force: true });
  }

  #createFile(): Segment | null {
    const { folder, segmentBytes, mostFiles } = this.#options;
    if (folder === null || this.#isResting()) return null;
    if (this.#files >= mostFiles) {
      this.#failed(new Error('the journal has reached its limit'));
      return null;
    }
    const path = this.#nextPath(folder);
    try {
      allocate(path, segmentBytes);
      return this.#open(path);
    } catch (error) {
      this.#fileFailed(error);
      return null;
    }
  }

  #createInMemory(): Segment | null {
    const inMemory = this.#segments.filter(({ path }) => path === null).length;
    return inMemory < this.#options.mostInMemory ? this.#addInMemory() : null;
  }

  #addInMemory(): Segment {
    return this.#add(new Segment(new Uint8Array(new SharedArrayBuffer(this.#options.segmentBytes)), null));
  }

  /** The oldest in memory that nobody has begun to read. */
  #dropOldest(): Segment {
    const { free, sealed } = SegmentState;
    const oldest = this.#segments.find(({ path, state }) => path === null && state === sealed);
    // Where all are being read, they are about to be free, and one more does no harm until then.
    if (oldest === undefined || !oldest.changeState(sealed, free)) return this.#addInMemory();
    this.#options.dropped(oldest);
    this.#segments = this.#segments.filter((other) => other !== oldest);
    this.#segments.push(oldest);
    return oldest;
  }

  #nextPath(folder: string): string {
    this.#made++;
    this.#files++;
    return join(folder, `${this.#options.worker}-${this.#made}.segment`);
  }

  #open(path: string): Segment {
    const segment = this.#add(openSegment(path, this.#options.segmentBytes, this.#options.canMap));
    if (this.#isDegraded) this.#options.degraded(null);
    this.#isDegraded = false;
    return segment;
  }

  #add(segment: Segment): Segment {
    this.#segments.push(segment);
    this.#options.announce(segment);
    return segment;
  }

  #isResting(): boolean {
    return performance.now() < this.#retryAt;
  }

  #fileFailed(error: unknown): void {
    this.#files--;
    this.#failed(error);
  }

  #failed(error: unknown): void {
    this.#retryAt = performance.now() + RETRY_MILLISECONDS;
    this.#isDegraded = true;
    this.#options.degraded(error instanceof Error ? error.message : String(error));
  }
}
