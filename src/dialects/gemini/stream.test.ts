import { describe, expect, test } from 'bun:test';
import type { JsonObject } from '../../core/types.ts';
import { PassThroughStream } from '../../gateway/pass-through-stream.ts';
import { PLAIN_PATH } from '../dialect.ts';
import { gemini } from './index.ts';
import { GeminiStream } from './stream.ts';
import { LIST } from './testing/client.ts';

const CONTEXT = { operation: 'chat', provider: 'gemini', model: 'm' } as const;

function piece(text: string, tokens: number, further: JsonObject = {}): JsonObject {
  return {
    candidates: [{ content: { parts: [{ text }], role: 'model' }, index: 0, ...further }],
    usageMetadata: { promptTokenCount: 4, candidatesTokenCount: tokens, totalTokenCount: 4 + tokens },
  };
}

const CHUNKS = [piece('"finishReason"', 1), piece('é "error"', 2), piece('', 3, { finishReason: 'STOP' })];
const ERROR = { error: { code: 503, message: 'Overloaded', status: 'UNAVAILABLE' } };
const sse = (chunks: readonly JsonObject[], end = '\n\n') =>
  chunks.map((chunk) => `data: ${Buffer.from(JSON.stringify(chunk), 'utf8').toString('latin1')}${end}`).join('');

describe('a stream that passes through', () => {
  test.each(['\n\n', '\r\n\r\n', '\r\r'])('is not touched, and is read, with the line ends %j', (end) => {
    const text = sse(CHUNKS, end);
    for (const events of [[text], text.split(/(?<=\n\n|\r\r|\r\n\r\n)/)]) {
      const stream = gemini.stream(CONTEXT, PLAIN_PATH);
      const passed = events.map((event) => stream.rewrite(event));
      expect(passed.join('') + stream.end?.()).toBe(text);
      expect(stream.reading.usage).toMatchObject({ input: 4, output: 3 });
      expect(stream.reading.complete).toBe(false);
      expect(stream.isWholeAtEnd?.()).toBe(true);
    }
  });

  test('becomes a list where the client wants one', () => {
    for (const end of ['\n\n', '\r\n\r\n']) {
      const stream = gemini.stream(CONTEXT, LIST);
      const passed = CHUNKS.map((chunk) => stream.rewrite(`: comment${end.slice(end.length / 2)}${sse([chunk], end)}`));
      const list = Buffer.from(passed.join('') + stream.end?.(), 'latin1').toString('utf8');
      expect(JSON.parse(list)).toEqual(CHUNKS);
    }
  });

  test('is not whole before it said why it ended', () => {
    const stream = new GeminiStream(PLAIN_PATH);
    stream.rewrite(sse(CHUNKS.slice(0, 2)));
    expect(stream.isWholeAtEnd()).toBe(false);
    expect(stream.reading.usage).toMatchObject({ output: 2 });
    stream.rewrite('data: {"candidates":[{"content":{"parts":[{"functionCall":{"args":{"finishReason":"x"}}}]}}]}\n\n');
    stream.rewrite('data: {"finishReason": not json\n\n');
    expect(stream.isWholeAtEnd()).toBe(false);
    expect(stream.reading.usage).toMatchObject({ output: 2 });
  });

  test('is whole when the prompt was not let through', () => {
    const stream = new GeminiStream(PLAIN_PATH);
    stream.rewrite(sse([{ promptFeedback: { blockReason: 'SAFETY' } }]));
    expect(stream.isWholeAtEnd()).toBe(true);
  });

  test.each([
    ['an event', sse([ERROR])],
    ['bare JSON', `${JSON.stringify(ERROR, null, 2)}\n\n`],
  ])('ends where the upstream reports an error as %s', (_, error) => {
    const stream = new GeminiStream(PLAIN_PATH);
    const before = sse(CHUNKS.slice(0, 1));
    expect(stream.rewrite(`${before}${error}${sse(CHUNKS.slice(1))}`)).toBe(before);
    expect(stream.reading).toMatchObject({ error: ERROR, errorStatus: 503 });
    expect(stream.isWholeAtEnd()).toBe(false);
    expect(stream.reading.usage).toMatchObject({ output: 1 });
  });

  test('keeps its usage when only some events tell it', () => {
    const stream = new GeminiStream(PLAIN_PATH);
    stream.rewrite(sse([piece('a', 1), { candidates: [] }]));
    stream.rewrite(sse([{ candidates: [] }]));
    expect(stream.reading.usage).toMatchObject({ output: 1 });
    stream.rewrite(sse([piece('b', 2)]));
    expect(stream.reading.usage).toMatchObject({ output: 2 });
  });
});

