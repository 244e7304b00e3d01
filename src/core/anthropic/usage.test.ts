import { expect, test } from 'bun:test';
import { completionTokens, promptTokens, type Usage } from '../neutral/usage.ts';
import type { JsonObject } from '../types.ts';
import { mergeUsage, readUsage } from './usage.ts';

type Buckets = Partial<Omit<Usage, 'native'>>;

/** Payloads of the API's documentation, and of gateways that leave fields out. */
const PAYLOADS: ReadonlyArray<readonly [name: string, native: JsonObject, buckets: Buckets]> = [
  ['a plain answer', { input_tokens: 2095, output_tokens: 503 }, { input: 2095, output: 503 }],
  [
    'a cache that was written and read, before lifetimes were told',
    { input_tokens: 50, cache_creation_input_tokens: 248, cache_read_input_tokens: 1800, output_tokens: 503 },
    { input: 50, cacheWrite: 248, cacheRead: 1800, output: 503 },
  ],
  [
    'both lifetimes of the cache',
    {
      input_tokens: 2048,
      cache_read_input_tokens: 1800,
      cache_creation_input_tokens: 248,
      cache_creation: { ephemeral_5m_input_tokens: 148, ephemeral_1h_input_tokens: 100 },
      output_tokens: 503,
    },
    { input: 2048, cacheRead: 1800, cacheWrite: 148, cacheWriteLong: 100, output: 503 },
  ],
  [
    'thinking, a tier and a tool that the provider ran',
    {
      input_tokens: 105,
      output_tokens: 6039,
      output_tokens_details: { thinking_tokens: 5000 },
      cache_read_input_tokens: 7123,
      cache_creation_input_tokens: 7345,
      cache_creation: { ephemeral_5m_input_tokens: 7345, ephemeral_1h_input_tokens: 0 },
      server_tool_use: { web_search_requests: 1 },
      service_tier: 'priority',
      inference_geo: 'global',
    },
    {
      input: 105,
      output: 1039,
      reasoning: 5000,
      cacheRead: 7123,
      cacheWrite: 7345,
      serviceTier: 'priority',
      units: { web_search: 1 },
    },
  ],
  [
    'fields that are null',
    {
      input_tokens: 3,
      cache_creation_input_tokens: null,
      cache_read_input_tokens: null,
      cache_creation: null,
      output_tokens: 1,
      output_tokens_details: null,
      server_tool_use: null,
    },
    { input: 3, output: 1 },
  ],
  ['nothing that was generated', { input_tokens: 12, output_tokens: 0 }, { input: 12 }],
  [
    'parts that are larger than their whole',
    {
      input_tokens: 1,
      cache_creation_input_tokens: 10,
      cache_creation: { ephemeral_1h_input_tokens: 11 },
      output_tokens: 5,
      output_tokens_details: { thinking_tokens: 6 },
    },
    { input: 1, cacheWriteLong: 10, reasoning: 5 },
  ],
];

const count = (value: unknown): number => (typeof value === 'number' ? value : 0);

test.each(PAYLOADS.map(([name, native, buckets]) => ({ name, native, buckets })))('$name', ({ native, buckets }) => {
  const usage = readUsage(native);
  if (!usage) throw new Error('there is no usage');
  const { native: kept, ...all } = usage;
  expect(Object.fromEntries(Object.entries(all).filter(([, tokens]) => tokens !== 0))).toEqual(buckets);
  expect(kept).toBe(native);
  const { input_tokens, cache_creation_input_tokens, cache_read_input_tokens, output_tokens } = native;
  expect(promptTokens(usage)).toBe(
    count(input_tokens) + count(cache_creation_input_tokens) + count(cache_read_input_tokens),
  );
  expect(completionTokens(usage)).toBe(count(output_tokens));
});

test('an answer that says nothing of its usage has none', () => {
  expect(readUsage(undefined)).toBeNull();
  expect(readUsage(null)).toBeNull();
});

test('the counts at the end of a stream replace those at its beginning, but for what they leave out', () => {
  const start = {
    input_tokens: 25,
    cache_creation_input_tokens: 0,
    cache_read_input_tokens: 7,
    output_tokens: 1,
    service_tier: 'standard',
  };
  const end = { input_tokens: 30, cache_read_input_tokens: null, output_tokens: 15 };
  expect(mergeUsage(start, end)).toEqual({ ...start, input_tokens: 30, output_tokens: 15 });
  expect(mergeUsage(start, undefined)).toEqual(start);
  expect(mergeUsage(null, undefined)).toBeNull();
});
