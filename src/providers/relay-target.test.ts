import { describe, expect, test } from 'bun:test';
import { loadConfig } from '../config/load.ts';
import { Secret } from '../core/secret.ts';
import type { JsonObject } from '../core/types.ts';
import { providers } from './index.ts';
import type { RelayTarget } from './provider.ts';
import { relayTarget, withoutLastSegment } from './relay-target.ts';

const exposed = ({ headers }: RelayTarget) =>
  headers.map(([name, value]) => [name, value instanceof Secret ? value.expose() : value]);

/** What a provider's target for requests that pass as they come is, with a configuration as a file gives it. */
function relayOf(provider: string, config: JsonObject): RelayTarget {
  const text = JSON.stringify({
    endpoints: [{ name: 'e', endpoint_type: 'llm/v1/chat', model: { provider, name: 'm-1', config } }],
  });
  const endpoint = loadConfig({ path: 'config.yaml', text, environment: {}, providers }).config.endpoints[0];
  const relay = endpoint && providers.find(endpoint.provider)?.deploy(endpoint.model).relay;
  if (!relay) throw new Error(`${provider} relays nothing`);
  return relay;
}

describe('the families of', () => {
  const families = (provider: string, config: JsonObject) =>
    Object.entries(relayOf(provider, config).families).map(([family, { base }]) => `${family} ${base}`);

  test('OpenAI, and of servers of its API', () => {
    const config = { openai_api_key: 'sk-literal-key' };
    expect(families('openai', config)).toEqual(
      ['images', 'audio', 'moderations', 'files', 'batches', 'responses', 'realtime'].map(
        (family) => `${family} https://api.openai.com/v1`,
      ),
    );
    expect(families('openai', { ...config, openai_api_base: 'http://vllm:8000/v1/' })).toContain(
      'rerank http://vllm:8000/v1',
    );
  });

  test('Azure, each where it is', () => {
    const config = {
      openai_api_key: 'literal-key',
      openai_api_type: 'azure',
      openai_api_base: 'https://r.openai.azure.com/',
      openai_deployment_name: 'my deployment',
      openai_api_version: '2024-10-21',
    };
    const { families: places, root } = relayOf('azure', config);
    const ofModel = {
      base: 'https://r.openai.azure.com/openai/deployments/my%20deployment',
      query: 'api-version=2024-10-21',
      model: null,
    };
    expect(places.audio).toEqual(ofModel);
    expect(places.images).toEqual(ofModel);
    expect(places.files).toEqual({ ...ofModel, base: 'https://r.openai.azure.com/openai' });
    expect(places.realtime).toEqual({
      base: 'https://r.openai.azure.com/openai/v1',
      query: '',
      model: 'my deployment',
    });
    expect(root).toBe('https://r.openai.azure.com');
    expect(exposed(relayOf('azure', config))).toEqual([['api-key', 'literal-key']]);
  });

  test('the others', () => {
    const key = { api_key: 'literal-key' };
    const names = (provider: string, config: JsonObject) => Object.keys(relayOf(provider, config).families);
    expect(names('groq', key)).toEqual(['audio', 'files', 'batches']);
    expect(names('xai', key)).toEqual(['images', 'files', 'realtime']);
    expect(names('deepseek', key)).toEqual([]);
    expect(names('ollama', {})).toEqual([]);
    expect(names('mistral', { mistral_api_key: 'k' })).toEqual(['audio', 'moderations', 'files', 'batch-jobs']);
    expect(names('togetherai', { togetherai_api_key: 'k' })).toEqual([
      'images',
      'audio',
      'rerank',
      'files',
      'batches',
      'realtime',
    ]);
    const withoutResponses = { openai_api_key: 'literal-key', openai_responses_api: false };
    expect(names('openai', withoutResponses)).not.toContain('responses');
    expect(families('cohere', { cohere_api_key: 'k' })).toEqual([
      'rerank https://api.cohere.ai/v1',
      'rerank-v2 https://api.cohere.ai/v2',
    ]);
  });
});

