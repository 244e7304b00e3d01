import { describe, expect, test } from 'bun:test';
import { EventStreamCodec } from '@smithy/eventstream-codec';
import { GatewayError } from '../../core/errors.ts';
import { MAX_EVENT_SIZE } from './event-decoder.ts';
import { eventDecoder, type Framing, isFramedAs } from './framing.ts';

type Event = readonly [data: string, name: string];

const utf8 = { encode: (text: string) => new TextEncoder().encode(text) };
const codec = new EventStreamCodec((bytes) => Buffer.from(bytes as Uint8Array).toString('utf8'), utf8.encode);

function frame(headers: Readonly<Record<string, string>>, payload: string): Buffer {
  const typed = Object.entries(headers).map(([name, value]) => [name, { type: 'string' as const, value }]);
  return Buffer.from(codec.encode({ headers: Object.fromEntries(typed), body: utf8.encode(payload) }));
}

const event = (name: string, payload: string): Buffer =>
  frame({ ':event-type': name, ':content-type': 'application/json', ':message-type': 'event' }, payload);

async function decode(framing: Framing, pieces: readonly Uint8Array[]): Promise<Event[]> {
  const decoder = await eventDecoder(framing);
  const events: Event[] = [];
  const each = (data: string, name: string): void => {
    events.push([data, name]);
  };
  for (const piece of pieces) decoder.push(piece, each);
  decoder.end(each);
  return events;
}

const bytes = (text: string): Buffer => Buffer.from(text, 'utf8');

const WHOLE: ReadonlyArray<readonly [title: string, framing: Framing, body: Buffer, events: readonly Event[]]> = [
  [
    'plain events',
    'sse',
    bytes('data: {"a":1}\n\ndata:{"b":2}\n\ndata: [DONE]\n\n'),
    [
      ['{"a":1}', ''],
      ['{"b":2}', ''],
      ['[DONE]', ''],
    ],
  ],
  [
    'names, comments, ids and unknown fields',
    'sse',
    bytes(': hello\nevent: start\nid: 7\nretry: 10\nfoo\ndata: x\n\nevent: nothing\n\ndata: y\n\n'),
    [
      ['x', 'start'],
      ['y', ''],
    ],
  ],
  ['data of several lines', 'sse', bytes('data: a\ndata:\ndata:  b\n\n'), [['a\n\n b', '']]],
  [
    'carriage returns and a byte order mark',
    'sse',
    bytes('\ufeffevent: e\r\ndata: 1\r\n\r\ndata: 2\r\n\r\n'),
    [
      ['1', 'e'],
      ['2', ''],
    ],
  ],
  [
    'no blank line at the end',
    'sse',
    bytes('data: a\n\ndata: b'),
    [
      ['a', ''],
      ['b', ''],
    ],
  ],
  [
    'characters of two, three and four bytes',
    'sse',
    bytes('data: é漢🚰\n\ndata: 🚰\n\n'),
    [
      ['é漢🚰', ''],
      ['🚰', ''],
    ],
  ],
  ['nothing but a comment', 'sse', bytes(': ping\n\n'), []],
  ['nothing', 'sse', bytes(''), []],
  [
    'lines of JSON, with blank lines and carriage returns',
    'ndjson',
    bytes('\ufeff{"a":"é🚰"}\n\n{"b":2}\r\n \n{"c":3}'),
    [
      ['{"a":"é🚰"}', ''],
      ['{"b":2}', ''],
      ['{"c":3}', ''],
    ],
  ],
  [
    'frames with an event type',
    'aws-event-stream',
    Buffer.concat([
      event('messageStart', '{"role":"assistant"}'),
      event('contentBlockDelta', '{"t":"é🚰"}'),
      event('', ''),
    ]),
    [
      ['{"role":"assistant"}', 'messageStart'],
      ['{"t":"é🚰"}', 'contentBlockDelta'],
      ['', ''],
    ],
  ],
];

describe.each(WHOLE.map(([title, framing, body, events]) => [framing, title, body, events] as const))(
  '%s: %s',
  (framing, _title, body, events) => {
    test('is read whole', async () => {
      expect(await decode(framing, [body])).toEqual([...events]);
    });

    test('is read alike when it is cut in two at any byte, and when every byte comes alone', async () => {
      for (let at = 0; at <= body.length; at += 1) {
        expect(await decode(framing, [body.subarray(0, at), body.subarray(at)])).toEqual([...events]);
      }
      const single = Array.from({ length: body.length }, (_, at) => body.subarray(at, at + 1));
      expect(await decode(framing, single)).toEqual([...events]);
    });
  },
);

test('random pieces of random events give the same events', async () => {
  let state = 7;
  const random = (below: number): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return state % below;
  };
  const alphabet = ['a', 'é', '漢', '🚰', ' ', ':', '"', '\\u0000', 'data:'];
  for (let round = 0; round < 50; round += 1) {
    const texts = Array.from({ length: 1 + random(8) }, () =>
      Array.from({ length: random(40) }, () => alphabet[random(alphabet.length)] ?? '').join(''),
    );
    const lineEnd = random(2) === 0 ? '\n' : '\r\n';
    const body = bytes(texts.map((text) => `data: ${text}${lineEnd}${lineEnd}`).join(''));
    const pieces: Buffer[] = [];
    for (let at = 0; at < body.length; ) {
      const next = at + 1 + random(30);
      pieces.push(body.subarray(at, next));
      at = next;
    }
    expect((await decode('sse', pieces)).map(([data]) => data)).toEqual(texts);
  }
});

