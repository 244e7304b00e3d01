import { describe, expect, test } from 'bun:test';
import { NO_USAGE } from '../../core/neutral/usage.ts';
import { addTurn, readRelayedUsage } from './usage.ts';
import { UsageWatch } from './usage-watch.ts';

function buckets(native: unknown): unknown {
  const usage = readRelayedUsage(native);
  if (usage === null) return null;
  const { native: _native, ...counts } = usage;
  return Object.fromEntries(Object.entries(counts).filter(([, count]) => count !== 0));
}

describe('the buckets of', () => {
  test('an image', () => {
    const native = {
      total_tokens: 4169,
      input_tokens: 9,
      output_tokens: 4160,
      input_tokens_details: { text_tokens: 4, image_tokens: 5 },
      output_tokens_details: { image_tokens: 4160, text_tokens: 0 },
    };
    expect(buckets(native)).toEqual({ input: 4, inputImage: 5, outputImage: 4160 });
    expect(readRelayedUsage(native)?.native).toBe(native as never);
  });

  test('a transcription, in tokens or in seconds', () => {
    const native = {
      type: 'tokens',
      input_tokens: 14,
      input_token_details: { text_tokens: 0, audio_tokens: 14 },
      output_tokens: 45,
      total_tokens: 59,
    };
    expect(buckets(native)).toEqual({ inputAudio: 14, output: 45 });
    expect(buckets({ type: 'duration', seconds: 9 })).toEqual({ units: { audio_second: 9 } });
  });

  test('a turn of a realtime conversation, cached audio once', () => {
    const native = {
      total_tokens: 253,
      input_tokens: 132,
      output_tokens: 121,
      input_token_details: {
        text_tokens: 80,
        audio_tokens: 52,
        image_tokens: 0,
        cached_tokens: 64,
        cached_tokens_details: { text_tokens: 32, audio_tokens: 32, image_tokens: 0 },
      },
      output_token_details: { text_tokens: 30, audio_tokens: 91 },
    };
    expect(buckets(native)).toEqual({
      input: 48,
      cacheRead: 64,
      cacheReadAudio: 32,
      inputAudio: 20,
      output: 30,
      outputAudio: 91,
    });
  });

  test('the other shapes', () => {
    expect(buckets({ total_tokens: 7 })).toEqual({ input: 7 });
    expect(buckets({ prompt_tokens: 3, completion_tokens: 4, total_tokens: 7 })).toEqual({ input: 3, output: 4 });
    expect(buckets({ input_tokens: 3, cache_read_input_tokens: 5, output_tokens: 4 })).toEqual({
      input: 3,
      cacheRead: 5,
      output: 4,
    });
    expect(buckets({ promptTokenCount: 3, candidatesTokenCount: 4, totalTokenCount: 7 })).toEqual({
      input: 3,
      output: 4,
    });
    expect(buckets('none')).toBeNull();
  });
});

test('the turns of a conversation add up', () => {
  const turn = { ...NO_USAGE, input: 1, inputAudio: 2, outputAudio: 3 };
  expect(addTurn(addTurn(null, turn), turn)).toEqual({ ...NO_USAGE, input: 2, inputAudio: 4, outputAudio: 6 });
  expect(addTurn(turn, null)).toBe(turn);
});

describe('what goes by is watched', () => {
  const usage = { input_tokens: 2, output_tokens: 3, total_tokens: 5 };

  function watched(text: string, type = 'application/json', size = 10_000): number | undefined {
    const watch = UsageWatch.for(type);
    const bytes = Buffer.from(text);
    for (let start = 0; start < bytes.length; start += size) watch?.take(bytes.subarray(start, start + size));
    return watch?.usage()?.output;
  }

  test('in small answers, wherever their usage stands', () => {
    expect(watched(JSON.stringify({ usage, text: 'x'.repeat(50_000) }))).toBe(3);
    expect(watched(JSON.stringify({ data: [{ usage: { output_tokens: 9 } }] }))).toBeUndefined();
    expect(watched('no json')).toBeUndefined();
  });

  test('in large answers, at their end', () => {
    const image = { data: [{ b64_json: 'A'.repeat(900_000) }], usage, note: '"usage":{"output_tokens":8}' };
    expect(watched(JSON.stringify(image))).toBe(3);
    expect(watched(JSON.stringify(image, null, 2), 'application/json', 1e6)).toBe(3);
  });

  test('in events', () => {
    const events = [
      { type: 'a', usage: { output_tokens: 1 } },
      { type: 'b', nested: { usage } },
    ]
      .map((event) => `data: ${JSON.stringify(event)}\n\n`)
      .join('');
    expect(watched(`${events}data: [DONE]\n\n`, 'text/event-stream; charset=utf-8', 7)).toBe(3);
  });

  test('but not in audio', () => {
    expect(UsageWatch.for('audio/mpeg')).toBeNull();
    expect(UsageWatch.for('')).toBeNull();
  });

  test('which tells where an event may be added', () => {
    const watch = UsageWatch.for('text/event-stream');
    const states: unknown[] = [watch?.isBetweenEvents];
    for (const bytes of ['data: x', '\n', '\n', 'data: y\r\n\r', '\n']) {
      watch?.take(Buffer.from(bytes));
      states.push(watch?.isBetweenEvents);
    }
    expect(states).toEqual([true, false, false, true, false, true]);
  });
});
