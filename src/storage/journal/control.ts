/**
 * What the workers and the ledger's thread share beside the segments. Words of 32 bits that wrap around: only
 * differences count.
 */
const AWAKE_WORD = 0;
const TAKEN_WORD = 1;
const TROUBLED_WORD = 2;
const TEXTS_WORD = 3;
const DROPPED_TEXTS_WORD = 4;
const HEAD_WORDS = 8;
/** Texts of requests that may wait for the ledger, in KiB. */
const MOST_TEXTS = 64 * 1024;
const WORDS_PER_WORKER = 8;
const WRITTEN_WORD = 0;
const DROPPED_WORD = 1;
const DEGRADED_WORD = 2;

export class JournalControl {
  readonly memory: SharedArrayBuffer;
  readonly #words: Int32Array;
  readonly #workers: number;

  constructor(memory: SharedArrayBuffer) {
    this.memory = memory;
    this.#words = new Int32Array(memory);
    this.#workers = (this.#words.length - HEAD_WORDS) / WORDS_PER_WORKER;
  }

  static create(workers: number): JournalControl {
    return new JournalControl(new SharedArrayBuffer((HEAD_WORDS + workers * WORDS_PER_WORKER) * 4));
  }

  /** While it is awake, the ledger looks for records by itself; otherwise somebody must call it. */
  get isAwake(): boolean {
    return Atomics.load(this.#words, AWAKE_WORD) === 1;
  }

  set isAwake(isAwake: boolean) {
    Atomics.store(this.#words, AWAKE_WORD, isAwake ? 1 : 0);
  }

  /** True for the one who has to call the ledger. */
  wake(): boolean {
    return Atomics.exchange(this.#words, AWAKE_WORD, 1) === 0;
  }

  wrote(worker: number): void {
    Atomics.add(this.#words, wordOf(worker, WRITTEN_WORD), 1);
  }

  dropped(worker: number, records: number): void {
    Atomics.add(this.#words, wordOf(worker, DROPPED_WORD), records);
  }

  /** Whether a worker cannot write to the disk that it should write to. */
  setDegraded(worker: number, isDegraded: boolean): void {
    Atomics.store(this.#words, wordOf(worker, DEGRADED_WORD), isDegraded ? 1 : 0);
  }

  get isDegraded(): boolean {
    return this.#sum(DEGRADED_WORD) > 0;
  }

  /** Whether the database takes no records. */
  get isTroubled(): boolean {
    return Atomics.load(this.#words, TROUBLED_WORD) === 1;
  }

  set isTroubled(isTroubled: boolean) {
    Atomics.store(this.#words, TROUBLED_WORD, isTroubled ? 1 : 0);
  }

  /** Records that the ledger has written to the database, or given up. */
  took(records: number): void {
    Atomics.add(this.#words, TAKEN_WORD, records);
  }

  /** Room for texts of so many KiB; false where too many wait already, and then they are counted as dropped. */
  holdTexts(kibibytes: number): boolean {
    const before = Atomics.add(this.#words, TEXTS_WORD, kibibytes);
    if (before === 0 || before + kibibytes <= MOST_TEXTS) return true;
    Atomics.sub(this.#words, TEXTS_WORD, kibibytes);
    this.droppedTexts(1);
    return false;
  }

  tookTexts(kibibytes: number): void {
    Atomics.sub(this.#words, TEXTS_WORD, kibibytes);
  }

  droppedTexts(requests: number): void {
    Atomics.add(this.#words, DROPPED_TEXTS_WORD, requests);
  }

  /** Requests whose texts are not kept, because the ledger was too slow for them. */
  get lostTexts(): number {
    return Atomics.load(this.#words, DROPPED_TEXTS_WORD);
  }

  /** Records that could be kept nowhere. */
  get lost(): number {
    return this.#sum(DROPPED_WORD);
  }

  /** Records that wait for the ledger. */
  get waiting(): number {
    return Math.max(0, (this.#sum(WRITTEN_WORD) - Atomics.load(this.#words, TAKEN_WORD)) | 0);
  }

  #sum(word: number): number {
    let sum = 0;
    for (let worker = 0; worker < this.#workers; worker++) sum += Atomics.load(this.#words, wordOf(worker, word));
    return sum;
  }
}

function wordOf(worker: number, word: number): number {
  return HEAD_WORDS + worker * WORDS_PER_WORKER + word;
}
