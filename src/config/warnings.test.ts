import { describe, expect, test } from 'bun:test';
import { fakeRegistry } from './fake-registry.ts';
import { loadConfig } from './load.ts';
import { ConfigError, type Problem } from './problem.ts';

function problemsOf(text: string): readonly Problem[] {
  try {
    return loadConfig({ path: 'config.yaml', text, environment: {}, providers: fakeRegistry }).warnings;
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
}

const withConfig = (config: string, more = '') => `endpoints:
  - name: a
    endpoint_type: llm/v1/embeddings
    model:
      provider: openai
      config: ${config}
${more}`;

describe('an unknown key', () => {
  test('is a warning with a suggestion, at every level', () => {
    const text = `endpoint: x
endpoints:
  - name: a
    endpoint_type: llm/v1/chat
    limits: {calls: 1}
    model:
      provider: openai
      nmae: x
      config: {openai_api_key: k, openai_api_bse: x}
    limit: {calls: 1, renewal_period: day, kye: ip}
routes:
  - name: r
    task_type: llm/v1/chat
    task_tpye: x
    destinations: [{name: a, traffic_percentage: 100, wieght: 1}]
server: {drain_timeut: 3s}
upstream: {total: 3s}
`;
    const warnings = problemsOf(text);
    expect(warnings.every(({ severity }) => severity === 'warning')).toBe(true);
    expect(warnings.map(({ path, line, hint }) => [path.at(-1), line, hint?.match(/'(\w+)'\?/)?.[1]])).toEqual([
      ['endpoint', 1, 'endpoints'],
      ['limits', 5, 'limit'],
      ['nmae', 8, 'name'],
      ['openai_api_bse', 9, 'openai_api_base'],
      ['kye', 10, 'key'],
      ['task_tpye', 14, 'task_type'],
      ['wieght', 15, undefined],
      ['drain_timeut', 16, 'drain_timeout'],
      ['total', 17, undefined],
    ]);
  });

  test('is none of our business in a block that holds anchors, or in a dictionary that takes any key', () => {
    const text = `x-common: &common {openai_api_key: k}\n${withConfig('*common')}`;
    expect(problemsOf(text)).toEqual([]);
    const open = withConfig('{settings: {token: k}, extra: {anything: 1}}').replace('openai', 'made_up');
    expect(problemsOf(open)).toEqual([]);
  });

  test('that is a parameter of the model says where such parameters belong', () => {
    for (const key of ['temperature', 'max_tokens', 'top_p']) {
      const [warning, ...others] = problemsOf(withConfig(`{openai_api_key: k, ${key}: 1}`));
      expect(others).toEqual([]);
      expect(warning).toMatchObject({ severity: 'warning', hint: 'send it with each request' });
      expect(warning?.message).toContain(`'${key}' under 'config' has no effect`);
    }
  });

  test('named __proto__ is a warning like any other', () => {
    const [warning] = problemsOf('endpoints: []\n__proto__: {a: 1}');
    expect(warning).toMatchObject({ severity: 'warning', path: ['__proto__'], line: 2 });
  });
});

test('a key that occurs twice is a warning at its second place', () => {
  const [warning] = problemsOf(withConfig('{openai_api_key: k, openai_api_key: l}'));
  expect(warning).toMatchObject({ severity: 'warning', line: 6, column: 35 });
  expect(warning?.message).toContain("'openai_api_key' occurs twice");
});

test('a limit key of another kind is a warning, and stays as it is', () => {
  const text = withConfig('{openai_api_key: k}', '    limit: {calls: 1, renewal_period: day, key: user}\n');
  const { config, warnings } = loadConfig({ path: 'c', text, environment: {}, providers: fakeRegistry });
  expect(warnings).toMatchObject([{ severity: 'warning', path: ['endpoints', 0, 'limit', 'key'], column: 49 }]);
  expect(config.endpoints[0]?.limit?.key).toBe('user');
});

test('an API key that looks like a path is a warning when there is no such file', () => {
  const [warning] = problemsOf(withConfig('{openai_api_key: /run/secrets/nowhere}'));
  expect(warning).toMatchObject({ severity: 'warning', line: 6, column: 32 });
  expect(warning?.message).toContain('no such file');
});

describe('an excerpt', () => {
  const CANARY = 'canary';
  const shows = (text: string) => problemsOf(text).map(({ excerpt }) => excerpt ?? '');

  test('masks keys, misspelt keys, unknown values, comments and URLs with credentials, but not references', () => {
    const texts = [
      withConfig('{openai_api_key: sk-canary, oops: 1}'),
      withConfig('{openai_api_kye: sk-canary}'),
      withConfig('{openai_api_key: 5, openai_api_base: "https://me:canary@host", x: canary} # canary'),
      withConfig('{openai_api_key: k, temperature: canary}'),
      withConfig('\n        openai_api_key: |\n          canary\n        oops: canary'),
      withConfig('{openai_api_key: k}', '    openai_api_key: canary # canary\n'),
      withConfig('{settings: {tokne: canary}}').replace('openai', 'made_up'),
      withConfig('{settings: [canary]}').replace('openai', 'made_up'),
      withConfig('{openai_api_key: canary}').replace('provider: openai', 'provider: opnai'),
      withConfig('{openai_api_key: k, proxy_password: canary, oops: 1}'),
      withConfig('[canary, canary]'),
      `x: &k canary\n${withConfig('{openai_api_key: *k, oops: *k}')}`,
    ];
    for (const text of texts) {
      expect(problemsOf(text).length).toBeGreaterThan(0);
      expect(JSON.stringify(problemsOf(text))).not.toContain(CANARY);
    }
    expect(shows(withConfig('{openai_api_key: $UNSET_VARIABLE}'))).toEqual([
      '      config: {openai_api_key: $UNSET_VARIABLE}',
    ]);
  });

  test('points at the fault though values before it are masked', () => {
    const [problem] = problemsOf(withConfig('{openai_api_key: sk-canary-with-much-text, openai_api_type: foo}'));
    expect(problem?.excerpt).toBe('      config: {openai_api_key: ***, openai_api_type: foo}');
    expect(problem?.excerpt?.slice(problem.caret)).toBe('foo}');
    expect(problem?.column).toBe(75);
  });

  test('of a syntax error shows no value that could be a key', () => {
    const lines = [
      '  - openai_api_key: "sk-canary',
      '  - openai_api_key: sk-canary: x',
      '  - {name: a, openai_api_key: sk-canary',
      '  - name: *canary',
      '  - sk-canary foo: bar: x',
      '  - token: "\\qcanary"',
      '  "sk-canary',
      '  - name: a: b # canary',
    ];
    for (const line of lines) {
      const problems = problemsOf(`endpoints:\n${line}\n`);
      expect(problems).toHaveLength(1);
      expect(JSON.stringify(problems)).not.toContain(CANARY);
    }
    expect(shows('endpoints:\n  - name: a: b\n')).toEqual(['  - name: a: b']);
  });
});
