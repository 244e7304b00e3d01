import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import { open } from 'node:fs/promises';

/** Why a file cannot be had. `reason` goes on from "it cannot be read: ". */
export class UnreadableFileError extends Error {
  readonly reason: string;
  /** The system's, such as `ENOENT`; null where it gives none. */
  readonly code: string | null;

  constructor(reason: string, code: string | null = null) {
    super(reason);
    this.reason = reason;
    this.code = code;
  }
}

/** Opening a pipe that nobody writes to must not wait. Windows does not know the flag. */
const FLAGS = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

/** The bytes of a regular file of at most so many. Throws an UnreadableFileError for anything else. */
export async function readRegularFile(path: string, maxBytes: number): Promise<Buffer> {
  try {
    const file = await open(path, FLAGS);
    try {
      check(await file.stat(), maxBytes);
      return await file.readFile();
    } finally {
      await file.close();
    }
  } catch (error) {
    throw asUnreadable(error);
  }
}

/** The same for schemas, which cannot wait. */
export function readRegularFileNow(path: string, maxBytes: number): Buffer {
  try {
    const file = openSync(path, FLAGS);
    try {
      check(fstatSync(file), maxBytes);
      return readFileSync(file);
    } finally {
      closeSync(file);
    }
  } catch (error) {
    throw asUnreadable(error);
  }
}

interface Status {
  readonly size: number;
  isFile(): boolean;
  isDirectory(): boolean;
}

function check(status: Status, maxBytes: number): void {
  if (status.isDirectory()) throw new UnreadableFileError('it is a directory', 'EISDIR');
  if (!status.isFile()) throw new UnreadableFileError('it is a pipe or a device, and no regular file');
  if (status.size > maxBytes) throw new UnreadableFileError(`it is larger than ${maxBytes / 1024} KiB`);
}

const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EISDIR: 'it is a directory',
  EMFILE: 'too many files are open',
  ENFILE: 'too many files are open on this machine',
  ENOENT: 'it does not exist',
  ENOTDIR: 'a part of its path is no directory',
  ENXIO: 'it is a pipe or a device, and no regular file',
  EIO: 'the disk failed',
};

function asUnreadable(error: unknown): UnreadableFileError {
  if (error instanceof UnreadableFileError) return error;
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
  const reason = REASONS[code];
  return new UnreadableFileError(reason === undefined ? code : `${reason} (${code})`, code);
}
