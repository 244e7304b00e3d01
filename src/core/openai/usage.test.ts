import { describe, expect, test } from 'bun:test';
import { Random } from '../../dialects/testing/random.ts';
import { completionTokens, NO_USAGE, promptTokens, TOKEN_BUCKETS, type Usage } from '../neutral/usage.ts';
import { readUsage } from './usage.ts';

type Buckets = Partial<Omit<Usage, 'native'>>;

/** Usage objects as the providers send them, with all their fields. */
const PAYLOADS: Readonly<Record<string, { readonly native: object; readonly buckets: Buckets }>> = {
  'OpenAI, without details': {
    native: { prompt_tokens: 9, completion_tokens: 12, total_tokens: 21 },
    buckets: { input: 9, output: 12 },
  },
  'OpenAI, cached prompt and reasoning': {
    native: {
      prompt_tokens: 2006,
      completion_tokens: 300,
      total_tokens: 2306,
      prompt_tokens_details: { cached_tokens: 1920, audio_tokens: 0 },
      completion_tokens_details: {
        reasoning_tokens: 256,
        audio_tokens: 0,
        accepted_prediction_tokens: 0,
        rejected_prediction_tokens: 0,
      },
    },
    buckets: { input: 86, cacheRead: 1920, output: 44, reasoning: 256 },
  },
  'OpenAI, audio in and out': {
    native: {
      prompt_tokens: 135,
      completion_tokens: 139,
      total_tokens: 274,
      prompt_tokens_details: { text_tokens: 17, audio_tokens: 118, image_tokens: 0, cached_tokens: 0 },
      completion_tokens_details: { text_tokens: 27, audio_tokens: 112, reasoning_tokens: 0 },
    },
    buckets: { input: 17, inputAudio: 118, output: 27, outputAudio: 112 },
  },
  'OpenAI, predicted output: rejected tokens are paid for as output': {
    native: {
      prompt_tokens: 100,
      completion_tokens: 90,
      total_tokens: 190,
      prompt_tokens_details: { cached_tokens: 0 },
      completion_tokens_details: {
        accepted_prediction_tokens: 50,
        rejected_prediction_tokens: 20,
        reasoning_tokens: 0,
      },
    },
    buckets: { input: 100, output: 90 },
  },
  'OpenAI, embeddings': { native: { prompt_tokens: 8, total_tokens: 8 }, buckets: { input: 8 } },
  'Azure, image input': {
    native: {
      completion_tokens: 156,
      completion_tokens_details: { reasoning_tokens: 64, audio_tokens: 0 },
      prompt_tokens: 1118,
      prompt_tokens_details: { audio_tokens: 0, cached_tokens: 1024 },
      total_tokens: 1274,
    },
    buckets: { input: 94, cacheRead: 1024, output: 92, reasoning: 64 },
  },
  Groq: {
    native: {
      queue_time: 0.037493756,
      prompt_tokens: 1042,
      prompt_time: 0.000680594,
      completion_tokens: 529,
      completion_time: 0.4725,
      total_tokens: 1571,
      total_time: 0.473,
      prompt_tokens_details: { cached_tokens: 896 },
      completion_tokens_details: { reasoning_tokens: 100 },
    },
    buckets: { input: 146, cacheRead: 896, output: 429, reasoning: 100 },
  },
  DeepSeek: {
    native: {
      prompt_tokens: 1100,
      completion_tokens: 250,
      total_tokens: 1350,
      prompt_tokens_details: { cached_tokens: 1024 },
      completion_tokens_details: { reasoning_tokens: 200 },
      prompt_cache_hit_tokens: 1024,
      prompt_cache_miss_tokens: 76,
    },
    buckets: { input: 76, cacheRead: 1024, output: 50, reasoning: 200 },
  },
  'DeepSeek, before it had details': {
    native: {
      prompt_tokens: 16,
      completion_tokens: 10,
      total_tokens: 26,
      prompt_cache_hit_tokens: 10,
      prompt_cache_miss_tokens: 6,
    },
    buckets: { input: 6, cacheRead: 10, output: 10 },
  },
  'xAI, reasoning beside completion_tokens': {
    native: {
      prompt_tokens: 32,
      completion_tokens: 9,
      total_tokens: 135,
      prompt_tokens_details: { text_tokens: 32, audio_tokens: 0, image_tokens: 0, cached_tokens: 6 },
      completion_tokens_details: {
        reasoning_tokens: 94,
        audio_tokens: 0,
        accepted_prediction_tokens: 0,
        rejected_prediction_tokens: 0,
      },
      num_sources_used: 0,
    },
    buckets: { input: 26, cacheRead: 6, output: 9, reasoning: 94 },
  },
  'xAI, image input': {
    native: {
      prompt_tokens: 300,
      completion_tokens: 5,
      total_tokens: 305,
      prompt_tokens_details: { text_tokens: 44, audio_tokens: 0, image_tokens: 256, cached_tokens: 0 },
      completion_tokens_details: { reasoning_tokens: 0 },
    },
    buckets: { input: 44, inputImage: 256, output: 5 },
  },
  OpenRouter: {
    native: {
      prompt_tokens: 10339,
      completion_tokens: 60,
      total_tokens: 10399,
      cost: 0.0123,
      is_byok: false,
      prompt_tokens_details: { cached_tokens: 10318, cache_write_tokens: 12, audio_tokens: 0, video_tokens: 0 },
      cost_details: { upstream_inference_cost: null },
      completion_tokens_details: { reasoning_tokens: 11, image_tokens: 0 },
    },
    buckets: { input: 9, cacheRead: 10318, cacheWrite: 12, output: 49, reasoning: 11, providerCost: '0.0123' },
  },
  'OpenRouter, an image made': {
    native: {
      prompt_tokens: 8,
      completion_tokens: 1300,
      total_tokens: 1308,
      completion_tokens_details: { reasoning_tokens: 0, image_tokens: 1290 },
    },
    buckets: { input: 8, output: 10, outputImage: 1290 },
  },
  Mistral: {
    native: {
      prompt_audio_seconds: null,
      prompt_tokens: 16,
      total_tokens: 50,
      completion_tokens: 34,
      num_cached_tokens: 12,
    },
    buckets: { input: 4, cacheRead: 12, output: 34 },
  },
  Together: {
    native: { prompt_tokens: 93, completion_tokens: 100, total_tokens: 193, cached_tokens: 64 },
    buckets: { input: 29, cacheRead: 64, output: 100 },
  },
  'a proxy in front of Anthropic': {
    native: {
      prompt_tokens: 120,
      completion_tokens: 5,
      total_tokens: 125,
      cache_creation_input_tokens: 100,
      cache_read_input_tokens: 15,
    },
    buckets: { input: 5, cacheRead: 15, cacheWrite: 100, output: 5 },
  },
  'Gemini behind its OpenAI-compatible API, thoughts in the total alone': {
    native: { prompt_tokens: 10, completion_tokens: 20, total_tokens: 95 },
    buckets: { input: 10, output: 85 },
  },
  'a total that was not filled in': {
    native: { prompt_tokens: 3, completion_tokens: 4, total_tokens: 0 },
    buckets: { input: 3, output: 4 },
  },
  'a total alone': { native: { total_tokens: 7 }, buckets: { input: 7 } },
};

