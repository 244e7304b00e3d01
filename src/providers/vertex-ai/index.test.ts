import { describe, expect, test } from 'bun:test';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createKeyResolver, withKeyResolver } from '../../config/keys.ts';
import type { JsonObject } from '../../core/types.ts';
import { betaHeaders } from './betas.ts';
import { providers } from './index.ts';
import { baseUrl, familyOf } from './locations.ts';

const SERVICE_ACCOUNT = { type: 'service_account', client_email: 'a@b', private_key: 'the-private-key' };

function parse(config: JsonObject, environment: Record<string, string> = {}) {
  const [provider] = providers;
  if (!provider) throw new Error('There is no provider');
  const result = withKeyResolver(createKeyResolver(environment), () =>
    provider.schema.safeParse({ vertex_project: 'p', ...config }),
  );
  return { provider, result };
}

function secrets(config: JsonObject, environment?: Record<string, string>): string[] {
  const { provider, result } = parse(config, environment);
  if (!result.success) throw result.error;
  return provider.deploy({ name: 'gemini-2.5-pro', config: result.data }).secrets.map((secret) => secret.expose());
}

function message(config: JsonObject): string | undefined {
  return parse(config).result.error?.issues[0]?.message;
}

describe('credentials', () => {
  const json = JSON.stringify(SERVICE_ACCOUNT);

  test('are JSON, a reference to it in the environment, or the path of a file with it', () => {
    const folder = mkdtempSync(join(tmpdir(), 'sluice-vertex-'));
    const path = join(folder, 'key.json');
    writeFileSync(path, JSON.stringify(SERVICE_ACCOUNT, null, 2));
    expect(secrets({ vertex_credentials: json })).toEqual(['the-private-key']);
    expect(secrets({ vertex_credentials: '$GOOGLE' }, { GOOGLE: json })).toEqual(['the-private-key']);
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a reference to an environment variable.
    expect(secrets({ vertex_credentials: '${GOOGLE}' }, { GOOGLE: path })).toEqual(['the-private-key']);
    expect(secrets({ vertex_credentials: path })).toEqual(['the-private-key']);
    rmSync(folder, { recursive: true });
  });

  test('may be left to the machine', () => {
    expect(secrets({})).toEqual([]);
    expect(secrets({ vertex_credentials: null })).toEqual([]);
    expect(secrets({ vertex_credentials: ' ' })).toEqual([]);
  });

  test('that cannot be read are refused without being repeated', () => {
    expect(message({ vertex_credentials: '/no/such/file.json' })).toBe(
      "The credentials file '/no/such/file.json' cannot be read: it does not exist (ENOENT)",
    );
    expect(message({ vertex_credentials: '{"private_key": "x' })).toBe(
      'vertex_credentials does not hold a JSON object',
    );
  });
});

test('a model belongs to the API that its name says', () => {
  const names = [
    'gemini-2.5-pro',
    'text-embedding-005',
    'claude-opus-4',
    'meta/llama-4',
    'mistral-small',
    'codestral-2',
  ];
  expect([...names, 'jamba-1.5', 'deepseek-r1-maas', 'maas-like'].map(familyOf)).toEqual([
    'gemini',
    'gemini',
    'claude',
    'open',
    'open',
    'open',
    'open',
    'open',
    'gemini',
  ]);
});

test('a location has its host', () => {
  expect(['global', 'us', 'eu', 'us-central1'].map(baseUrl)).toEqual([
    'https://aiplatform.googleapis.com/v1',
    'https://aiplatform.us.rep.googleapis.com/v1',
    'https://aiplatform.eu.rep.googleapis.com/v1',
    'https://us-central1-aiplatform.googleapis.com/v1',
  ]);
});

describe('the beta features of Claude that a client asks for', () => {
  const asks = (name: string) => (name === 'anthropic-beta' ? 'a, b,c' : null);
  const betas = (allowed: string[] | null) => betaHeaders(allowed && new Set(allowed), asks);

  test('all pass unless the configuration names some', () => {
    expect(betas(null)).toEqual([['anthropic-beta', 'a,b,c']]);
    expect(betas(['b', 'd'])).toEqual([['anthropic-beta', 'b']]);
    expect(betas([])).toEqual([]);
    expect(betaHeaders(null, undefined)).toEqual([]);
  });

  test.each([
    [['a', 'c'], 'a,c'],
    ['a, c', 'a,c'],
    ['', undefined],
  ])('are configured as a list or as text: %j', async (configured, sent) => {
    const { provider, result } = parse({ vertex_anthropic_betas: configured, vertex_access_token: 'key' });
    if (!result.success) throw result.error;
    const chat = provider.deploy({ name: 'claude-opus-4', config: result.data }).targets.chat;
    const headers = await chat?.authorize?.({ destination: chat.destination, body: '', clientHeader: asks });
    expect(Object.fromEntries(headers ?? [])['anthropic-beta']).toBe(sent);
  });
});
