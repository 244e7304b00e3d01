import { rmSync, statSync } from 'node:fs';

/** What SQLite keeps beside its file. */
const COMPANIONS = ['-wal', '-shm'];

/**
 * Notices when the file of an open SQLite database was removed, or another was put in its place. Whoever has it open would go
 * on writing into what nobody can find any more, without an error.
 */
export class DatabaseFile {
  readonly #path: string;
  readonly #identity: string | null;
  readonly #companions: ReadonlyMap<string, string | null>;

  /** To be called when the database has been written to: all of its files are there then. */
  constructor(path: string) {
    this.#path = path;
    this.#identity = identityOf(path);
    this.#companions = new Map(COMPANIONS.map((suffix) => [path + suffix, identityOf(path + suffix)]));
  }

  get isGone(): boolean {
    return identityOf(this.#path) !== this.#identity;
  }

  /** Removes what lay beside the file that is gone: SQLite would take it for a part of the one that comes. */
  removeCompanions(): void {
    for (const [path, identity] of this.#companions) {
      if (identity !== null && identityOf(path) === identity) rmSync(path, { force: true });
    }
  }
}

/** Null where there is no file. */
function identityOf(path: string): string | null {
  const found = statSync(path, { bigint: true, throwIfNoEntry: false });
  return found === undefined ? null : `${found.dev}:${found.ino}`;
}
