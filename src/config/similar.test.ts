import { expect, test } from 'bun:test';
import { editDistance, mostSimilar } from './similar.ts';

test.each([
  ['', '', 0],
  ['', 'abc', 3],
  ['name', 'name', 0],
  ['nmae', 'name', 1],
  ['nam', 'name', 1],
  ['names', 'name', 1],
  ['kitten', 'sitting', 3],
  ['ca', 'abc', 3],
])('the distance of %j and %j is %i', (left, right, distance) => {
  expect(editDistance(left, right)).toBe(distance);
  expect(editDistance(right, left)).toBe(distance);
});

test('one letter may be wrong in a short name, two in a long one', () => {
  expect(mostSimilar('nmae', ['name', 'limit'])).toBe('name');
  expect(mostSimilar('nmea', ['name'])).toBeNull();
  expect(mostSimilar('endpont_tpye', ['endpoint_type'])).toBe('endpoint_type');
  expect(mostSimilar('elephant', ['endpoint_type'])).toBeNull();
});

test('the nearest is suggested, and case and dashes do not count', () => {
  expect(mostSimilar('calls', ['balls', 'calls'])).toBe('calls');
  expect(mostSimilar('Endpoint-Type', ['endpoint_type'])).toBe('endpoint_type');
});
