import { closeSync, ftruncateSync, openSync, rmSync, writeSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { type Mirror, Segment } from './segment.ts';

const ZEROS = Buffer.alloc(65_536);

/**
 * Makes the file of a segment and writes every byte of it: where only a length was set, a disk that turns out to be full
 * would end the process (SIGBUS). Throws, or rejects, without leaving a part behind.
 */
export function allocate(path: string, bytes: number): void {
  try {
    const file = openSync(path, 'w', 0o600);
    try {
      for (let written = 0; written < bytes; ) written += progress(writeSync(file, ZEROS));
    } finally {
      closeSync(file);
    }
  } catch (error) {
    rmSync(path, { force: true });
    throw error;
  }
}

/** The same without holding up the thread. */
export async function allocateAhead(path: string, bytes: number): Promise<void> {
  try {
    const file = await open(path, 'w', 0o600);
    try {
      for (let written = 0; written < bytes; ) written += progress((await file.write(ZEROS)).bytesWritten);
    } finally {
      await file.close();
    }
  } catch (error) {
    rmSync(path, { force: true });
    throw error;
  }
}

function progress(written: number): number {
  if (written === 0) throw new Error('the disk is full');
  return written;
}

/** A segment whose file was allocated. Where files cannot be mapped, its memory is written to the file. */
export function openSegment(path: string, bytes: number, canMap: boolean): Segment {
  if (canMap) return mapSegment(path);
  const memory = new Uint8Array(new SharedArrayBuffer(bytes));
  return new Segment(memory, path, mirrorTo(path));
}

export function mapSegment(path: string): Segment {
  return new Segment(Bun.mmap(path, { shared: true }), path);
}

function mirrorTo(path: string): Mirror {
  const file = openSync(path, 'r+');
  return {
    write: (bytes, from, to) => {
      writeSync(file, bytes, from, to - from, from);
    },
    clear: () => ftruncateSync(file, 0),
    close: () => closeSync(file),
  };
}
