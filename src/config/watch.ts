import { createHash } from 'node:crypto';
import { type FSWatcher, watch } from 'node:fs';
import { realpath } from 'node:fs/promises';
import { dirname } from 'node:path';
import { MAX_KEY_FILE } from './keys.ts';
import { decodeText, readConfigFile } from './read.ts';
import { readRegularFile, UnreadableFileError } from './regular-file.ts';

export interface WatchOptions {
  /** Absolute path of the configuration file. */
  readonly path: string;
  /** The text in use, so that a change between loading and watching is noticed. */
  readonly text: string;
  /** Absolute paths of the key files in use; asked again before each look. */
  readonly files: () => readonly string[];
  /** Called with the file's text when it or a key file has changed. */
  readonly onChange: (text: string) => void | Promise<void>;
  /** Milliseconds between looks where no events come, as on NFS and some container mounts. 2,000 by default. */
  readonly pollInterval?: number;
  readonly log: (level: 'info' | 'warn', message: string) => void;
}

export interface ConfigWatch {
  /** Looks now. Resolves when a look that began after the call is over, and `onChange` with it. Never rejects. */
  check(): Promise<void>;
  close(): void;
}

/** Editors and `kubectl` write in several steps, each with an event of its own. */
const SETTLE_MILLISECONDS = 100;

const POLL_MILLISECONDS = 2000;

/** Instead of a digest. */
const MISSING = '';

/**
 * Watches a configuration file and its key files. Directories are watched, not files, because a file that is replaced is
 * a new file; and those of the real paths too, because a Kubernetes ConfigMap is swapped by a symbolic link elsewhere.
 */
export function watchConfig(options: WatchOptions): ConfigWatch {
  const watcher = new ConfigWatcher(options);
  return { check: () => watcher.check(), close: () => watcher.close() };
}

class ConfigWatcher {
  readonly #options: WatchOptions;
  readonly #directories = new Map<string, FSWatcher>();
  /** SHA-256 of each key file when it was last read. */
  readonly #digests = new Map<string, string>();
  readonly #poll: ReturnType<typeof setInterval>;
  #settle: ReturnType<typeof setTimeout> | null = null;
  #text: string;
  #keysChanged = false;
  #complaint: string | null = null;
  /** The file could not be read since it was last taken. */
  #wasLost = false;
  #queue: Promise<void> = Promise.resolve();
  #waiting = false;
  #closed = false;

  constructor(options: WatchOptions) {
    this.#options = options;
    this.#text = options.text;
    this.#poll = setInterval(() => void this.check(), options.pollInterval ?? POLL_MILLISECONDS);
    this.#poll.unref();
    void this.check();
  }

  check(): Promise<void> {
    // Whoever asks while a look is still to begin shares it.
    if (this.#waiting) return this.#queue;
    this.#waiting = true;
    this.#queue = this.#queue.then(async () => {
      this.#waiting = false;
      try {
        if (!this.#closed) await this.#look();
      } catch (error) {
        this.#options.log('warn', `Reloading the configuration failed: ${String(error)}`);
      }
    });
    return this.#queue;
  }

  close(): void {
    this.#closed = true;
    clearInterval(this.#poll);
    if (this.#settle) clearTimeout(this.#settle);
    for (const watcher of this.#directories.values()) watcher.close();
    this.#directories.clear();
  }

  async #look(): Promise<void> {
    // Watching before reading, so that no change falls between the two.
    await this.#watchDirectories();
    const text = await this.#readText();
    this.#keysChanged = (await this.#compareKeyFiles()) || this.#keysChanged;
    if (text === null || this.#closed) return;
    if (text === this.#text && !this.#keysChanged && !this.#wasLost) return;
    this.#text = text;
    this.#keysChanged = false;
    this.#wasLost = false;
    await this.#options.onChange(text);
    // The new configuration may name other key files, whose content it has just read.
    this.#keysChanged = await this.#compareKeyFiles();
  }

  /** Null, with one warning, while there is no file to read: the configuration in use stays. */
  async #readText(): Promise<string | null> {
    const { path } = this.#options;
    try {
      const text = decodeText(await readConfigFile(path));
      if (text === null) this.#complain(`${path} is not encoded as UTF-8; keeping the configuration in use`);
      else this.#complaint = null;
      return text;
    } catch (error) {
      if (!(error instanceof UnreadableFileError)) throw error;
      const what = error.code === 'ENOENT' ? 'deleted' : `cannot be read: ${error.reason}`;
      this.#complain(`${path} ${what}; keeping the configuration in use`);
      return null;
    }
  }

  #complain(message: string): void {
    this.#wasLost = true;
    if (message !== this.#complaint) this.#options.log('warn', message);
    this.#complaint = message;
  }

  /**
   * Whether a key file has other content than when it was last looked for. One that is gone counts as unchanged, and one
   * that has come as changed.
   */
  async #compareKeyFiles(): Promise<boolean> {
    let changed = false;
    const files = this.#options.files();
    for (const path of files) {
      const content = await readRegularFile(path, MAX_KEY_FILE).catch(() => null);
      const before = this.#digests.get(path);
      if (content === null) {
        if (before === undefined) this.#digests.set(path, MISSING);
        continue;
      }
      const digest = createHash('sha256').update(content).digest('hex');
      if (before !== undefined && before !== digest) changed = true;
      this.#digests.set(path, digest);
    }
    for (const path of this.#digests.keys()) if (!files.includes(path)) this.#digests.delete(path);
    return changed;
  }

  async #watchDirectories(): Promise<void> {
    const wanted = new Set<string>();
    for (const path of [this.#options.path, ...this.#options.files()]) {
      wanted.add(dirname(path));
      const real = await realpath(path).catch(() => null);
      if (real) wanted.add(dirname(real));
    }
    if (this.#closed) return;
    for (const [directory, watcher] of this.#directories) {
      if (wanted.has(directory)) continue;
      watcher.close();
      this.#directories.delete(directory);
    }
    for (const directory of wanted) this.#watchDirectory(directory);
  }

  #watchDirectory(directory: string): void {
    if (this.#directories.has(directory)) return;
    try {
      const watcher = watch(directory, { persistent: false }, () => this.#changed());
      watcher.on('error', () => {
        watcher.close();
        this.#directories.delete(directory);
      });
      this.#directories.set(directory, watcher);
    } catch {
      // Missing, or out of watches: the poll does the work, and tries again.
    }
  }

  #changed(): void {
    if (this.#settle || this.#closed) return;
    this.#settle = setTimeout(() => {
      this.#settle = null;
      void this.check();
    }, SETTLE_MILLISECONDS);
    this.#settle.unref();
  }
}
