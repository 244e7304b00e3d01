import { describe, expect, test } from 'bun:test';
import { isKnownLimitKey, parseLimit } from './limits.ts';

describe('a rate limit', () => {
  test.each([
    ['minute', 60, '2 per 1 minute'],
    ['minutes', 60, '2 per 1 minute'],
    ['5 minutes', 300, '2 per 5 minute'],
    ['30seconds', 30, '2 per 30 second'],
    [' HOUR ', 3600, '2 per 1 hour'],
    ['day', 86_400, '2 per 1 day'],
    ['month', 2_592_000, '2 per 1 month'],
    ['2 years', 62_208_000, '2 per 2 year'],
  ])('per %j lasts %i seconds', (period, seconds, display) => {
    expect(parseLimit(2, period, null)).toMatchObject({ calls: 2, seconds, display, renewalPeriod: period });
  });

  test.each(['week', 'fortnight', '', '5', '0 minutes', 'minute;hour', '-1 minute', '1.5 minutes'])(
    'per %j is none',
    (period) => {
      expect(parseLimit(2, period, null)).toBeNull();
    },
  );

  test('of no calls blocks, of fewer is none', () => {
    expect(parseLimit(0, 'minute', null)).toMatchObject({ calls: 0, display: '0 per 1 minute' });
    expect(parseLimit(-1, 'minute', null)).toBeNull();
  });
});

test('calls are counted by address, together, or by a header', () => {
  for (const key of ['ip', 'global', 'header:authorization', 'header:X-Team']) expect(isKnownLimitKey(key)).toBe(true);
  for (const key of ['user', 'header:', 'header:a b', 'Global', '']) expect(isKnownLimitKey(key)).toBe(false);
});
