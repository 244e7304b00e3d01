import { describe, expect, test } from 'bun:test';
import { formatBytes, formatCount, formatDuration, formatMoney, printable } from './format.ts';
import { bar, table } from './table.ts';

test.each([
  [null, 'unpriced'],
  ['0', '$0.00'],
  ['1234567.895', '$1,234,567.90'],
  ['1', '$1.00'],
  ['0.999999999999', '$1.0000'],
  ['0.0242', '$0.0242'],
  ['0.0001', '$0.0001'],
  ['0.0000075', '$0.00000750'],
  ['0.000000000001', '<$0.00000001'],
])('money: %p is %s', (decimal, text) => {
  expect(formatMoney(decimal)).toBe(text);
});

test.each([
  [0, '0'],
  [99_999, '99,999'],
  [123_456, '123 k'],
  [999_499, '999 k'],
  [999_950, '1.00 M'],
  [1_240_000, '1.24 M'],
  [12_400_000, '12.4 M'],
  [5_000_000_000, '5.00 G'],
])('a count: %p is %s', (count, text) => {
  expect(formatCount(count)).toBe(text);
});

test.each([
  [null, '–'],
  [312, '312 B'],
  [4500, '4.50 kB'],
  [1_240_000_000, '1.24 GB'],
])('a size: %p is %s', (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});

test.each([
  [null, '–'],
  [0.424, '0.42 ms'],
  [842.3, '842 ms'],
  [3420, '3.42 s'],
  [72_000, '1 m 12 s'],
])('a duration: %p is %s', (milliseconds, text) => {
  expect(formatDuration(milliseconds)).toBe(text);
});

test('what could steer a terminal is shown as a dot', () => {
  expect(printable('a\u001b[31mb\r\n\u202ec\u0000')).toBe('a·[31mb···c·');
  expect(printable('日本 é 💥')).toBe('日本 é 💥');
});

describe('a table', () => {
  const rows = [
    { name: 'a-rather-long-name', number: '1', more: 'x'.repeat(30) },
    { name: '日本', number: '12345', more: '' },
  ];
  const columns = [
    { title: 'name', least: 6, cell: (row: (typeof rows)[0]) => row.name },
    { title: 'n', align: 'right' as const, cell: (row: (typeof rows)[0]) => row.number },
    { title: 'more', dispensable: 1, cell: (row: (typeof rows)[0]) => row.more },
  ];
  const widths = (text: string) =>
    text
      .trimEnd()
      .split('\n')
      .map((line) => Bun.stringWidth(line));

  test('aligns by what characters take up', () => {
    expect(table(columns.slice(0, 2), rows, { width: null, colour: false })).toBe(
      'name                    n\na-rather-long-name      1\n日本                12345\n',
    );
  });

  test('fits the terminal: leaves out, then cuts', () => {
    for (const width of [80, 40, 30, 20, 14]) {
      for (const line of widths(table(columns, rows, { width, colour: false })))
        expect(line).toBeLessThanOrEqual(width);
    }
    expect(table(columns, rows, { width: 14, colour: false })).toContain('…');
  });

  test('has colours only where they are wanted', () => {
    expect(table(columns, rows, { width: null, colour: false })).not.toContain('\u001b');
    expect(table(columns, rows, { width: null, colour: true })).toContain('\u001b[2m');
  });

  test('draws bars to an eighth', () => {
    expect([bar(0, 8, 8), bar(1, 8, 8), bar(4.5, 8, 8), bar(8, 8, 8), bar(0.001, 8, 8)]).toEqual([
      '',
      '█',
      '████▌',
      '████████',
      '▏',
    ]);
  });
});