describe('a body that never ends an event', () => {
  test.each(['sse', 'ndjson'] as const)('is refused beyond the limit (%s)', async (framing) => {
    const piece = bytes('x'.repeat(1024 * 1024));
    const decoder = await eventDecoder(framing);
    decoder.push(bytes('data: '), () => {});
    const push = () => {
      for (let size = 0; size <= MAX_EVENT_SIZE; size += piece.length) decoder.push(piece, () => {});
    };
    expect(push).toThrow('too large');
  });

  test('is refused when its lines are short as well', async () => {
    const line = bytes(`data: ${'x'.repeat(1024 * 1024)}\n`);
    const decoder = await eventDecoder('sse');
    const push = () => {
      for (let size = 0; size <= MAX_EVENT_SIZE; size += line.length) decoder.push(line, () => {});
    };
    expect(push).toThrow('too large');
  });

  test('costs no more than its length', async () => {
    const decoder = await eventDecoder('sse');
    const seen: number[] = [];
    const each = (data: string): void => {
      seen.push(data.length);
    };
    const startedAt = performance.now();
    const piece = bytes('x'.repeat(1024));
    decoder.push(bytes('data: '), each);
    for (let count = 0; count < 15 * 1024; count += 1) decoder.push(piece, each);
    decoder.push(bytes('\n\n'), each);
    expect(seen).toEqual([15 * 1024 * 1024]);
    // Joining anew for each piece would copy 100 GB.
    expect(performance.now() - startedAt).toBeLessThan(5000);
  });
});

describe('broken frames', () => {
  const whole = Buffer.concat([event('a', '{"x":1}'), event('b', '{"y":2}')]);

  test('one wrong bit anywhere is an error, or leaves the stream without its end: never another event', async () => {
    const expected = await decode('aws-event-stream', [whole]);
    for (let at = 0; at < whole.length; at += 1) {
      const broken = Buffer.from(whole);
      broken[at] = (broken[at] ?? 0) ^ 0x10;
      const events: Event[] = [];
      const decoder = await eventDecoder('aws-event-stream');
      const push = () => decoder.push(broken, (data, name) => events.push([data, name]));
      expect(push).toThrow(GatewayError);
      expect(events).toEqual(expected.slice(0, events.length));
      expect(events.length).toBeLessThan(2);
    }
  });

  test('a frame that is cut is no event', async () => {
    for (let length = 0; length < whole.length; length += 1) {
      expect((await decode('aws-event-stream', [whole.subarray(0, length)])).length).toBeLessThan(2);
    }
  });

  test('a length beyond the limit is refused before the bytes are awaited', async () => {
    const head = Buffer.alloc(12);
    head.writeUInt32BE(MAX_EVENT_SIZE + 1, 0);
    head.writeUInt32BE(Bun.hash.crc32(head.subarray(0, 8)), 8);
    await expect(decode('aws-event-stream', [head])).rejects.toThrow('too large');
  });
});

describe('what a frame reports in error', () => {
  test.each([
    ['throttlingException', '{"message":"Too many requests"}', 429, 'Too many requests'],
    ['validationException', '{"Message":"bad"}', 400, 'bad'],
    ['ModelStreamErrorException', 'broken', 424, 'broken'],
    ['somethingNewException', '', 502, 'The upstream reported somethingNewException.'],
  ])('%s', async (name, payload, status, message) => {
    const body = frame({ ':message-type': 'exception', ':exception-type': name }, payload);
    const error = await decode('aws-event-stream', [body]).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(GatewayError);
    expect(error).toMatchObject({ code: 'upstream_error', status, message, upstreamType: name });
  });

  test('an error without an exception', async () => {
    const body = frame({ ':message-type': 'error', ':error-code': 'InternalError', ':error-message': 'oops' }, '');
    await expect(decode('aws-event-stream', [body])).rejects.toMatchObject({
      message: 'oops',
      upstreamType: 'InternalError',
    });
  });
});

test('each framing has its content types, whatever their case and parameters', () => {
  expect(isFramedAs('sse', 'Text/Event-Stream; charset=utf-8')).toBe(true);
  expect(isFramedAs('sse', 'application/json')).toBe(false);
  for (const type of ['application/x-ndjson', 'application/stream+json', 'application/json', 'text/plain; charset=x']) {
    expect(isFramedAs('ndjson', type)).toBe(true);
  }
  expect(isFramedAs('aws-event-stream', 'application/vnd.amazon.eventstream')).toBe(true);
  expect(isFramedAs('aws-event-stream', 'text/event-stream')).toBe(false);
  expect(isFramedAs('sse', '')).toBe(false);
});
