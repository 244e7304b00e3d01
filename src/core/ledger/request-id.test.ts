import { expect, test } from 'bun:test';
import { RequestIds, requestIdOf, timeText } from './request-id.ts';

test('an id has 26 characters of Crockford’s base32', () => {
  expect(new RequestIds().next(Date.now())).toMatch(/^[0-9A-HJKMNP-TV-Z]{26}$/);
});

test('ids sort by time, also within a millisecond and when the clock goes back', () => {
  const ids = new RequestIds();
  const times = [5, 5, 5, 6, 4, 4, 7, 1_795_446_453_000, 1_795_446_452_000];
  const made = times.map((time) => ids.next(time));
  expect([...made].sort()).toEqual(made);
  expect(new Set(made).size).toBe(made.length);
});

test('a million ids of one millisecond leave it rather than repeat', () => {
  const ids = new RequestIds();
  const seen = new Set<string>();
  let last = '';
  for (let index = 0; index < 1_100_000; index++) {
    const id = ids.next(1000);
    if (id <= last) throw new Error(`${id} after ${last}`);
    last = id;
    seen.add(id);
  }
  expect(seen.size).toBe(1_100_000);
  expect(last.startsWith(timeText(1001))).toBeTrue();
});

test('an id can be made again of its numbers', () => {
  const ids = new RequestIds();
  for (const time of [1_795_446_453_000, 1_795_446_453_001, 1_795_446_452_000]) {
    for (let index = 0; index < 1500; index++) {
      const id = ids.next(time);
      expect(requestIdOf(ids.time, ids.maker.text, ids.count)).toBe(id);
    }
  }
  expect({ time: ids.time, count: ids.count }).toEqual({ time: 1_795_446_453_001, count: 2999 });
});

test('two makers never make the same id', () => {
  const [one, other] = [new RequestIds(), new RequestIds()];
  expect(one.next(1000)).not.toBe(other.next(1000));
});

test('the time is the one that the ULID specification has', () => {
  expect(timeText(1_469_918_176_385)).toBe('01ARYZ6S41');
});

test('a time is ten digits of base 32, up to the last that fits', () => {
  const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
  const read = (text: string): number => [...text].reduce((sum, digit) => sum * 32 + alphabet.indexOf(digit), 0);
  for (const time of [0, 1, 31, 1023, 1024, 2 ** 30 - 1, 2 ** 30, 2 ** 31 + 5, 1_795_446_453_000, 2 ** 50 - 1]) {
    expect(timeText(time).length).toBe(10);
    expect(read(timeText(time))).toBe(time);
  }
});