test('raw requests begin above the version, with the provider’s credentials', () => {
  const root = (provider: string, config: JsonObject) => relayOf(provider, config).root;
  expect(root('groq', { api_key: 'k' })).toBe('https://api.groq.com/openai');
  expect(root('openrouter', { api_key: 'k' })).toBe('https://openrouter.ai/api');
  expect(root('cohere', { cohere_api_key: 'k' })).toBe('https://api.cohere.ai');
  expect(exposed(relayOf('groq', { api_key: 'literal-key' }))).toEqual([['authorization', 'Bearer literal-key']]);
  expect(exposed(relayOf('ollama', {}))).toEqual([]);
  expect(exposed(relayOf('portkey', { api_key: 'a-key', portkey_provider: 'openai' }))).toEqual([
    ['x-portkey-api-key', 'a-key'],
    ['x-portkey-provider', 'openai'],
  ]);
  expect(withoutLastSegment('http://host:8000')).toBe('http://host:8000');
  expect(withoutLastSegment('http://host:8000/v1/')).toBe('http://host:8000');
});

test('every provider passes raw requests on, or says why not', () => {
  const without = providers
    .all()
    .filter(({ planned }) => !planned)
    .filter(({ name }) => !WITH_RELAY.has(name));
  expect(without.map(({ name }) => name)).toEqual(['simulated']);
  for (const [provider, config] of WITH_RELAY) expect(relayOf(provider, config).root).toMatch(/^https?:/);
});

const KEY = { api_key: 'k' };
const AZURE = {
  openai_api_key: 'literal-key',
  openai_api_type: 'azure',
  openai_api_base: 'https://r.openai.azure.com/',
  openai_deployment_name: 'd',
  openai_api_version: '2024-10-21',
};

/** A configuration of each. */
const WITH_RELAY: ReadonlyMap<string, JsonObject> = new Map<string, JsonObject>([
  ['openai', { openai_api_key: 'literal-key' }],
  ['azure', AZURE],
  ['anthropic', { anthropic_api_key: 'k' }],
  ['gemini', { gemini_api_key: 'k' }],
  ['vertex_ai', { vertex_project: 'p', vertex_access_token: 'k' }],
  ['bedrock', { aws_config: { aws_region: 'eu-central-1' } }],
  ['amazon-bedrock', { aws_config: { aws_bearer_token: 'k', aws_region: 'eu-central-1' } }],
  ['mistral', { mistral_api_key: 'k' }],
  ['cohere', { cohere_api_key: 'k' }],
  ['togetherai', { togetherai_api_key: 'k' }],
  ['ai21labs', { ai21labs_api_key: 'k' }],
  ['mosaicml', { mosaicml_api_key: 'k' }],
  ['palm', { palm_api_key: 'k' }],
  ['huggingface-text-generation-inference', { hf_server_url: 'http://h' }],
  ['mlflow-model-serving', { model_server_url: 'http://h' }],
  ['databricks', { host: 'https://h', token: 'k' }],
  ['databricks-model-serving', { host: 'https://h', client_id: 'a', client_secret: 'k' }],
  ['litellm', { litellm_provider: 'fireworks_ai', litellm_auth_config: { api_key: 'k' } }],
  ['groq', KEY],
  ['deepseek', KEY],
  ['xai', KEY],
  ['openrouter', KEY],
  ['ollama', {}],
  ['portkey', KEY],
]);

test('the key is no part of what can be printed', () => {
  const target = relayTarget({
    model: 'm',
    base: 'https://h/v1',
    bearer: new Secret('sk-hidden'),
    families: ['audio'],
  });
  expect(JSON.stringify(target)).not.toContain('sk-hidden');
  expect(Bun.inspect(target)).not.toContain('sk-hidden');
});
