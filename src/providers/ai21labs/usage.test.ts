import { expect, test } from 'bun:test';
import type { JsonObject } from '../../core/types.ts';
import { usageOf } from './complete.ts';

const tokens = (count: number) => Array.from({ length: count }, () => ({ generatedToken: { token: 'a' } }));
const completion = (count: number) => ({ data: { text: 'x', tokens: tokens(count) } });

const PAYLOADS: ReadonlyArray<readonly [name: string, answer: JsonObject, input: number, output: number]> = [
  ['one completion', { prompt: { text: 'p', tokens: tokens(3) }, completions: [completion(5)] }, 3, 5],
  ['two completions', { prompt: { text: 'p', tokens: tokens(3) }, completions: [completion(5), completion(1)] }, 3, 6],
  [
    'a completion whose tokens are not listed',
    { prompt: { text: 'p', tokens: tokens(3) }, completions: [{ data: { text: '' } }] },
    3,
    0,
  ],
];

test.each([...PAYLOADS])('%s', (_, answer, input, output) => {
  expect(usageOf(answer)).toMatchObject({ input, output });
});

test('says nothing where no tokens are listed', () => {
  expect(usageOf({ prompt: { text: 'p' }, completions: [completion(5)] })).toBeNull();
});
