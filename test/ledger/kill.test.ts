import { expect, test } from 'bun:test';
import { killUnderLoad } from './kill-run.ts';

/** The short form of `npm run test:ledger`. */
test.each([
  [5, 1],
  [2, 2],
])(
  '%i times killed under load, a gateway with %i workers loses no record of an answered request, and repeats none',
  async (kills, workers) => {
    const result = await killUnderLoad({
      kills,
      perSecond: 200,
      longestLife: 600,
      arguments: ['--workers', String(workers)],
    });
    const { missing, repeated, unexplained, rows, counted } = result;
    expect({ missing, repeated, unexplained }).toEqual({ missing: [], repeated: [], unexplained: [] });
    expect(result.complete).toBeGreaterThan(50);
    expect(counted).toBe(rows);
  },
  60_000,
);
