import { describe, expect, jest, test } from 'bun:test';
import { NEVER, Sweeper } from './sweeper.ts';

describe('the sweeper', () => {
  test('turns milliseconds into a tick that cannot come early', () => {
    const sweeper = new Sweeper();
    expect(sweeper.deadline(0)).toBe(NEVER);
    expect([1, 100, 101, 1000].map((milliseconds) => sweeper.deadline(milliseconds))).toEqual([2, 2, 3, 11]);
  });

  test('ticks while it has members, stops when the last has left, and starts again', () => {
    jest.useFakeTimers();
    try {
      const sweeper = new Sweeper();
      const swept: number[] = [];
      const member = { sweep: (now: number) => void swept.push(now) };
      sweeper.add(member);
      jest.advanceTimersByTime(300);
      expect(swept).toEqual([1, 2, 3]);
      sweeper.delete(member);
      jest.advanceTimersByTime(1000);
      // One tick to find itself alone.
      expect(sweeper.now).toBe(4);
      sweeper.add(member);
      jest.advanceTimersByTime(100);
      expect(swept).toEqual([1, 2, 3, 5]);
    } finally {
      jest.useRealTimers();
    }
  });
});
