import { expect, test } from 'bun:test';
import type { JsonObject } from '../../core/types.ts';
import { usageOf } from './wire.ts';

const token = { id: 0, text: 'test', logprob: -0.34 };
const PAYLOADS: ReadonlyArray<readonly [name: string, details: JsonObject, input: number, output: number]> = [
  ['a whole answer', { generated_tokens: 3, prefill: [token, token], tokens: [] }, 2, 3],
  ['a whole answer of a server that lists no prompt', { generated_tokens: 3, prefill: [] }, 0, 3],
  ['the end of a stream', { finish_reason: 'eos_token', generated_tokens: 3, input_length: 7, seed: null }, 7, 3],
];

test.each([...PAYLOADS])('%s', (_, details, input, output) => {
  expect(usageOf(details)).toMatchObject({ input, output, cacheRead: 0, reasoning: 0 });
});

test('says nothing where the server counts nothing', () => {
  expect(usageOf({ prefill: [token] })).toBeNull();
});
