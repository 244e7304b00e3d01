/**
 * Fixed-window counters in shared memory: every worker counts in the same table, so a limit holds for all of them
 * together, exactly, without a message or a lock.
 *
 * A slot is two 64-bit words: the key's hash, and the window's state, which packs the end of the window (in ticks since
 * the table was made) and the count, so that one compare-and-exchange changes both.
 */
const SLOT_WORDS = 2;
const PROBES = 32;
const COUNT_BITS = 28n;
const COUNT_MASK = (1n << COUNT_BITS) - 1n;
const TICK_MS = 4;

export const HIGHEST_COUNT = Number(COUNT_MASK);

export interface CounterMemory {
  readonly words: SharedArrayBuffer;
  /** Epoch milliseconds of tick 0. */
  readonly epoch: number;
  readonly seed: number;
}

export interface Count {
  readonly allowed: boolean;
  /** Calls left in the window. */
  readonly remaining: number;
  /** Milliseconds until the window ends. */
  readonly resetMs: number;
}

/** About 1 MiB for 65,536 callers in a window at once; beyond that, new callers share one counter. */
export function createCounterMemory(slots = 65_536): CounterMemory {
  return {
    words: new SharedArrayBuffer(slots * SLOT_WORDS * 8),
    epoch: Date.now(),
    seed: crypto.getRandomValues(new Uint32Array(1))[0] ?? 1,
  };
}

export class CounterTable {
  readonly #words: BigInt64Array;
  readonly #slots: number;
  readonly #epoch: number;
  readonly #seed: number;

  constructor(memory: CounterMemory) {
    this.#words = new BigInt64Array(memory.words);
    this.#slots = this.#words.length / SLOT_WORDS;
    this.#epoch = memory.epoch;
    this.#seed = memory.seed;
  }

  /** The key's name in the table. Two keys share one only by an accident of one in 2^63. */
  hash(key: string): bigint {
    const high = mix(key, this.#seed);
    const low = mix(key, high ^ 0x5bd1e995);
    return BigInt.asIntN(64, ((BigInt(high) << 32n) | BigInt(low)) | 1n);
  }

  /** Counts one call. The window begins with its first call and lasts `windowMs`. */
  take(hash: bigint, calls: number, windowMs: number, now: number): Count {
    const limit = Math.min(calls, HIGHEST_COUNT);
    const tick = Math.max(0, Math.floor((now - this.#epoch) / TICK_MS));
    for (;;) {
      const slot = this.#find(hash, tick);
      const state = Atomics.load(this.#words, slot + 1);
      const end = Number(state >> COUNT_BITS);
      const isOpen = tick < end;
      const count = isOpen ? Number(state & COUNT_MASK) : 0;
      const windowEnd = isOpen ? end : tick + Math.max(1, Math.ceil(windowMs / TICK_MS));
      const resetMs = (windowEnd - tick) * TICK_MS;
      if (count >= limit) return { allowed: false, remaining: 0, resetMs };
      const next = (BigInt(windowEnd) << COUNT_BITS) | BigInt(count + 1);
      // Another worker may have counted, or taken the slot over, since it was read.
      if (Atomics.compareExchange(this.#words, slot + 1, state, next) === state) {
        return { allowed: true, remaining: limit - count - 1, resetMs };
      }
    }
  }

  /** The key's slot: its own, else an empty one, else one whose window is over, else the shared last resort. */
  #find(hash: bigint, tick: number): number {
    const words = this.#words;
    const first = Number(BigInt.asUintN(31, hash >> 8n)) % (this.#slots - 1);
    for (let probe = 0; probe < PROBES; probe += 1) {
      const slot = ((first + probe) % (this.#slots - 1)) * SLOT_WORDS;
      const owner = Atomics.load(words, slot);
      if (owner === hash) return slot;
      if (owner === 0n) {
        const before = Atomics.compareExchange(words, slot, 0n, hash);
        if (before === 0n || before === hash) return slot;
      }
    }
    return this.#takeOver(hash, first, tick);
  }

  #takeOver(hash: bigint, first: number, tick: number): number {
    const words = this.#words;
    for (let probe = 0; probe < PROBES; probe += 1) {
      const slot = ((first + probe) % (this.#slots - 1)) * SLOT_WORDS;
      const owner = Atomics.load(words, slot);
      const isOver = Number(Atomics.load(words, slot + 1) >> COUNT_BITS) <= tick;
      if (isOver && Atomics.compareExchange(words, slot, owner, hash) === owner) return slot;
    }
    return (this.#slots - 1) * SLOT_WORDS;
  }
}

/** MurmurHash3's mixing over UTF-16 units; seeded per process, so that callers cannot choose colliding keys. */
function mix(key: string, seed: number): number {
  let hash = seed | 0;
  for (let index = 0; index < key.length; index += 1) {
    let unit = Math.imul(key.charCodeAt(index), 0xcc9e2d51);
    unit = Math.imul((unit << 15) | (unit >>> 17), 0x1b873593);
    hash ^= unit;
    hash = (Math.imul((hash << 13) | (hash >>> 19), 5) + 0xe6546b64) | 0;
  }
  hash ^= key.length;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
