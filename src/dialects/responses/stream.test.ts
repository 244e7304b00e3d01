import { describe, expect, test } from 'bun:test';
import { GatewayError } from '../../core/errors.ts';
import { PassThroughStream } from '../../gateway/pass-through-stream.ts';
import { utf8FromLatin1 } from '../latin1.ts';
import { ResponsesStream } from './stream.ts';

const USAGE = { input_tokens: 3, output_tokens: 2, total_tokens: 5 };
const event = (type: string, fields: object, end = '\n\n') =>
  `event: ${type}${end.slice(0, end.length / 2)}data: ${JSON.stringify({ type, ...fields })}${end}`;

const CREATED = event('response.created', { response: { error: null, usage: null, instructions: 'say "error"' } });
const DELTA = event('response.output_text.delta', { delta: 'say "type":"response.completed" é', sequence_number: 2 });
const whole = (type = 'response.completed') => CREATED + DELTA + event(type, { response: { usage: USAGE } });

describe('bytes pass, and what they say is read from the side', () => {
  test.each(['response.completed', 'response.incomplete', 'response.failed'])('%s ends a stream', (type) => {
    const stream = new ResponsesStream();
    expect(stream.rewrite(CREATED + DELTA)).toBe(CREATED + DELTA);
    expect(stream.reading).toMatchObject({ usage: null, complete: false, error: null });
    const end = event(type, { response: { usage: USAGE } });
    expect(stream.rewrite(end)).toBe(end);
    expect(stream.reading).toMatchObject({ complete: true, error: null, usage: { input: 3, output: 2 } });
  });

  test('whatever the line ends, the spaces and the lines without JSON', () => {
    const odd = `: ping\n\ndata: {broken\n\n${event('response.completed', { response: {} }, '\r\n\r\n').replace('"type":', '"type" : ')}`;
    const stream = new ResponsesStream();
    expect(stream.rewrite(odd)).toBe(odd);
    expect(stream.reading.complete).toBe(true);
  });

  test('events come to the same whichever way they are grouped', () => {
    const events = whole().split(/(?<=\n\n)/);
    for (let cut = 0; cut <= events.length; cut += 1) {
      const stream = new ResponsesStream();
      const passed = stream.rewrite(events.slice(0, cut).join('')) + stream.rewrite(events.slice(cut).join(''));
      expect(passed).toBe(whole());
      expect(stream.reading).toMatchObject({ complete: true, usage: { input: 3 } });
    }
  });
});

test('a stream cut at any byte, or into single bytes, is the same stream', () => {
  const bytes = Buffer.from(`\ufeff: hello\n\n${whole().replaceAll('\n\n', '\r\n\r\n')}`);
  const passed = (...chunks: Uint8Array[]) => {
    const stream = new PassThroughStream(new ResponsesStream(), undefined);
    const text = chunks.map((chunk) => stream.take(chunk)).join('');
    return [Buffer.from(text, 'latin1').equals(bytes), stream.complete, stream.failure, stream.usage?.output];
  };
  for (let cut = 0; cut <= bytes.length; cut += 1) {
    expect(passed(bytes.subarray(0, cut), bytes.subarray(cut))).toEqual([true, true, null, 2]);
  }
  expect(passed(...Array.from(bytes, (byte) => Uint8Array.of(byte)))).toEqual([true, true, null, 2]);
});

describe('an error is kept from the client until the gateway has seen it', () => {
  const error = { type: 'requests', code: 'rate_limit_exceeded', message: 'Slow down', param: null };

  test.each([
    ['nested', event('error', { sequence_number: 3, error })],
    ['flat', event('error', { sequence_number: 3, ...error, type: 'error' })],
    ['without a type', `data: ${JSON.stringify({ error })}\n\n`],
  ])('%s', (_form, text) => {
    const stream = new ResponsesStream();
    expect(stream.rewrite(DELTA + text + DELTA)).toBe(DELTA);
    expect(stream.reading).toMatchObject({
      complete: false,
      error: { error: { code: 'rate_limit_exceeded', message: 'Slow down' } },
      errorStatus: 429,
    });
  });

  test('one of an unknown name has no status', () => {
    const stream = new ResponsesStream();
    stream.rewrite(event('error', { error: { code: 'odd', message: 'x' } }));
    expect(stream.reading.errorStatus).toBeUndefined();
  });
});

test('a failure is told of the response that the client knows', () => {
  const stream = new ResponsesStream();
  const failure = new GatewayError('upstream_timeout', 'zu spät');
  const endOf = (events: string) =>
    events
      .split('\n\n')
      .slice(0, -1)
      .map((text) => JSON.parse(utf8FromLatin1(text.slice(text.indexOf('data: ') + 6))));
  expect(endOf(stream.fail(failure))).toMatchObject([{ type: 'error', sequence_number: 0 }, { sequence_number: 1 }]);
  stream.rewrite(event('response.created', { sequence_number: 0, response: { id: 'resp_7', model: 'm', output: [] } }));
  stream.rewrite(DELTA);
  expect(endOf(stream.fail(failure))).toMatchObject([
    { type: 'error', sequence_number: 3, message: 'zu spät' },
    { type: 'response.failed', sequence_number: 4, response: { id: 'resp_7', model: 'm', status: 'failed' } },
  ]);
});
