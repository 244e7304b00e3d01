import { expect, test } from 'bun:test';
import { loadConfig } from '../../config/load.ts';
import type { Environment } from '../../config/types.ts';
import { Secret } from '../../core/secret.ts';
import { providers } from '../index.ts';
import type { Deployment, Target } from '../provider.ts';

function deploy(name: string, config: object, environment: Environment = {}): Deployment {
  const model = { provider: 'Anthropic', name, config };
  const text = JSON.stringify({ endpoints: [{ name: 'claude', endpoint_type: 'llm/v1/chat', model }] });
  const loaded = loadConfig({ path: 'config.yaml', text, environment, providers }).config;
  const endpoint = loaded.endpoints[0];
  if (!endpoint) throw new Error('there is no endpoint');
  const provider = providers.find(endpoint.provider);
  if (!provider) throw new Error('there is no such provider');
  return provider.deploy(endpoint.model);
}

const headersOf = (target: Target | undefined) =>
  Object.fromEntries(
    (target?.destination.headers ?? []).map(([name, value]) => [
      name,
      value instanceof Secret ? value.expose() : value,
    ]),
  );

test('the key and the base come from the environment where the configuration says so', () => {
  const { targets, secrets } = deploy(
    'claude-sonnet-4-5',
    { anthropic_api_key: '$KEY', anthropic_api_base: '$BASE', anthropic_version: null },
    { KEY: 'sk-ant-1', BASE: 'https://proxy.example/anthropic/' },
  );
  expect(targets.chat?.destination.url).toBe('https://proxy.example/anthropic/messages');
  expect(headersOf(targets.chat)).toEqual({
    'content-type': 'application/json',
    'x-api-key': 'sk-ant-1',
    'anthropic-version': '2023-06-01',
  });
  expect(secrets.map((secret) => secret.expose())).toEqual(['sk-ant-1']);
});

test('beta features are a list or a text', () => {
  const beta = (anthropic_beta: unknown) =>
    headersOf(deploy('claude-sonnet-4-5', { anthropic_api_key: 'k', anthropic_beta }).targets.chat)['anthropic-beta'];
  expect(beta(['a-2025-01-01', 'b-2025-01-01'])).toBe('a-2025-01-01,b-2025-01-01');
  expect(beta('a-2025-01-01,b-2025-01-01')).toBe('a-2025-01-01,b-2025-01-01');
  expect(beta([])).toBeUndefined();
  expect(beta('')).toBeUndefined();
  expect(beta(null)).toBeUndefined();
});

test('only models that complete text are asked to', () => {
  const path = (name: string) => deploy(name, { anthropic_api_key: 'k' }).targets.completions?.destination.url;
  expect(path('claude-2.1')).toBe('https://api.anthropic.com/v1/complete');
  expect(path('claude-sonnet-4-5')).toBe('https://api.anthropic.com/v1/messages');
  expect(deploy('claude-2.1', { anthropic_api_key: 'k' }).targets.embeddings).toBeUndefined();
});
