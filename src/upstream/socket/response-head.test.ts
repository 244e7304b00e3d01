import { describe, expect, test } from 'bun:test';
import { bodyDecoder } from '../../core/http1/body-decoder.ts';
import { BadMessageError, HeadParser, MAXIMUM_HEAD_BYTES } from '../../core/http1/head-parser.ts';
import { BROKEN, CUT, WHOLE } from '../conformance/corpus.ts';
import { ResponseHead } from './response-head.ts';

/** Reads a response from its pieces, without a socket: its status, its body under any content encoding, and whether it is whole. */
function read(pieces: readonly string[]): { status: number; body: string; done: boolean } | 'bad' | 'incomplete' {
  const parser = new HeadParser(() => new ResponseHead());
  let head: ResponseHead | null = null;
  let decoder: ReturnType<typeof bodyDecoder> | null = null;
  let body = '';
  try {
    for (const piece of pieces) {
      const bytes = Buffer.from(piece, 'latin1');
      if (head !== null && decoder !== null) {
        if (!decoder.done) body += decoder.decode(bytes).toString('latin1');
        continue;
      }
      head = parser.push(bytes);
      if (head === null) continue;
      decoder = bodyDecoder(head);
      body += decoder.decode(head.bytes.subarray(head.bodyStart, head.bodyEnd)).toString('latin1');
    }
  } catch (error) {
    if (error instanceof BadMessageError) return 'bad';
    throw error;
  }
  if (head === null || decoder === null) return 'incomplete';
  return { status: head.status, body, done: decoder.done || decoder.endsWithConnection };
}

describe('head and body, cut at every byte and at every two bytes of the head', () => {
  for (const { title, wire } of [...WHOLE, ...BROKEN, ...CUT]) {
    test(`${title} reads the same`, () => {
      const whole = read([wire]);
      expect(read([...wire])).toEqual(whole);
      for (let first = 1; first < wire.length; first++) {
        expect(read([wire.slice(0, first), wire.slice(first)])).toEqual(whole);
        for (let second = first + 1; second < Math.min(wire.length, first + 6); second++) {
          expect(read([wire.slice(0, first), wire.slice(first, second), wire.slice(second)])).toEqual(whole);
        }
      }
    });
  }
});

describe('a head', () => {
  test('of exactly the limit is read, of one byte more is refused, in one piece and in many', () => {
    const frame = 'HTTP/1.1 200 OK\r\nX: \r\nContent-Length: 0\r\n\r\n';
    for (const [extra, expected] of [
      [0, { status: 200, body: '', done: true }],
      [1, 'bad'],
    ] as const) {
      const wire = frame.replace('X: ', `X: ${'x'.repeat(MAXIMUM_HEAD_BYTES - frame.length + extra)}`);
      expect(read([wire])).toEqual(expected);
      expect(read(wire.match(/[\s\S]{1,1000}/g) ?? [])).toEqual(expected);
    }
  });

  test('in many small pieces costs no more than its length', () => {
    // Quadratic work over 60,000 pieces would take minutes, and the test's own limit ends it.
    const wire = `HTTP/1.1 200 OK\r\nX: ${'x'.repeat(60_000)}\r\nContent-Length: 0\r\n\r\n`;
    expect(read([...wire])).toEqual({ status: 200, body: '', done: true });
  });

  test('gives its header values byte for byte', () => {
    const parser = new HeadParser(() => new ResponseHead());
    const head = parser.push(
      Buffer.from('HTTP/1.1 200 OK\r\nX-A: \t a:b \r\nX-B:\xe9\r\nContent-Length: 0\r\n\r\n', 'latin1'),
    );
    expect(head?.header('x-a')).toBe('a:b');
    expect(head?.header('x-b')).toBe('\xe9');
    expect(head?.header('x-c')).toBeNull();
    expect(head?.header('200 ok')).toBeNull();
  });
});
