/** How many model calls are under way, and when there is none. */
export class CallsUnderWay {
  #count = 0;
  #whenNone: (() => void) | null = null;

  get count(): number {
    return this.#count;
  }

  begin(): void {
    this.#count++;
  }

  end(): void {
    this.#count--;
    if (this.#count === 0) this.#whenNone?.();
  }

  /** Resolves to true when nothing is under way, or to false after so many milliseconds. */
  async none(deadlineMs: number): Promise<boolean> {
    if (this.#count === 0) return true;
    return new Promise<boolean>((resolve) => {
      const timer = setTimeout(() => resolve(false), deadlineMs);
      this.#whenNone = () => {
        clearTimeout(timer);
        resolve(true);
      };
    });
  }
}
