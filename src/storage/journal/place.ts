import { Database } from 'bun:sqlite';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { mapSegment } from './files.ts';
import { HEAD_BYTES, Segment, SegmentState } from './segment.ts';

const LOCK = '.lock';

/**
 * A folder of one process below the place of the journals, and beside it a lock that the system releases when the process
 * ends, however it ends. The lock is taken before the folder is made: who sees a folder whose lock is free knows that
 * its process is gone.
 */
export class JournalFolder {
  readonly node: string;
  readonly path: string;
  readonly #lock: Lock;

  private constructor(place: string, node: string, lock: Lock) {
    this.node = node;
    this.path = join(place, node);
    this.#lock = lock;
  }

  /** Makes the folder of this process. Throws where the place cannot be written. */
  static create(place: string, node: string): JournalFolder {
    mkdirSync(place, { recursive: true, mode: 0o700 });
    const lock = Lock.take(place, node);
    if (lock === null) throw new Error(`the journal of '${node}' belongs to a process that runs`);
    const folder = new JournalFolder(place, node, lock);
    try {
      mkdirSync(folder.path, { mode: 0o700 });
    } catch (error) {
      lock.release();
      throw error;
    }
    return folder;
  }

  /** The folders of processes that have ended, each now held by this one. */
  static leftovers(place: string): JournalFolder[] {
    return foldersIn(place).flatMap((node) => {
      const lock = Lock.take(place, node);
      if (lock === null) return [];
      if (existsSync(join(place, node))) return new JournalFolder(place, node, lock);
      lock.release();
      return [];
    });
  }

  /** Its segments that hold something, by worker, in the order in which they were written. */
  segments(): Map<number, Segment[]> {
    const byWorker = new Map<number, Segment[]>();
    for (const name of readdirSync(this.path)) {
      if (!name.endsWith('.segment')) continue;
      const segment = open(join(this.path, name));
      if (segment === null) continue;
      const ofWorker = byWorker.get(segment.worker);
      if (ofWorker) ofWorker.push(segment);
      else byWorker.set(segment.worker, [segment]);
    }
    for (const segments of byWorker.values()) segments.sort((one, other) => one.sequence - other.sequence);
    return byWorker;
  }

  /** Everything in it was taken over. */
  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
    this.#lock.release();
  }

  /** Leaves it to the next process. */
  abandon(): void {
    this.#lock.free();
  }
}

/** The processes that keep a journal here, or left one. */
export function foldersIn(place: string): string[] {
  if (!existsSync(place)) return [];
  const entries = readdirSync(place, { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
}

/** Null for one that never held anything, holds nothing more, or was not made to its end. */
function open(path: string): Segment | null {
  if (statSync(path).size < HEAD_BYTES) return null;
  const segment = process.platform === 'win32' ? new Segment(readFileSync(path), path) : mapSegment(path);
  const { free, retired } = SegmentState;
  const isEmpty = !segment.isValid || segment.sequence === 0 || segment.state === free || segment.state === retired;
  return isEmpty ? null : segment;
}

/** SQLite locks a file on every system, and the system releases what a process held. */
class Lock {
  readonly #path: string;
  readonly #database: Database;

  private constructor(path: string, database: Database) {
    this.#path = path;
    this.#database = database;
  }

  /** Null where another process has it. */
  static take(place: string, node: string): Lock | null {
    const path = join(place, `${node}${LOCK}`);
    const database = new Database(path, { create: true });
    try {
      database.run('PRAGMA busy_timeout = 0');
      database.run('PRAGMA journal_mode = OFF');
      database.run('BEGIN EXCLUSIVE');
    } catch (error) {
      database.close();
      if ((error as { code?: string }).code?.startsWith('SQLITE_BUSY')) return null;
      throw error;
    }
    const lock = new Lock(path, database);
    // Whoever had it until now may have removed the file: then this is a lock of nothing.
    if (existsSync(path)) return lock;
    lock.free();
    return null;
  }

  /** Gives the lock back, and its file stays. */
  free(): void {
    this.#database.close();
  }

  release(): void {
    // Windows removes no file that is open; elsewhere nobody may get the lock before its file is gone.
    if (process.platform === 'win32') this.free();
    rmSync(this.#path, { force: true });
    this.free();
  }
}

/** Names a worker's journal among all. */
export function journalName(node: string, worker: number): string {
  return `${node}/${worker}`;
}
