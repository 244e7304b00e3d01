import { readFileSync } from 'node:fs';

/** For listening, the log, files that are read, and connections that are turned away. */
const RESERVED = 96;
const FEWEST = 16;

/**
 * How many connections each worker may keep open, so that the process never runs out of descriptors: then it could take
 * no connection, and would be told of each that waits without an end. Each call needs a connection to a provider too.
 */
export function connectionsPerWorker(openFiles: number, workers: number): number {
  return Math.max(FEWEST, Math.floor((openFiles - RESERVED) / 2 / workers));
}

/** What `ulimit -n` says; without an end where the system does not tell. https://man7.org/linux/man-pages/man5/proc_pid_limits.5.html */
export function openFilesLimit(): number {
  try {
    const soft = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1];
    return soft === undefined ? Number.POSITIVE_INFINITY : Number(soft);
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}
