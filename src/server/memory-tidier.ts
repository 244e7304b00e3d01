import type { BatchSink, RecordBatch } from '../core/ledger/record-sink.ts';

/** Fewer leave too little behind. */
const WORTH_RECORDS = 5000;
const LOOK_MILLISECONDS = 1000;

/** Gives the garbage of many records back to the system as soon as no more come: the collector itself waits for more. */
export class MemoryTidier implements BatchSink {
  readonly #isBusy: () => boolean;
  #records = 0;
  #timer: Timer | null = null;

  constructor(isBusy: () => boolean) {
    this.#isBusy = isBusy;
  }

  take({ size }: RecordBatch): void {
    this.#records += size;
    if (this.#records < WORTH_RECORDS || this.#timer !== null) return;
    this.#timer = setInterval(() => this.#look(), LOOK_MILLISECONDS);
    this.#timer.unref();
  }

  async close(): Promise<void> {
    this.#stop();
  }

  #stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
  }

  #look(): void {
    if (this.#isBusy()) return;
    this.#stop();
    this.#records = 0;
    Bun.gc(true);
  }
}
