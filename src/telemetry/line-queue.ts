/** Writes a text, and calls back when it is gone or could not be written. */
export type Sink = (text: string, done: (error?: Error | null) => void) => void;

const LIMIT_CHARACTERS = 1024 * 1024;

/**
 * Lines on their way to somebody who may read slowly, or not at all. What waits is bounded: beyond that lines are lost
 * and counted, and the next one that finds room tells how many.
 */
export class LineQueue {
  readonly #sink: Sink;
  readonly #limit: number;
  #waiting = 0;
  #lost = 0;

  constructor(sink: Sink, limit = LIMIT_CHARACTERS) {
    this.#sink = sink;
    this.#limit = limit;
  }

  write(line: string, ofLoss: (lines: number) => string): void {
    // One that is longer than all that may wait goes when nothing else does.
    if (this.#waiting > 0 && this.#waiting + line.length > this.#limit) {
      this.#lost += 1;
      return;
    }
    const lost = this.#lost;
    this.#lost = 0;
    const text = lost === 0 ? `${line}\n` : `${ofLoss(lost)}\n${line}\n`;
    this.#waiting += text.length;
    this.#sink(text, (error) => {
      this.#waiting -= text.length;
      if (error) this.#lost += lost + 1;
    });
  }
}
