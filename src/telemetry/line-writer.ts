import { closeSync, constants, fstatSync, openSync, statSync, writeSync } from 'node:fs';

/** Bytes that wait for a reader which does not keep up; further lines are dropped. */
const MOST_WAITING = 8 * 2 ** 20;
const RETRY_MILLISECONDS = 20;
/** How often a look is taken whether the file was moved away. */
const LOOK_MILLISECONDS = 1000;
const MODE = 0o640;

export interface LineWriterOptions {
  readonly to: 'stdout' | 'stderr' | { readonly path: string };
  /** Told once when lines can no longer be written, and once when they can again. */
  readonly onTrouble: (error: Error | null) => void;
  readonly onDropped: (lines: number) => void;
}

/**
 * Appends lines to a file or a standard stream, each whole. It never throws: what cannot be written is dropped and
 * counted. A file that was moved away, as `logrotate` does it, is begun anew.
 */
export class LineWriter {
  readonly #options: LineWriterOptions;
  #descriptor: number | null = null;
  #waiting: Buffer[] = [];
  #waitingBytes = 0;
  #timer: ReturnType<typeof setTimeout> | null = null;
  #isInTrouble = false;
  #nextLook = 0;

  constructor(options: LineWriterOptions) {
    this.#options = options;
  }

  /** Lines without their line ends. */
  write(lines: readonly string[]): void {
    if (lines.length === 0) return;
    const bytes = Buffer.from(`${lines.join('\n')}\n`);
    if (this.#waitingBytes + bytes.length > MOST_WAITING) return this.#options.onDropped(lines.length);
    this.#waiting.push(bytes);
    this.#waitingBytes += bytes.length;
    this.#flush();
  }

  /** The file is opened anew with the next line. */
  reopen(): void {
    const { to } = this.#options;
    if (typeof to === 'string' || this.#descriptor === null) return;
    closeQuietly(this.#descriptor);
    this.#descriptor = null;
  }

  /** Waits so long for a reader that does not keep up. */
  async close(deadlineMs: number): Promise<void> {
    const end = performance.now() + deadlineMs;
    while (this.#waiting.length > 0 && performance.now() < end) {
      await new Promise((resolve) => setTimeout(resolve, RETRY_MILLISECONDS));
      this.#flush();
    }
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.reopen();
  }

  #flush(): void {
    try {
      const descriptor = this.#open();
      for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[0]) {
        const written = writeSync(descriptor, next);
        this.#waitingBytes -= written;
        if (written === next.length) this.#waiting.shift();
        else this.#waiting[0] = next.subarray(written);
      }
      this.#trouble(null);
    } catch (error) {
      if (codeOf(error) === 'EAGAIN') return this.#later();
      this.#give(error instanceof Error ? error : new Error(String(error)));
    }
  }

  #open(): number {
    const { to } = this.#options;
    if (typeof to === 'string') {
      this.#descriptor ??= streamDescriptor(to === 'stdout' ? 1 : 2);
      return this.#descriptor;
    }
    const now = performance.now();
    if (this.#descriptor !== null && now >= this.#nextLook && wasMoved(to.path, this.#descriptor)) this.reopen();
    if (now >= this.#nextLook) this.#nextLook = now + LOOK_MILLISECONDS;
    this.#descriptor ??= openSync(to.path, 'a', MODE);
    return this.#descriptor;
  }

  /** A pipe is full. */
  #later(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = null;
      this.#flush();
    }, RETRY_MILLISECONDS);
  }

  #give(error: Error): void {
    let lines = 0;
    for (const bytes of this.#waiting) for (const byte of bytes) if (byte === LINE_END) lines += 1;
    this.#waiting = [];
    this.#waitingBytes = 0;
    this.#options.onDropped(lines);
    this.#trouble(error);
    this.reopen();
  }

  #trouble(error: Error | null): void {
    if ((error !== null) === this.#isInTrouble) return;
    this.#isInTrouble = error !== null;
    this.#options.onTrouble(error);
  }
}

const LINE_END = 10;

function wasMoved(path: string, descriptor: number): boolean {
  try {
    const [there, ours] = [statSync(path), fstatSync(descriptor)];
    return there.ino !== ours.ino || there.dev !== ours.dev;
  } catch {
    return true;
  }
}

/**
 * A pipe whose reader does not keep up would hold up the thread, and with it the ledger. Opened anew, it says instead that
 * it is full; whoever else writes to it is not affected.
 */
function streamDescriptor(stream: 1 | 2): number {
  if (!fstatSync(stream).isFIFO()) return stream;
  try {
    return openSync(`/proc/self/fd/${stream}`, constants.O_WRONLY | constants.O_NONBLOCK);
  } catch {
    return stream;
  }
}

function closeQuietly(descriptor: number): void {
  try {
    closeSync(descriptor);
  } catch {
    // It is gone either way.
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : null;
}
