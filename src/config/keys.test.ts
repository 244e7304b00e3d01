import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Secret } from '../core/secret.ts';
import { apiKey, createKeyResolver, expandable, withKeyResolver } from './keys.ts';

const resolver = createKeyResolver({ NAME: 'from-env', EMPTY: '', LINE: 'with-line-end\r\n', UNICODE: 'sk-“x”' });
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-keys-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function keyOf(text: unknown): string {
  const secret = withKeyResolver(resolver, () => apiKey().parse(text));
  expect(secret).toBeInstanceOf(Secret);
  return secret.expose();
}

function issueOf(schema: ReturnType<typeof apiKey | typeof expandable>, text: unknown) {
  const result = withKeyResolver(resolver, () => schema.safeParse(text));
  expect(result.success).toBe(false);
  return result.error?.issues[0];
}

describe('an API key', () => {
  test('is read from the environment, with braces or without, and without a line end', () => {
    expect(keyOf('$NAME')).toBe('from-env');
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the form that is tested
    expect(keyOf('${NAME}')).toBe('from-env');
    expect(keyOf('$LINE')).toBe('with-line-end');
  });

  test('must be set, and not empty, in the environment', () => {
    expect(issueOf(apiKey(), '$UNSET')?.message).toBe("Environment variable 'UNSET' is not set");
    expect(issueOf(apiKey(), '$EMPTY')?.message).toBe("Environment variable 'EMPTY' is not set");
    expect(issueOf(apiKey(), '$UNSET')).toMatchObject({ params: { hint: expect.stringContaining('export UNSET=') } });
    expect(issueOf(apiKey(), '$NMAE')).toMatchObject({ params: { hint: expect.stringContaining("'NAME'") } });
  });

  test('that begins with $ but is no name is not repeated', () => {
    expect(JSON.stringify(issueOf(apiKey(), '$ecret!canary'))).not.toContain('canary');
  });

  test('is read from a regular file, without byte order mark and line end, and the file is reported', () => {
    const path = join(folder, 'key');
    writeFileSync(path, '\ufeffsk-file\r\n');
    expect(keyOf(path)).toBe('sk-file');
    expect(resolver.files.get(path)).toBe('\ufeffsk-file\r\n');
  });

  test('is itself where no such file exists, however long or odd', () => {
    const long = 'x'.repeat(10_000);
    for (const text of ['sk-literal', long, folder, '/nowhere/key', '']) expect(keyOf(text)).toBe(text);
  });

  test('is refused when its file is empty, and the file is still reported', () => {
    for (const content of ['', '\n', '\ufeff\r\n', '  \n']) {
      const path = join(folder, 'empty');
      writeFileSync(path, content);
      resolver.files.clear();
      expect(issueOf(apiKey(), path)?.message).toBe(`The api key file '${path}' is empty`);
      expect([...resolver.files.keys()]).toEqual([path]);
    }
  });

  test('that looks like a file which is not there is reported as one, for it may come', () => {
    expect(keyOf('/nowhere/at-all')).toBe('/nowhere/at-all');
    expect(resolver.files.get('/nowhere/at-all')).toBe('');
  });

  test('is refused when a file is far too large', () => {
    const path = join(folder, 'large');
    writeFileSync(path, 'x'.repeat(100_000));
    expect(issueOf(apiKey(), path)?.message).toContain('it is larger than 64 KiB');
  });

  test('must fit an HTTP header, and is not printed when it does not', () => {
    for (const text of ['sk-“canary”', 'sk-canary\nx', 'sk-canary\u0000']) {
      const issue = issueOf(apiKey(), text);
      expect(issue?.message).toContain('HTTP header');
      expect(JSON.stringify(issue)).not.toContain('canary');
    }
    expect(issueOf(apiKey(), '$UNICODE')?.message).toContain('HTTP header');
  });

  test('must be text', () => {
    const message =
      'The api key provided is not a string. Please provide either an environment variable key, a path to a file ' +
      'containing the api key, or the api key itself';
    for (const value of [5, null, ['x'], true]) expect(issueOf(apiKey(), value)?.message).toBe(message);
  });
});

describe('expandable text', () => {
  const expand = (text: string) => withKeyResolver(resolver, () => expandable().parse(text));

  test('is a variable only as a whole', () => {
    expect(expand('$NAME')).toBe('from-env');
    expect(expand('https://$NAME')).toBe('https://$NAME');
    expect(expand('$5 off')).toBe('$5 off');
    expect(issueOf(expandable(), '$UNSET')?.message).toBe("Environment variable 'UNSET' is not set");
  });

  test('never reads files', () => {
    const path = join(folder, 'plain');
    writeFileSync(path, 'content');
    expect(expand(path)).toBe(path);
  });
});

test('nothing is resolved outside the loading of a configuration', () => {
  expect(() => apiKey().parse('$NAME')).toThrow('only while a configuration file is loaded');
  expect(() => withKeyResolver(resolver, () => apiKey().parse('$UNSET'))).toThrow();
  expect(() => expandable().parse('$NAME')).toThrow('only while a configuration file is loaded');
});
