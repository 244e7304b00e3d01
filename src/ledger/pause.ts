/** A wait that somebody can end. */
export class Pause {
  #end: (() => void) | null = null;
  #isFixed = false;

  /** For so many milliseconds; `isFixed`: `end` does not shorten it, `end(true)` does. */
  wait(milliseconds: number, isFixed: boolean): Promise<void> {
    return new Promise((resolve) => {
      const timer = Number.isFinite(milliseconds) ? setTimeout(() => this.#conclude(), milliseconds) : null;
      this.#isFixed = isFixed;
      this.#end = () => {
        if (timer !== null) clearTimeout(timer);
        resolve();
      };
    });
  }

  end(evenFixed = false): void {
    if (!this.#isFixed || evenFixed) this.#conclude();
  }

  #conclude(): void {
    const end = this.#end;
    this.#end = null;
    end?.();
  }
}
