import { expect, test } from 'bun:test';
import { locateJsonError } from './json-error.ts';

test.each([
  ['', 0, 'Expecting value'],
  ['{', 1, 'Expecting property name enclosed in double quotes'],
  ['{"a" 1}', 5, "Expecting ':' delimiter"],
  ['{"a":1 "b":2}', 7, "Expecting ',' delimiter"],
  ['{"a":}', 5, 'Expecting value'],
  ['[1,2', 4, "Expecting ',' delimiter"],
  ['{"a":"x', 5, 'Unterminated string starting at'],
  ['"a\nb"', 2, 'Invalid control character at'],
  ['"\\x"', 1, 'Invalid \\escape'],
  ['{} x', 3, 'Extra data'],
  ['NaN', 0, 'Expecting value'],
])('%p', (text, position, message) => {
  expect(locateJsonError(text)).toEqual({ position, message });
});

test('a text nested deeper than any parser goes is refused without exhausting the stack', () => {
  expect(locateJsonError('['.repeat(6000))).toEqual({ position: 5000, message: 'Too deeply nested' });
});
