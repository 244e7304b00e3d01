import { expect, test } from 'bun:test';
import { fakeRegistry } from './fake-registry.ts';
import { loadConfig } from './load.ts';
import { ConfigError } from './problem.ts';

const PATH = '/etc/sluice/config.yaml';

const load = (text: string) =>
  loadConfig({ path: PATH, text: `endpoints: []\n${text}`, environment: {}, providers: fakeRegistry }).config.redaction;

function problemsOf(text: string): string[] {
  try {
    load(text);
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.problems.map(({ line, column, message }) => `${line}:${column} ${message}`);
  }
}

test('by default personal data that can be told for certain is taken out', () => {
  expect(load('')).toEqual({ kinds: ['email', 'card', 'iban'], patterns: [], maxBody: 262_144 });
});

test('says what else is taken out, and how much is kept', () => {
  const { kinds, patterns, maxBody } = load(
    'redaction:\n  kinds: [email, phone]\n  max_body: 1MiB\n  patterns:\n    - name: Employee\n      pattern: "EMP-[0-9]{6}"\n',
  );
  expect(kinds).toEqual(['email', 'phone']);
  expect(maxBody).toBe(1_048_576);
  expect(patterns.map(({ name, expression }) => [name, expression.test('see EMP-123456')])).toEqual([
    ['employee', true],
  ]);
});

test.each([
  [
    'redaction:\n  patterns:\n    - name: a\n      pattern: "(x)\\\\1"\n',
    '5:16',
    'cannot be used: invalid escape sequence',
  ],
  ['redaction:\n  patterns:\n    - name: a\n      pattern: "(?=x)y"\n', '5:16', 'invalid or unsupported Perl syntax'],
  ['redaction:\n  patterns:\n    - name: a\n      pattern: "x*"\n', '5:16', 'matches the empty text'],
  ['redaction:\n  patterns:\n    - name: "a b"\n      pattern: "x"\n', '4:13', 'A name has letters'],
  ['redaction:\n  kinds: [email, nonsense]\n', '3:18', "'email'"],
])('says where it is wrong: %s', (text, place, words) => {
  const [problem = ''] = problemsOf(text);
  expect(problem).toStartWith(place);
  expect(problem).toContain(words);
});
