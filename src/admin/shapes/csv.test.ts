import { expect, test } from 'bun:test';
import { csvLine } from './csv.ts';

test('quotes what would be read as more than one cell', () => {
  expect(csvLine(['a', 'b,c', 'd"e', 'f\ng', ''])).toBe('a,"b,c","d""e","f\ng",\r\n');
});

test('leaves a cell empty where there is nothing, and numbers as they are', () => {
  expect(csvLine([null, 0, -1.5, true, '0.000000000001'])).toBe(',0,-1.5,true,0.000000000001\r\n');
});

test.each(['=HYPERLINK("x")', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1', '\n=1', '＝1'])(
  'takes the sting out of %p',
  (text) => {
    const line = csvLine([text]);
    expect(line.replace(/^"/, '')).toStartWith("'");
    expect(line.replaceAll('""', '"')).toContain(text);
  },
);
