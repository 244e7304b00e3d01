/**
 * Fixed-window counters in shared memory: every worker counts in the same table, so a limit holds for all of them
 * together, exactly and without a message.
 *
 * The table is made of groups; a key lives in the one group that its hash names. A group has a lock of its own, held
 * for a few dozen instructions. Whole numbers of 32 bits throughout, because 64-bit atomics need a BigInt for each step.
 */
const GROUP_SLOTS = 16;
/** Of a slot: both halves of the key's hash, the tick at which its window ends, and the count. */
const SLOT_WORDS = 4;
const GROUP_WORDS = 1 + GROUP_SLOTS * SLOT_WORDS;
/** 2^31 ticks are more than three years, longer than a process runs. */
const TICK_MS = 50;
const LAST_TICK = 0x7fff_fffe;
const HIGHEST_COUNT = 0x7fff_fffe;

export interface CounterMemory {
  readonly words: SharedArrayBuffer;
  /** Epoch milliseconds of tick 0. */
  readonly epoch: number;
  readonly seed: number;
}

export interface KeyHash {
  readonly high: number;
  readonly low: number;
}

export interface Count {
  readonly allowed: boolean;
  /** Calls left in the window. */
  readonly remaining: number;
  /** Milliseconds until the window ends. */
  readonly resetMs: number;
}

/** About 1 MiB for 65,536 callers in a window at once; beyond that, callers of a full group share counters. */
export function createCounterMemory(groups = 4096): CounterMemory {
  return {
    words: new SharedArrayBuffer(groups * GROUP_WORDS * 4),
    epoch: Date.now(),
    seed: crypto.getRandomValues(new Uint32Array(1))[0] ?? 1,
  };
}

export class CounterTable {
  readonly #words: Int32Array;
  readonly #groups: number;
  readonly #epoch: number;
  readonly #seed: number;

  constructor(memory: CounterMemory) {
    this.#words = new Int32Array(memory.words);
    this.#groups = this.#words.length / GROUP_WORDS;
    this.#epoch = memory.epoch;
    this.#seed = memory.seed;
  }

  /** The key's name in the table. Two keys share one only by an accident of one in 2^63. */
  hash(key: string): KeyHash {
    const high = mix(key, this.#seed) | 1;
    return { high, low: mix(key, ~high) };
  }

  /** Counts one call. The window begins with its first call and lasts `windowMs`. */
  take(key: KeyHash, calls: number, windowMs: number, now: number): Count {
    const words = this.#words;
    const limit = Math.min(calls, HIGHEST_COUNT);
    const tick = Math.max(0, Math.floor((now - this.#epoch) / TICK_MS));
    const group = ((key.low >>> 1) % this.#groups) * GROUP_WORDS;
    this.#lock(group);
    const slot = this.#find(group + 1, key, tick);
    let end = words[slot + 2] ?? 0;
    let count = words[slot + 3] ?? 0;
    if (end <= tick) {
      end = Math.min(LAST_TICK, tick + Math.max(1, Math.ceil(windowMs / TICK_MS)));
      count = 0;
    }
    const allowed = count < limit;
    if (allowed) {
      words[slot + 2] = end;
      words[slot + 3] = count + 1;
    }
    Atomics.store(words, group, 0);
    return { allowed, remaining: allowed ? limit - count - 1 : 0, resetMs: (end - tick) * TICK_MS };
  }

  #lock(group: number): void {
    while (Atomics.compareExchange(this.#words, group, 0, 1) !== 0) {
      // Another worker holds it for the length of a few instructions.
    }
  }

  /**
   * The key's own slot, else one that is empty or whose window is over. In a full group callers share a slot: none of
   * them escapes the limit that way.
   */
  #find(first: number, { high, low }: KeyHash, tick: number): number {
    const words = this.#words;
    let free = -1;
    for (let slot = first; slot < first + GROUP_SLOTS * SLOT_WORDS; slot += SLOT_WORDS) {
      if (words[slot] === high && words[slot + 1] === low) return slot;
      if (free === -1 && (words[slot] === 0 || (words[slot + 2] ?? 0) <= tick)) free = slot;
    }
    if (free === -1) return first + (low & (GROUP_SLOTS - 1)) * SLOT_WORDS;
    words[free] = high;
    words[free + 1] = low;
    words[free + 2] = 0;
    return free;
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
  return hash ^ (hash >>> 16);
}
