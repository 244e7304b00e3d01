import { describe, expect, test } from 'bun:test';
import { ChunkedDecoder } from './chunked-decoder.ts';
import { BadMessageError } from './head-parser.ts';

describe('the chunked decoder', () => {
  test('moves the data of many chunks together in the memory that it was given', () => {
    const bytes = Buffer.from('1\r\na\r\n2;x=1\r\nbc\r\n3\r\ndef\r\n0\r\n\r\nrest');
    const decoder = new ChunkedDecoder();
    const data = decoder.decode(bytes);
    expect(data.toString()).toBe('abcdef');
    expect(data.buffer).toBe(bytes.buffer);
    expect([decoder.done, decoder.surplus]).toEqual([true, true]);
  });

  test('is done at the last byte and not before', () => {
    const decoder = new ChunkedDecoder();
    decoder.decode(Buffer.from('1\r\na\r\n0\r\nT: v\r\n\r'));
    expect(decoder.done).toBe(false);
    decoder.decode(Buffer.from('\n'));
    expect([decoder.done, decoder.surplus]).toEqual([true, false]);
  });

  test('counts the largest size, and refuses what is larger', () => {
    new ChunkedDecoder().decode(Buffer.from(`${(2 ** 50).toString(16)}\r\n`));
    for (const size of [(2 ** 50 + 1).toString(16), 'f'.repeat(13), '0'.repeat(65)]) {
      expect(() => new ChunkedDecoder().decode(Buffer.from(`${size}\r\n`))).toThrow(BadMessageError);
    }
  });

  test('counts the bytes of extensions by the chunk', () => {
    const decoder = new ChunkedDecoder();
    const data = decoder.decode(Buffer.from(`${'1;name=value\r\nx\r\n'.repeat(1000)}0\r\n\r\n`));
    expect([data.length, decoder.done]).toEqual([1000, true]);
  });

  test('refuses extensions and trailers without end', () => {
    const extension = new ChunkedDecoder();
    expect(() => extension.decode(Buffer.from(`1;${'x'.repeat(5000)}`))).toThrow(BadMessageError);
    const trailers = new ChunkedDecoder();
    trailers.decode(Buffer.from('0\r\n'));
    expect(() => {
      for (let count = 0; count < 100; count++) trailers.decode(Buffer.from(`X: ${'x'.repeat(1000)}\r\n`));
    }).toThrow(BadMessageError);
  });
});
