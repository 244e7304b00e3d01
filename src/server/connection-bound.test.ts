import { expect, test } from 'bun:test';
import { connectionsPerWorker, openFilesLimit } from './connection-bound.ts';

test('every connection may have another one to a provider, in all workers together', () => {
  for (const [openFiles, workers] of [
    [1024, 1],
    [4096, 4],
    [1_048_576, 256],
  ] as const) {
    const connections = connectionsPerWorker(openFiles, workers) * workers;
    expect(2 * connections).toBeLessThan(openFiles - 64);
    expect(2 * connections).toBeGreaterThan(openFiles / 2);
  }
  expect(connectionsPerWorker(64, 1)).toBe(16);
  expect(connectionsPerWorker(Number.POSITIVE_INFINITY, 2)).toBe(Number.POSITIVE_INFINITY);
});

test('the system says how many files may be open, or nothing bounds them', () => {
  expect(openFilesLimit()).toBeGreaterThan(0);
});
