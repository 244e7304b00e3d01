import { z } from 'zod';
import { apiKey, expandable } from '../../config/keys.ts';
import type { Secret } from '../../core/secret.ts';
import type { Capabilities } from '../capabilities.ts';
import { joinUrl, openaiTarget, PATHS } from '../openai-target.ts';
import type { Deployment, Provider } from '../provider.ts';

/** A provider that speaks OpenAI's API at another base, with a bearer key: one row each. */
interface Preset {
  readonly name: string;
  readonly displayName: string;
  readonly base: string;
  /** What it has beyond chat and tools, both streamed too. */
  readonly also: Capabilities;
}

const CHAT: Capabilities = { chat: true, 'chat-stream': true, tools: true, 'tool-stream': true };

const PRESETS: readonly Preset[] = [
  {
    name: 'groq',
    displayName: 'Groq',
    base: 'https://api.groq.com/openai/v1',
    also: { images: true, 'json-schema': true, reasoning: true },
  },
  {
    name: 'deepseek',
    displayName: 'DeepSeek',
    base: 'https://api.deepseek.com/v1',
    also: { reasoning: 'as `reasoning_content`', 'prompt-cache': 'automatic; cached tokens are counted' },
  },
  {
    name: 'xai',
    displayName: 'xAI',
    base: 'https://api.x.ai/v1',
    also: {
      images: true,
      'json-schema': true,
      reasoning: true,
      'prompt-cache': 'automatic; cached tokens are counted',
    },
  },
  {
    name: 'openrouter',
    displayName: 'OpenRouter',
    base: 'https://openrouter.ai/api/v1',
    also: {
      images: true,
      documents: true,
      'json-schema': true,
      reasoning: true,
      'prompt-cache': true,
      embeddings: true,
    },
  },
];

const apiBase = expandable().nullish().describe('The base URL, when it is not the provider’s own.');

function compatible(
  model: string | null,
  base: string,
  bearer: Secret | null,
  headers: Headers = [],
): Deployment['targets'] {
  const target = (operation: 'chat' | 'embeddings') =>
    openaiTarget({ model, url: joinUrl(base, PATHS[operation]), bearer, headers });
  return { chat: target('chat'), embeddings: target('embeddings') };
}

type Headers = ReadonlyArray<readonly [string, string | Secret]>;

function preset({ name, displayName, base, also }: Preset): Provider {
  const schema = z.object({ api_key: apiKey().describe('The API key.'), api_base: apiBase });
  const provider: Provider<z.output<typeof schema>> = {
    name,
    displayName,
    schema,
    capabilities: { ...CHAT, ...also },
    deploy: ({ name: model, config }) => ({
      targets: compatible(model, config.api_base ?? base, config.api_key),
      secrets: [config.api_key],
    }),
  };
  return provider;
}

/** Ollama needs no key; `ollama` is the placeholder that its clients send. https://github.com/ollama/ollama/blob/main/docs/openai.md */
const ollamaSchema = z.object({
  api_key: apiKey().nullish().describe('Only behind a proxy that asks for one.'),
  api_base: apiBase,
});

const ollama: Provider<z.output<typeof ollamaSchema>> = {
  name: 'ollama',
  displayName: 'Ollama',
  schema: ollamaSchema,
  capabilities: { ...CHAT, images: 'base64 only', 'json-schema': true, embeddings: true },
  deploy: ({ name: model, config }) => {
    const key = config.api_key?.expose() === 'ollama' ? null : (config.api_key ?? null);
    return {
      targets: compatible(model, config.api_base ?? 'http://localhost:11434/v1', key),
      secrets: key ? [key] : [],
    };
  },
};

const BEHIND = 'as the provider behind it has it';

/** https://portkey.ai/docs/api-reference/inference-api/headers */
const portkeySchema = z.object({
  api_key: apiKey().describe('The Portkey API key.'),
  api_base: apiBase,
  portkey_provider: z.string().nullish().describe('The provider that Portkey routes to.'),
  portkey_config: z.string().nullish().describe('The id of a Portkey config.'),
  provider_api_key: apiKey().nullish().describe('The key of the provider behind Portkey.'),
});

const portkey: Provider<z.output<typeof portkeySchema>> = {
  name: 'portkey',
  displayName: 'Portkey',
  schema: portkeySchema,
  capabilities: { ...CHAT, images: BEHIND, 'json-schema': BEHIND, embeddings: BEHIND },
  deploy: ({ name: model, config }) => {
    const headers: Array<readonly [string, string | Secret]> = [['x-portkey-api-key', config.api_key]];
    if (config.portkey_provider) headers.push(['x-portkey-provider', config.portkey_provider]);
    if (config.portkey_config) headers.push(['x-portkey-config', config.portkey_config]);
    const key = config.provider_api_key ?? null;
    return {
      targets: compatible(model, config.api_base ?? 'https://api.portkey.ai/v1', key, headers),
      secrets: key ? [config.api_key, key] : [config.api_key],
    };
  },
};

export const providers: readonly Provider[] = [...PRESETS.map(preset), ollama, portkey];