describe('usage is what the last event tells of it', () => {
  const call = { functionCall: { name: 'f', args: { usageMetadata: { promptTokenCount: 99 } } } };
  const CALL: JsonObject = { candidates: [{ content: { parts: [call] } }] };
  const NULL: JsonObject = { candidates: [], usageMetadata: null };

  test.each(['\n\n', '\r\n\r\n', '\r\r'])('whatever else holds its name, with the line ends %j', (end) => {
    for (const last of [[CALL], [NULL], [CALL, NULL], [NULL, CALL], [{ candidates: [] }]]) {
      const events = [...CHUNKS.slice(0, 2), ...last];
      for (let cut = 0; cut <= events.length; cut += 1) {
        const stream = new GeminiStream(PLAIN_PATH);
        stream.rewrite(sse(events.slice(0, cut), end));
        stream.rewrite(sse(events.slice(cut), end));
        expect(stream.reading.usage).toMatchObject({ input: 4, output: 2 });
      }
    }
  });

  test('with a call in the same event', () => {
    const stream = new GeminiStream(PLAIN_PATH);
    stream.rewrite(sse([{ ...CALL, ...piece('', 7), candidates: CALL.candidates }]));
    expect(stream.reading.usage).toMatchObject({ input: 4, output: 7 });
  });
});

test('a reason to end in every event does not hide an error', () => {
  const stream = new GeminiStream(PLAIN_PATH);
  const chunk = piece('a', 1, { finishReason: 'STOP' });
  expect(stream.rewrite(sse([chunk, chunk, ERROR]))).toBe(sse([chunk, chunk]));
  expect(stream.reading.error).toEqual(ERROR);
});

describe('a stream cut at any byte is the same stream', () => {
  const odd =
    '{"usageMetadata" : {"promptTokenCount":4,"candidatesTokenCount":9}, "candidates":[{"finishReason" : "STOP"}]}';
  const whole = `\ufeff: hello\n\n${CHUNKS.slice(0, 2)
    .map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`)
    .join('')}data: ${odd}\n\n`;

  test.each([
    ['line feeds', whole],
    ['both', whole.replaceAll('\n', '\r\n')],
    ['one of each', whole.replace('\n\n', '\r\n\r\n')],
  ])('with %s', (_, text) => {
    const bytes = Buffer.from(text);
    const passed = (...chunks: Uint8Array[]) => {
      const stream = new PassThroughStream(new GeminiStream(PLAIN_PATH));
      const events = [...chunks, null].map((chunk) => stream.take(chunk)).join('');
      return [Buffer.from(events, 'latin1').equals(bytes), stream.complete, stream.failure, stream.usage?.output];
    };
    for (let cut = 0; cut <= bytes.length; cut += 1) {
      expect(passed(bytes.subarray(0, cut), bytes.subarray(cut))).toEqual([true, true, null, 9]);
    }
    expect(passed(...Array.from(bytes, (byte) => Uint8Array.of(byte)))).toEqual([true, true, null, 9]);
  });
});

test('an answer that passes through is the client’s own, and its usage is read', () => {
  const answer = { usageMetadata: { promptTokenCount: 4, candidatesTokenCount: 2, totalTokenCount: 6 } };
  expect(gemini.answer(answer, ' {"a":1}', CONTEXT)).toBe(' {"a":1}');
  expect(gemini.readUsage(answer)).toMatchObject({ input: 4, output: 2 });
  expect(gemini.readUsage({ embedding: {} })).toBeNull();
});
