import { describe, expect, test } from 'bun:test';
import { ApiError } from '../api-error.ts';
import { isoTime, parseTime, parseTimeZone } from './time.ts';

/** A summer's morning in Berlin, on the last day of a month. */
const NOW = Date.parse('2026-03-31T06:30:00.250Z');
const berlin = { now: NOW, timeZone: 'Europe/Berlin' };

describe('a time', () => {
  test.each([
    ['now', '2026-03-31T06:30:00.250Z'],
    ['-90m', '2026-03-31T05:00:00.250Z'],
    ['now-24h', '2026-03-30T06:30:00.250Z'],
    ['now+1h', '2026-03-31T07:30:00.250Z'],
    ['-1w', '2026-03-24T07:30:00.250Z'],
    ['-2d', '2026-03-29T06:30:00.250Z'],
    ['-3d', '2026-03-28T07:30:00.250Z'],
    ['-1M', '2026-02-28T07:30:00.250Z'],
    ['-1y', '2025-03-31T06:30:00.250Z'],
    ['today', '2026-03-30T22:00:00.000Z'],
    ['yesterday', '2026-03-29T22:00:00.000Z'],
    ['2026-03-29', '2026-03-28T23:00:00.000Z'],
    ['2026-03-29T02:30', '2026-03-29T01:30:00.000Z'],
    ['2026-01-31T12:00:00', '2026-01-31T11:00:00.000Z'],
    ['2026-01-31T12:00:00Z', '2026-01-31T12:00:00.000Z'],
    ['2026-01-31T12:00:00.123+02:00', '2026-01-31T10:00:00.123Z'],
    ['2026-01-31T12:00:00 02:00', '2026-01-31T10:00:00.000Z'],
    ['1767225600000', '2026-01-01T00:00:00.000Z'],
    ['0', '1970-01-01T00:00:00.000Z'],
  ])('%s', (text, expected) => {
    expect(isoTime(parseTime('from', text, berlin))).toBe(expected);
  });

  test.each([
    '',
    'soon',
    '1767225600',
    '-30',
    '30d',
    '-9999999d',
    '2026-13-01',
    '2026-02-30',
    '2026-01-01T25:00',
    '1969-12-31',
    'now-1',
    '--1d',
    '-999999y',
    '99999999999999999999',
    '2026-01-01T00:00:00[Europe/Berlin]',
    "2026-01-01' OR 1=1",
    'NaN',
    'Infinity',
    '+275760-09-13',
    '1e15',
  ])('refuses %p', (text) => {
    expect(() => parseTime('from', text, berlin)).toThrow(ApiError);
  });
});

describe('a time zone', () => {
  test.each([
    ['UTC', 'UTC'],
    ['utc', 'UTC'],
    ['Europe/Berlin', 'Europe/Berlin'],
    ['america/new_york', 'America/New_York'],
  ])('%s', (text, expected) => {
    expect(parseTimeZone('tz', text)).toBe(expected);
  });

  test.each(['', 'Mars/Olympus', '+02:00', '../../etc/passwd', "UTC'; DROP TABLE requests", 'Europe/Berlin\0'])(
    'refuses %p',
    (text) => {
      expect(() => parseTimeZone('tz', text)).toThrow(ApiError);
    },
  );
});
