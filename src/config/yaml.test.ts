import { describe, expect, test } from 'bun:test';
import { parseYaml, YamlSyntaxError } from './yaml.ts';

const read = (text: string) => parseYaml(text).root?.value;

describe('scalars mean what PyYAML 6.0.3 makes of them', () => {
  const cases: ReadonlyArray<readonly [string, unknown]> = [
    ['yes', true],
    ['OFF', false],
    ['tRUE', 'tRUE'],
    ['y', 'y'],
    ['~', null],
    ['', null],
    ['010', 8],
    ['08', '08'],
    ['0o10', '0o10'],
    ['0x1F', 31],
    ['-0b11', -3],
    ['1_000', 1000],
    ['1:30', 90],
    ['190:20:30', 685_230],
    ['1e3', '1e3'],
    ['1.0e3', '1.0e3'],
    ['1.0e+3', 1000],
    ['5.', 5],
    ['.5', 0.5],
    ['1:30.5', 90.5],
    ['-.INF', Number.NEGATIVE_INFINITY],
    ['.nan', Number.NaN],
    ['"5"', '5'],
    ["'it''s'", "it's"],
    ['!!str 5', '5'],
    ["!!int '7'", 7],
    ['!!bool yes', true],
    ['e#f #comment', 'e#f'],
  ];
  test.each(cases)('%s', (text, expected) => {
    expect(read(`a: ${text}`)).toEqual({ a: expected });
  });

  test('a date is no text', () => {
    expect(read('a: 2023-05-15')).toEqual({ a: new Date('2023-05-15') });
    expect(read('a: 2023-5-15')).toEqual({ a: '2023-5-15' });
  });
});

describe('documents mean what PyYAML 6.0.3 makes of them', () => {
  const cases: ReadonlyArray<readonly [string, unknown]> = [
    ['a: &x {p: 1, q: 2}\nb: {<<: *x, q: 3}', { a: { p: 1, q: 2 }, b: { p: 1, q: 3 } }],
    ['a: &x {p: 1}\nb: &y {p: 2, r: 3}\nc:\n  <<: [*x, *y]', { a: { p: 1 }, b: { p: 2, r: 3 }, c: { p: 1, r: 3 } }],
    ['b: {q: 3, <<: {q: 4, z: 1}}', { b: { q: 3, z: 1 } }],
    ['c: {<<: {a: 1}, <<: {a: 2}}', { c: { a: 2 } }],
    ["'<<': {a: 1}", { '<<': { a: 1 } }],
    ['--- \na: 1\n...', { a: 1 }],
    ['%YAML 1.1\n---\na: 1', { a: 1 }],
    ['a: |\n  x\n  y\nb: >-\n  x\n  y', { a: 'x\ny\n', b: 'x y' }],
    ['{"a": [1, 2.5, null, true], "b": "\\u00e9"}', { a: [1, 2.5, null, true], b: 'é' }],
    ['- a\n-\n- ~', ['a', null, null]],
    ['\ufeffa: 1', { a: 1 }],
    ['a: 1\r\nb: 2\r\n', { a: 1, b: 2 }],
  ];
  test.each(cases)('%j', (text, expected) => {
    expect(read(text)).toEqual(expected);
  });

  test('an empty file has no value', () => {
    expect(parseYaml('').root?.value ?? null).toBeNull();
    expect(parseYaml('# only a comment\n').root?.value ?? null).toBeNull();
  });

  test('of two equal keys the last counts, and the text says where it is', () => {
    const { root, duplicates } = parseYaml('k: 1\nk: 2');
    expect(root?.value).toEqual({ k: 2 });
    expect(duplicates).toEqual([{ path: ['k'], keyStart: 5 }]);
  });
});

describe('text that is refused', () => {
  const cases: ReadonlyArray<readonly [string, number]> = [
    ['a: !!python/object:os.system x', 29],
    ['--- 1\n--- 2', 6],
    ['? [a]\n: b', 2],
    ['a: {<<: 5}', 8],
    ['a: &r [1, *r]', 10],
    ['a: *nobody', 3],
    ['a: "open\nb: 1', 3],
    ['a:\n\tb: c', 3],
    ['a: \u0007', 3],
  ];
  test.each(cases)('%j', (text, offset) => {
    const attempt = () => parseYaml(text);
    expect(attempt).toThrow(YamlSyntaxError);
    try {
      attempt();
    } catch (error) {
      expect(error).toMatchObject({ offset });
    }
  });

  test('aliases that stand for a billion values', () => {
    const lines = ['a0: &a0 [x, x, x, x, x, x, x, x, x, x]'];
    for (let level = 1; level < 10; level += 1) {
      lines.push(
        `a${level}: &a${level} [${Array(10)
          .fill(`*a${level - 1}`)
          .join(', ')}]`,
      );
    }
    expect(() => parseYaml(lines.join('\n'))).toThrow('too many values');
  });

  test('brackets nested a hundred thousand deep', () => {
    expect(() => parseYaml('['.repeat(100_000))).toThrow(YamlSyntaxError);
    expect(() => parseYaml('['.repeat(2000) + ']'.repeat(2000))).toThrow('nested too deeply');
  });

  test('the reason never quotes the text', () => {
    for (const text of ['a: "\\q-canary"', 'a: *canary', 'a: !canary b', 'a: |canary\n x', '"a": "canary" canary']) {
      try {
        parseYaml(text);
        throw new Error(`accepted ${text}`);
      } catch (error) {
        expect(error).toBeInstanceOf(YamlSyntaxError);
        expect(String(error)).not.toContain('canary');
      }
    }
  });
});

test('__proto__ changes no prototype', () => {
  const value = read('__proto__: {polluted: true}\na: {__proto__: {polluted: true}}') as { a: object };
  expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
  expect(Object.getPrototypeOf(value.a)).toBe(Object.prototype);
  expect('polluted' in value.a).toBe(false);
});

test('values and keys keep their offsets, those of an alias being its anchor’s', () => {
  const text = 'a: &x {p: 1}\nb: *x\nc: {<<: *x}';
  const { root } = parseYaml(text);
  const p = (key: string) => root?.children.get(key)?.node.children.get('p');
  expect(p('a')?.node.start).toBe(text.indexOf('1'));
  expect(p('b')?.node.start).toBe(text.indexOf('1'));
  expect(p('c')?.keyStart).toBe(text.indexOf('p'));
  expect(root?.children.get('b')?.keyStart).toBe(text.indexOf('b'));
});
