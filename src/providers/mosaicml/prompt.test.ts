import { expect, test } from 'bun:test';
import { GatewayError } from '../../core/errors.ts';
import { Changes } from '../../core/neutral/changes.ts';
import { llamaPrompt } from './prompt.ts';

type Turn = readonly [role: string, text: string];

const prompt = (...turns: readonly Turn[]) =>
  llamaPrompt(
    turns.map(([role, text]) => ({ role, parts: [{ type: 'text' as const, text }], rest: {} })),
    new Changes(),
  );

test.each<[string, Turn[]]>([
  ['<s>[INST] Hi [/INST]', [['user', 'Hi']]],
  [
    '<s>[INST] <<SYS>> s <</SYS>> Hi [/INST]',
    [
      ['system', 's'],
      ['user', 'Hi'],
    ],
  ],
  [
    '<s>[INST] a b [/INST]',
    [
      ['user', 'a'],
      ['user', 'b'],
    ],
  ],
  [
    '<s>[INST] Hi [/INST] Yo </s><s>[INST] Bye [/INST]',
    [
      ['user', 'Hi'],
      ['assistant', 'Yo'],
      ['user', 'Bye'],
    ],
  ],
  [
    '<s>[INST] Hi [/INST] Yo ',
    [
      ['user', 'Hi'],
      ['assistant', 'Yo'],
    ],
  ],
  [
    '<s> Yo </s><s>[INST] Hi [/INST]',
    [
      ['assistant', 'Yo'],
      ['user', 'Hi'],
    ],
  ],
])('%s', (expected, turns) => {
  expect(prompt(...turns)).toBe(expected);
});

test('knows no other roles', () => {
  expect(() => prompt(['user', 'a'], ['tool', 'b'])).toThrow(GatewayError);
});

test('takes many turns in time that grows with their number alone', () => {
  const turns = Array.from({ length: 20_000 }, (_, index): Turn => [index % 2 === 0 ? 'user' : 'assistant', 'x']);
  expect(prompt(...turns).length).toBe('<s>'.length + 10_000 * '[INST] x [/INST] x </s><s>'.length - '</s><s>'.length);
});
