import { describe, expect, test } from 'bun:test';
import { loadConfig } from '../../config/load.ts';
import { ConfigError } from '../../config/problem.ts';
import type { JsonObject } from '../../core/types.ts';
import { providers } from '../index.ts';
import { HOSTS, NATIVE } from './hosts.ts';

/** What the configuration says of such a model; empty when it loads. */
function problemsOf(name: string, config: JsonObject): string {
  const model = { provider: 'litellm', name, config };
  const text = JSON.stringify({ endpoints: [{ name: 'e', endpoint_type: 'llm/v1/chat', model }] });
  try {
    loadConfig({ path: 'config.yaml', text, environment: { KEY: 'sk' }, providers });
    return '';
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
}

const key = { litellm_auth_config: { api_key: '$KEY' } };

describe("a model of LiteLLM's catalog", () => {
  test('loads for every provider of the table', () => {
    const failed = [...HOSTS].filter(([provider, { base }]) => {
      const auth = { api_key: '$KEY', ...(base === null && { api_base: 'https://own.example/v1' }) };
      return problemsOf('m', { litellm_provider: provider, litellm_auth_config: auth }) !== '';
    });
    expect(failed.map(([provider]) => provider)).toEqual([]);
  });

  test('names the provider in front of the model, or none for OpenAI', () => {
    expect(problemsOf('groq/llama', key)).toBe('');
    expect(problemsOf('gpt-4o', key)).toBe('');
    expect(problemsOf('together_ai/meta-llama/Llama-3', key)).toBe('');
  });

  test('is refused, with what to use, where it is built in', () => {
    for (const [provider, name] of NATIVE) {
      expect(providers.find(name)?.planned).toBeFalsy();
      expect(problemsOf('m', { ...key, litellm_provider: provider })).toContain(`use 'provider: ${name}'`);
    }
  });

  test('is refused, with what to use, where nobody knows the provider', () => {
    expect(problemsOf('m', { ...key, litellm_provider: 'nobody' })).toContain("use litellm_provider 'custom_openai'");
    expect(problemsOf('m', { ...key, litellm_provider: '__proto__' })).toContain("'__proto__' is not known here");
  });

  test('needs a base where there is no public one, and a key where the provider asks for one', () => {
    expect(problemsOf('m', { ...key, litellm_provider: 'hosted_vllm' })).toContain('api_base');
    expect(problemsOf('m', { litellm_provider: 'groq' })).toContain('api_key');
    expect(problemsOf('m', { litellm_provider: 'ollama' })).toBe('');
  });
});

test('every base is an address that paths can be added to', () => {
  const bases = [...HOSTS.values()].flatMap(({ base }) => (base === null ? [] : [base]));
  expect(bases.filter((base) => !/^https?:\/\/[^?#]+[^/]$/.test(base))).toEqual([]);
});
