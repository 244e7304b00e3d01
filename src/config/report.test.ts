import { expect, test } from 'bun:test';
import type { Problem } from './problem.ts';
import { renderProblems } from './report.ts';

const problem = (fields: Partial<Problem>): Problem => ({
  severity: 'error',
  message: "The provider 'opnai' is not supported.",
  line: 12,
  column: 17,
  path: [],
  excerpt: '      provider: opnai',
  caret: 16,
  hint: "did you mean 'openai'?",
  ...fields,
});

const render = (problems: readonly Problem[], colour = false) =>
  renderProblems(problems, { path: 'config.yaml', colour });

test('a problem reads as a compiler’s', () => {
  expect(render([problem({})])).toBe(
    `config.yaml:12:17: error: The provider 'opnai' is not supported.
  12 |       provider: opnai
     |                 ^
  help: did you mean 'openai'?
`,
  );
});

test('problems come in the order of the file, those without a place first', () => {
  const report = render([
    problem({ line: 9, message: 'second' }),
    problem({ line: 2, message: 'first' }),
    problem({ line: 0, excerpt: null, message: 'outside' }),
  ]);
  expect(report.match(/error: \w+/g)).toEqual(['error: outside', 'error: first', 'error: second']);
  expect(report).toContain('config.yaml: error: outside');
});

test('colours are only for terminals', () => {
  expect(render([problem({})])).not.toContain('\u001b');
  expect(render([problem({})], true)).toContain('\u001b[31merror\u001b[0m');
});

test('the caret stays under the fault after a tab and in a long line', () => {
  const lines = render([problem({ excerpt: `\tprovider: ${'x'.repeat(300)}!`, caret: 311 })]).split('\n');
  const [, source = '', caret = ''] = lines;
  expect(source[caret.indexOf('^')]).toBe('!');
  expect(source).not.toContain('\t');
  expect(source.length).toBeLessThan(150);
});

test('control characters cannot command the terminal', () => {
  const report = render([problem({ message: 'a\u001b[2Jb', excerpt: 'x\u009bc', hint: 'y\u0007' })]);
  for (const control of ['\u001b', '\u009b', '\u0007']) expect(report).not.toContain(control);
});
