import { crc32 } from 'node:zlib';
import { PLAIN_WORDS, UPSTREAM_ID_WORD } from '../../core/ledger/plain-record.ts';
import { sumOf } from './word-sum.ts';

/**
 * A segment is a piece of memory in which one worker writes and one reader, in another thread or another process,
 * follows: 16 words of 32 bits as its head, then entries. An entry is a word with its kind in the top byte and the length of
 * its content in bytes below, a check sum, the content, and zeros up to a multiple of eight. That word is written last, so
 * what has one is whole, whenever the writer ends. The check sum tells what a machine lost that went down: pages reach its
 * disk in any order.
 */
export const HEAD_BYTES = 64;
export const ENTRY_HEAD_BYTES = 8;

export const EntryKind = {
  /** A text in UTF-8. */
  text: 0,
  /** The words of `core/ledger/plain-record.ts`. */
  plain: 1,
  /** A text for the plain records behind it in the segment, which name it by its number: the first is 1. */
  definition: 2,
} as const;

const KIND_SHIFT = 24;
const LENGTH_MASK = 2 ** KIND_SHIFT - 1;

export function kindOf(head: number): number {
  return head >>> KIND_SHIFT;
}

/** Bytes of the content. */
export function lengthOf(head: number): number {
  return head & LENGTH_MASK;
}

const MAGIC = 0x534c_4a31;
const VERSION = 2;
/** Had texts alone, which have not changed. */
const FIRST_VERSION = 1;

/** Words of the head. */
const MAGIC_WORD = 0;
const VERSION_WORD = 1;
const STATE_WORD = 2;
const SEQUENCE_WORD = 3;
const WORKER_WORD = 4;

export const SegmentState = {
  /** Nothing in it is needed. */
  free: 0,
  /** The writer adds to it. */
  open: 1,
  /** Full; nobody has begun with it, or who reads it has not said so. */
  sealed: 2,
  /** Full, and in the hands of its reader. */
  claimed: 3,
  /** Gone: the writer has given it up. */
  retired: 4,
} as const;

/** A position counts bytes within a segment below this, and segments above. */
const POSITIONS_PER_SEGMENT = 2 ** 24;

export function positionOf(sequence: number, offset: number): number {
  return sequence * POSITIONS_PER_SEGMENT + offset;
}

/** Writes to a file what a segment in memory says, at the same place. */
export interface Mirror {
  write(bytes: Buffer, from: number, to: number): void;
  /** Makes the file empty. */
  clear(): void;
  close(): void;
}

export class Segment {
  readonly bytes: Buffer;
  /** Its memory where that is shared between threads; null where both sides map its file. */
  readonly shared: SharedArrayBuffer | null;
  /** Null for what is in memory only. */
  readonly path: string | null;
  readonly words: Int32Array;
  /** Where files cannot be mapped: gets every byte that is written here. */
  readonly #mirror: Mirror | null;
  /** How far the mirror has it. */
  #saved = HEAD_BYTES;

  constructor(memory: Uint8Array<ArrayBufferLike>, path: string | null, mirror: Mirror | null = null) {
    const { buffer, byteOffset, byteLength } = memory;
    this.bytes = Buffer.from(buffer, byteOffset, byteLength);
    this.shared = buffer instanceof SharedArrayBuffer ? buffer : null;
    this.path = path;
    this.words = new Int32Array(buffer, byteOffset, byteLength >> 2);
    this.#mirror = mirror;
  }

  get isValid(): boolean {
    const version = this.words[VERSION_WORD];
    return this.words[MAGIC_WORD] === MAGIC && (version === VERSION || version === FIRST_VERSION);
  }

  /** Counts up with each use of a segment by its writer; 0 before the first. */
  get sequence(): number {
    return Atomics.load(this.words, SEQUENCE_WORD);
  }

  get worker(): number {
    return Atomics.load(this.words, WORKER_WORD);
  }

  get state(): number {
    return Atomics.load(this.words, STATE_WORD);
  }

  set state(state: number) {
    Atomics.store(this.words, STATE_WORD, state);
  }

  /** False where somebody else has changed the state before. */
  changeState(from: number, to: number): boolean {
    return Atomics.compareExchange(this.words, STATE_WORD, from, to) === from;
  }