describe('the buckets of', () => {
  test.each(Object.entries(PAYLOADS))('%s', (_name, { native, buckets }) => {
    const { native: kept, ...read } = readUsage(native) ?? {};
    const { native: _none, ...expected } = { ...NO_USAGE, ...buckets };
    expect(read).toEqual(expected);
    expect(kept).toBe(native as never);
  });
});

test('an object without counts, and anything else, is no usage', () => {
  for (const value of [undefined, null, {}, 'x', 7, [], { prompt_tokens: null }, { prompt_tokens: '3' }]) {
    expect(readUsage(value)).toBeNull();
  }
});

test('no bucket is ever negative, and their sum is the total', () => {
  const random = new Random(1);
  const some = () =>
    random.pick<unknown>([undefined, null, -5, '9', Number.POSITIVE_INFINITY, 0, random.below(50), random.below(5000)]);
  for (let count = 0; count < 5000; count += 1) {
    const native = {
      prompt_tokens: random.below(1000),
      completion_tokens: random.below(1000),
      total_tokens: some(),
      prompt_cache_hit_tokens: some(),
      cache_creation_input_tokens: some(),
      prompt_tokens_details: random.pick<unknown>([
        null,
        'x',
        {
          cached_tokens: some(),
          cached_tokens_details: { audio_tokens: some(), image_tokens: some() },
          audio_tokens: some(),
          image_tokens: some(),
          cache_creation_tokens: some(),
        },
      ]),
      completion_tokens_details: { reasoning_tokens: some(), audio_tokens: some(), image_tokens: some() },
    };
    const usage = readUsage(native);
    if (!usage) throw new Error('no usage');
    expect(TOKEN_BUCKETS.every((bucket) => Number.isInteger(usage[bucket]) && usage[bucket] >= 0)).toBe(true);
    const { cacheReadAudio = 0, cacheReadImage = 0 } = usage;
    expect(cacheReadAudio + cacheReadImage).toBeLessThanOrEqual(usage.cacheRead);
    const total = Number(native.total_tokens);
    const hasTotal = typeof native.total_tokens === 'number' && total > 0 && Number.isFinite(total);
    expect(promptTokens(usage) + completionTokens(usage)).toBe(
      hasTotal ? total : native.prompt_tokens + native.completion_tokens,
    );
  }
});
