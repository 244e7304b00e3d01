import { describe, expect, test } from 'bun:test';
import { clean, readTags, tagsOf } from './caller.ts';

describe('tags of a header', () => {
  test('are pairs, or a JSON object', () => {
    expect(readTags('team=search, run = 7')).toEqual({ team: 'search', run: '7' });
    expect(readTags('{"team":"search","run":7,"dry":true,"more":{"a":1},"none":null}')).toEqual({
      team: 'search',
      run: '7',
      dry: 'true',
    });
  });

  test('that make no sense are left out', () => {
    expect(readTags('team,=x,,a=')).toEqual({ a: '' });
    expect(readTags('{"team":')).toEqual({});
    expect(readTags('[1]')).toEqual({});
  });

  test('keep an equals sign in a value', () => {
    expect(readTags('query=a=b')).toEqual({ query: 'a=b' });
  });
});

test('no more than 16 tags are kept, with keys of 64 and values of 256 characters', () => {
  const tags = tagsOf(
    Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`${index}${'k'.repeat(100)}`, 'v'.repeat(1000)])),
  );
  expect(Object.keys(tags).length).toBe(16);
  expect(Math.max(...Object.keys(tags).map((key) => key.length))).toBe(64);
  expect(Math.max(...Object.values(tags).map((value) => value.length))).toBe(256);
});

test('control characters do not pass, and half a character is not kept', () => {
  expect(clean('a\r\nb\u0000\u001b[31m')).toBe('a  b  [31m');
  expect(clean(`${'x'.repeat(255)}😀`)).toBe(`${'x'.repeat(255)}\ufffd`);
});

test('a tag named like an object’s own member is a tag', () => {
  expect(JSON.stringify(readTags('{"__proto__":"x","constructor":"y"}'))).toBe('{"__proto__":"x","constructor":"y"}');
});