  /** Makes it empty and open. */
  begin(worker: number, sequence: number): void {
    Atomics.store(this.words, STATE_WORD, SegmentState.free);
    Atomics.store(this.words, SEQUENCE_WORD, 0);
    this.bytes.fill(0, HEAD_BYTES);
    this.words[MAGIC_WORD] = MAGIC;
    this.words[VERSION_WORD] = VERSION;
    this.words[WORKER_WORD] = worker;
    Atomics.store(this.words, SEQUENCE_WORD, sequence);
    Atomics.store(this.words, STATE_WORD, SegmentState.open);
    this.#mirror?.clear();
    this.#mirror?.write(this.bytes, 0, HEAD_BYTES);
    this.#saved = HEAD_BYTES;
  }

  /** The writer uses it no more. */
  retire(): boolean {
    if (!this.changeState(SegmentState.free, SegmentState.retired)) return false;
    this.#mirror?.close();
    return true;
  }

  /** Writes a text, or a definition. It must fit. Returns where the next entry begins. */
  write(text: string, offset: number, sequence: number, kind: number = EntryKind.text): number {
    const start = offset + ENTRY_HEAD_BYTES;
    const length = this.bytes.write(text, start, 'utf8');
    return this.#close(offset, (kind << KIND_SHIFT) | length, checkSum(this.bytes, start, length, sequence, kind));
  }

  /** Completes the plain record whose words are written behind `offset`. Returns where the next entry begins. */
  closePlain(offset: number, sequence: number): number {
    const at = wordAt(offset);
    const length = PLAIN_WORDS * 4 + (this.words[at + UPSTREAM_ID_WORD] ?? 0);
    const head = (EntryKind.plain << KIND_SHIFT) | length;
    return this.#close(offset, head, sumOf(this.words, at, length, sequence ^ head));
  }

  #close(offset: number, head: number, sum: number): number {
    this.words[(offset >> 2) + 1] = sum;
    Atomics.store(this.words, offset >> 2, head);
    return after(offset, head);
  }

  /**
   * Brings what was written to the file, where that is not mapped. Throws where the disk takes nothing; the next time brings
   * it along, because a gap in the file would end its reading.
   */
  save(to: number): void {
    if (this.#mirror === null) return;
    this.#mirror.write(this.bytes, this.#saved, to);
    this.#saved = to;
  }

  /** Kind and length of the entry that begins here; 0 where none does yet. */
  headAt(offset: number): number {
    return offset + ENTRY_HEAD_BYTES > this.bytes.length ? 0 : Atomics.load(this.words, offset >> 2);
  }

  /** Whether the content of the entry is what was written. */
  isIntact(offset: number, head: number, sequence: number): boolean {
    const start = offset + ENTRY_HEAD_BYTES;
    const kind = kindOf(head);
    const length = lengthOf(head);
    if (kind > EntryKind.definition || start + length > this.bytes.length) return false;
    const isPlain = kind === EntryKind.plain;
    const sum = isPlain
      ? sumOf(this.words, wordAt(offset), length, sequence ^ head)
      : checkSum(this.bytes, start, length, sequence, kind);
    return this.words[(offset >> 2) + 1] === sum;
  }

  textAt(offset: number, head: number): string {
    return this.bytes.toString('utf8', offset + ENTRY_HEAD_BYTES, offset + ENTRY_HEAD_BYTES + lengthOf(head));
  }
}

/** Where the entry behind this one begins. */
export function after(offset: number, head: number): number {
  return offset + sizeOf(lengthOf(head));
}

/** Bytes of an entry with so much content. */
export function sizeOf(length: number): number {
  return (ENTRY_HEAD_BYTES + length + 7) & ~7;
}

/** The first word of an entry's content. */
export function wordAt(offset: number): number {
  return (offset + ENTRY_HEAD_BYTES) >> 2;
}

/** With the sequence in it, so that what an earlier use of the segment left is never taken for an entry of this one. */
function checkSum(bytes: Buffer, start: number, length: number, sequence: number, kind: number): number {
  return crc32(bytes.subarray(start, start + length), (sequence ^ (kind << KIND_SHIFT)) >>> 0) | 0;
}
