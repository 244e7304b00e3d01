import { setImmediate } from 'node:timers/promises';
import type { Database } from '../database/database.ts';
import type { TimeRange } from '../ledger-queries.ts';
import { type BlockInfo, decodeBlock, listBlocks, readSome, sameBlock } from '../records/block-store.ts';
import type { RecordBlock } from '../records/record-codec.ts';

/** What is read at once grows with what was needed: the first page of a list mostly ends in the first block. */
const FIRST_BYTES = 64 * 1024;
const MOST_BYTES = 4 * 2 ** 20;

/** How long other work of the thread may have to wait, in milliseconds. */
const PAUSE_AFTER = 20;

/**
 * The blocks of a range, the newest or the oldest first, each read by itself: a long look at the ledger is no long
 * transaction. Where blocks were merged meanwhile, what became of them is read as a whole, so requests may come again.
 */
export class BlockScan {
  readonly #database: Database;
  readonly #range: TimeRange;
  readonly #newestFirst: boolean;
  readonly #done = new Set<string>();
  #blocks: readonly BlockInfo[] = [];
  #next = 0;
  #read: ReadonlyMap<number, Uint8Array> = new Map();
  #bytes = FIRST_BYTES;
  #paused = performance.now();
  #mayRepeat = false;

  private constructor(database: Database, range: TimeRange, newestFirst: boolean) {
    this.#database = database;
    this.#range = range;
    this.#newestFirst = newestFirst;
  }

  static async begin(database: Database, range: TimeRange, newestFirst: boolean): Promise<BlockScan> {
    const scan = new BlockScan(database, range, newestFirst);
    await scan.#list();
    return scan;
  }

  /** Requests of blocks to come may be of blocks that came. */
  get mayRepeat(): boolean {
    return this.#mayRepeat;
  }

  /** No request of the blocks to come is newer than this, or older when the oldest come first. Null: there are none. */
  get rest(): number | null {
    const block = this.#blocks[this.#next];
    if (block === undefined) return null;
    return this.#newestFirst ? block.lastTime : block.firstTime;
  }

  async next(): Promise<RecordBlock | null> {
    await this.#pause();
    while (true) {
      const block = this.#blocks[this.#next];
      if (block === undefined) return null;
      if (!this.#read.has(block.seq)) await this.#readOn();
      const bytes = this.#read.get(block.seq);
      if (bytes !== undefined) {
        this.#next++;
        this.#done.add(sameBlock(block));
        return decodeBlock(block, bytes);
      }
      this.#mayRepeat = true;
      await this.#list();
    }
  }

  async #list(): Promise<void> {
    const all = await listBlocks(this.#database, this.#range);
    const blocks = this.#done.size === 0 ? all : all.filter((block) => !this.#done.has(sameBlock(block)));
    this.#blocks = this.#newestFirst
      ? blocks.sort((one, other) => other.lastTime - one.lastTime)
      : blocks.sort((one, other) => one.firstTime - other.firstTime);
    this.#next = 0;
    this.#read = new Map();
  }

  async #readOn(): Promise<void> {
    this.#read = await readSome(this.#database, this.#blocks, this.#next, this.#bytes);
    this.#bytes = Math.min(this.#bytes * 4, MOST_BYTES);
  }

  async #pause(): Promise<void> {
    if (performance.now() - this.#paused < PAUSE_AFTER) return;
    await setImmediate();
    this.#paused = performance.now();
  }
}
