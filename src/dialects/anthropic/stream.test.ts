import { describe, expect, test } from 'bun:test';
import { NO_USAGE } from '../../core/neutral/usage.ts';
import { PLAIN_PATH } from '../dialect.ts';
import { wholeEventsLength } from '../sse.ts';
import { anthropic } from './index.ts';
import { AnthropicStream } from './stream.ts';

const CONTEXT = { operation: 'chat', provider: 'anthropic', model: null } as const;

function event(data: { readonly type: string; readonly [field: string]: unknown }): string {
  return `event: ${data.type}\ndata: ${JSON.stringify(data)}\n\n`;
}

const START = event({ type: 'message_start', message: { usage: { input_tokens: 25, cache_read_input_tokens: 7 } } });
const TEXT = event({
  type: 'content_block_delta',
  index: 0,
  delta: { type: 'text_delta', text: 'say "message_stop" and "error"' },
});
const DELTA = event({
  type: 'message_delta',
  delta: { stop_reason: 'end_turn' },
  usage: { output_tokens: 15, input_tokens: null },
});
const STOP = event({ type: 'message_stop' });
const STREAM = `: comment\n\n${START}event: ping\ndata: {"type": "ping"}\n\n${TEXT}data: {"type":"message_broken\n\n${DELTA}${STOP}`;
const USAGE = { ...NO_USAGE, input: 25, cacheRead: 7, output: 15 };

/** As the gateway does: whole events at a time. */
function pass(stream: string, size: number): { output: string; stream: AnthropicStream } {
  const rewriter = new AnthropicStream();
  let output = '';
  let partial = '';
  for (let at = 0; at < stream.length; at += size) {
    partial += stream.slice(at, at + size);
    const length = wholeEventsLength(partial);
    output += rewriter.rewrite(partial.slice(0, length));
    partial = partial.slice(length);
  }
  return { output: output + partial, stream: rewriter };
}

describe("a stream of the client's own format", () => {
  test('keeps its bytes however it is cut, and is read from the side', () => {
    for (const text of [STREAM, STREAM.replaceAll('\n', '\r\n'), STREAM.replaceAll('\n', '\r')]) {
      for (let size = 1; size <= 400; size += size < 20 ? 1 : 37) {
        const { output, stream } = pass(text, size);
        expect(output).toBe(text);
        expect(stream.reading).toMatchObject({ usage: USAGE, complete: true, error: null });
      }
    }
  });

  test('without its terminal event is not whole', () => {
    expect(pass(START + TEXT + DELTA, 50).stream.reading).toMatchObject({ usage: USAGE, complete: false });
  });

  test('ends before an error, whose status its type tells', () => {
    const error = { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } };
    const stream = new AnthropicStream();
    expect(stream.rewrite(`${START}${TEXT}${event(error)}${STOP}`)).toBe(START + TEXT);
    expect(stream.reading).toMatchObject({ error, errorStatus: 529, complete: false });
  });

  test('ends before an error of the cloud that serves the model', () => {
    const stream = new AnthropicStream();
    const error = { error: { code: 429, message: 'Quota exceeded', status: 'RESOURCE_EXHAUSTED' } };
    expect(stream.rewrite(`${START}data: ${JSON.stringify(error)}\n\n`)).toBe(START);
    expect(stream.reading.error).toEqual(error);
  });

  test('whose error is of a new type has no status of its own', () => {
    const stream = anthropic.stream(CONTEXT, PLAIN_PATH);
    stream.rewrite(event({ type: 'error', error: { type: 'new_error', message: 'x' } }));
    expect(stream.reading.error).not.toBeNull();
    expect(stream.reading.errorStatus).toBeUndefined();
  });
});
