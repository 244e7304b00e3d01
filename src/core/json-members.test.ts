import { describe, expect, test } from 'bun:test';
import { editMembers, prependMembers } from './json-members.ts';

const edit = (text: string, replace: Record<string, string> = {}, dropNulls = false, prepend = '') =>
  editMembers(text, { replace: new Map(Object.entries(replace)), dropNulls, prepend });

describe('editMembers', () => {
  test('replaces a value in place and keeps every other byte of the members', () => {
    const text = '{ "temperature": 1.0, "model" : "a", "id": 12345678901234567890, "x": [1, {"model": "inner"}] }';
    expect(edit(text, { model: '"b"' })).toBe(
      '{ "temperature": 1.0, "model" : "b", "id": 12345678901234567890, "x": [1, {"model": "inner"}] }',
    );
  });

  test('replaces every occurrence of a repeated or escaped key', () => {
    expect(edit('{"model":"a","mod\\u0065l":"b"}', { model: '"c"' })).toBe('{"model":"c","mod\\u0065l":"c"}');
  });

  test('is not confused by quotes, braces and backslashes inside strings', () => {
    const text = '{"a":"}\\"{[\\\\","model":"x","b":"\\\\\\""}';
    expect(edit(text, { model: '1' })).toBe('{"a":"}\\"{[\\\\","model":1,"b":"\\\\\\""}');
  });

  test('drops members that are null, but no null further down', () => {
    expect(edit('{"a":null,"b":{"c":null},"d":null}', {}, true)).toBe('{"b":{"c":null}}');
    expect(edit('{ "a" : null , "b" : 1 , "c" : null }', {}, true)).toBe('{ "b" : 1 }');
  });

  test('puts members first, in an empty object too', () => {
    expect(edit('{"a":1}', {}, false, '"n":1,')).toBe('{"n":1,"a":1}');
    expect(edit('{}', {}, false, '"n":1,')).toBe('{"n":1}');
    expect(edit('{"a":null}', {}, true)).toBe('{}');
  });
});

describe('prependMembers', () => {
  test('keeps the rest of the text as it is', () => {
    expect(prependMembers(' {\n "a": 1 }', '"n":1,')).toBe('{"n":1,\n "a": 1 }');
    expect(prependMembers('{ }', '"n":1,')).toBe('{"n":1 }');
  });
});
