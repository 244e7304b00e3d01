import { describe, expect, test } from 'bun:test';
import { createKeyResolver, withKeyResolver } from '../config/keys.ts';
import { Changes } from '../core/neutral/changes.ts';
import { carry } from '../core/openai/carried.ts';
import { Secret } from '../core/secret.ts';
import type { JsonObject } from '../core/types.ts';
import { providers } from './index.ts';
import type { NativeTarget } from './provider.ts';

function native(provider: string, name: string, config: JsonObject): NativeTarget | undefined {
  const found = providers.find(provider);
  if (!found) throw new Error('no such provider');
  const parsed = withKeyResolver(createKeyResolver({}), () => found.schema.parse(config));
  return found.deploy({ name, config: parsed }).natives?.responses?.chat;
}

const KEY = 'sk-1';
const AZURE = {
  openai_api_type: 'azure',
  openai_api_key: KEY,
  openai_deployment_name: 'd',
  openai_api_base: 'https://r.example/',
};

describe('where the Responses API is', () => {
  test.each([
    ['openai', { openai_api_key: KEY }, 'https://api.openai.com/v1/responses'],
    [
      'openai',
      { openai_api_key: KEY, openai_api_base: 'http://h/v1', openai_api_version: '2' },
      'http://h/v1/responses?api-version=2',
    ],
    ['azure', { ...AZURE, openai_api_version: '2024-06-01' }, 'https://r.example/openai/v1/responses'],
    ['azure', { ...AZURE, openai_api_version: 'preview' }, 'https://r.example/openai/v1/responses?api-version=preview'],
    ['xai', { api_key: KEY }, 'https://api.x.ai/v1/responses'],
    ['groq', { api_key: KEY }, 'https://api.groq.com/openai/v1/responses'],
    ['openrouter', { api_key: KEY }, 'https://openrouter.ai/api/v1/responses'],
    ['deepseek', { api_key: KEY }, undefined],
    ['ollama', {}, undefined],
  ])('%s %j', (provider, config, url) => {
    expect(native(provider, 'm', config)?.destination.url).toBe(url as string);
  });

  test('OpenAI counts tokens beside it', () => {
    const target = native('openai', 'm', { openai_api_key: KEY });
    expect(target?.countDestination?.url).toBe('https://api.openai.com/v1/responses/input_tokens');
    expect(native('xai', 'm', { api_key: KEY })?.countDestination).toBeUndefined();
  });

  test('Azure takes the deployment as the model, and its key in its own header', () => {
    const target = native('azure', 'gpt', { ...AZURE, openai_api_version: 'v1' });
    expect(target?.model).toBe('d');
    const headers = new Map(target?.destination.headers);
    expect(headers.get('api-key')).toBeInstanceOf(Secret);
    expect(headers.has('authorization')).toBe(false);
    expect(target?.credentialHeaders).toContain('api-key');
  });

  test('Databricks has it for the models of OpenAI', () => {
    const config = { token: KEY, host: 'https://w.example' };
    expect(native('databricks', 'databricks-gpt-5', config)?.destination.url).toBe(
      'https://w.example/serving-endpoints/responses',
    );
    expect(native('databricks', 'system.ai.gpt-5', config)?.destination.url).toBe(
      'https://w.example/ai-gateway/mlflow/v1/responses',
    );
    expect(native('databricks', 'databricks-gpt-oss-120b', config)).toBeUndefined();
    expect(native('databricks', 'databricks-claude-opus-4-6', config)).toBeUndefined();
  });
});

describe('what is kept from the server', () => {
  const adjust = (provider: string, body: JsonObject) => {
    const changes = new Changes();
    const config = provider === 'openai' ? { openai_api_key: KEY } : { api_key: KEY };
    const values = native(provider, 'm', config)?.adjust?.(body, { operation: 'chat', surface: 'standard', changes });
    return [values, changes.toString()];
  };

  test('nothing, of nearly every request', () => {
    expect(adjust('openai', { input: 'x', store: true })).toEqual([null, '']);
    expect(adjust('openai', { input: [{ type: 'reasoning', encrypted_content: 'gAAAA' }] })).toEqual([null, '']);
  });

  test('the reasoning of another provider', () => {
    const foreign = { type: 'reasoning', encrypted_content: carry('rival', { kind: 'reasoning', signature: 's' }) };
    expect(adjust('openai', { input: [{ role: 'user' }, foreign] })).toEqual([
      new Map([['input', [{ role: 'user' }]]]),
      'input.1;dropped',
    ]);
  });

  test('fields that it refuses, named where they said something', () => {
    expect(adjust('groq', { input: 'x', store: false, include: ['reasoning.encrypted_content'] })).toEqual([
      new Map([
        ['include', undefined],
        ['store', undefined],
      ]),
      'include;dropped',
    ]);
  });
});
