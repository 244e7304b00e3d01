import { describe, expect, test } from 'bun:test';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildJsonSchema } from '../config/json-schema.ts';
import type { Environment } from '../config/types.ts';
import { providers } from '../providers/index.ts';
import { runCheck } from './check.ts';

const folder = mkdtempSync(join(tmpdir(), 'sluice-check-'));

async function check(args: readonly string[], environment: Environment = {}) {
  let out = '';
  let err = '';
  const context = {
    environment,
    providers,
    colour: false,
    out: (text: string) => {
      out += text;
    },
    err: (text: string) => {
      err += text;
    },
  };
  const code = await runCheck(args, context);
  return { code, out, err };
}

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const config = (key: string, more = '') => `endpoints:
  - name: chat
    endpoint_type: llm/v1/chat
    model: {provider: openai, name: gpt-4o, config: {openai_api_key: ${key}}}
${more}`;

describe('sluice check', () => {
  test('says that a valid file is valid, and exits with 0', async () => {
    const path = file('valid.yaml', config('$KEY'));
    expect(await check([path], { KEY: 'sk-1' })).toEqual({
      code: 0,
      out: `${path}: valid (0 errors, 0 warnings)\n`,
      err: '',
    });
  });

  test('prints every problem with its place, and exits with 2', async () => {
    const path = file('invalid.yaml', config('$OPENAI_KEY', '    limit: {calls: 1, renewal_period: week}\n'));
    const { code, out } = await check([path], { OPENAI_KYE: 'sk-canary' });
    expect(code).toBe(2);
    expect(out).toContain(`${path}:4:70: error: Environment variable 'OPENAI_KEY' is not set`);
    expect(out).toContain("help: did you mean 'OPENAI_KYE', which is set?");
    expect(out).toContain(`${path}:5:5: error: Failed to parse the rate limit configuration.`);
    expect(out).toEndWith(`${path}: invalid (2 errors, 0 warnings)\n`);
    expect(out).not.toContain('canary');
  });

  test('shows warnings, which are errors only with --strict', async () => {
    const path = file('warning.yaml', config('sk-canary', 'endpoint: x\n'));
    const lenient = await check([path]);
    expect(lenient.code).toBe(0);
    expect(lenient.out).toContain("warning: The key 'endpoint' is not known and is ignored");
    expect(lenient.out).not.toContain('canary');
    expect((await check([path, '--strict'])).code).toBe(2);
  });

  test('prints JSON for other programs', async () => {
    const path = file('json.yaml', config('sk-canary').replace('llm/v1/chat', 'chat'));
    const { code, out } = await check(['--format', 'json', path]);
    expect(code).toBe(2);
    expect(out).not.toContain('canary');
    expect(JSON.parse(out)).toMatchObject({
      path,
      valid: false,
      summary: "The route_type 'chat' is not supported.",
      problems: [{ severity: 'error', line: 3, column: 20, path: ['endpoints', 0, 'endpoint_type'] }],
    });
    const valid = await check([file('valid.yaml', config('sk-1')), '--format=json']);
    expect(JSON.parse(valid.out)).toMatchObject({ valid: true, summary: null, problems: [] });
  });

  test('names a file that is missing, empty or broken', async () => {
    expect(await check([join(folder, 'nowhere.yaml')])).toMatchObject({
      code: 2,
      out: expect.stringContaining('nowhere.yaml does not exist'),
    });
    expect((await check([file('empty.yaml', '')])).out).toContain('The gateway configuration is empty');
    expect((await check([file('broken.yaml', 'a: [')])).out).toContain('is not a valid yaml file');
  });

  test('explains its usage, and exits with 2 when it is wrong', async () => {
    expect(await check(['--help'])).toMatchObject({ code: 0, out: expect.stringContaining('Usage: sluice check') });
    for (const args of [[], ['--nonsense', 'x'], ['--format', 'xml', 'x'], ['a', 'b']]) {
      expect(await check(args)).toMatchObject({ code: 2, out: '', err: expect.stringContaining('Error: ') });
    }
  });
});

test('the shipped JSON Schema is that of this version; `bun run schema` writes it', () => {
  const shipped = readFileSync(new URL('../../schema/config.schema.json', import.meta.url), 'utf8');
  expect(shipped).toBe(`${JSON.stringify(buildJsonSchema(providers), null, 2)}\n`);
});
