import { z } from 'zod';
import { apiKey, expandable } from '../../config/keys.ts';
import type { Secret } from '../../core/secret.ts';
import type { Capabilities } from '../capabilities.ts';
import { joinUrl, openaiTarget, PATHS } from '../openai-target.ts';
import type { Deployment, OpenAIExtension, Provider, RelayFamily } from '../provider.ts';
import { OPENAI_FAMILIES, relayTarget } from '../relay-target.ts';
import { responsesTarget } from '../responses-target.ts';

/** A provider that speaks OpenAI's API at another base, with a bearer key: one row each. */
interface Preset {
  readonly name: string;
  readonly displayName: string;
  readonly conventionalName?: string;
  readonly base: string;
  /** What it has beyond chat and tools, both streamed too. */
  readonly also: Capabilities;
  /** That it has OpenAI's Responses API, the fields of it that it refuses, and whether its tools may take free text. */
  readonly responses?: { readonly refuses: readonly string[]; readonly customTools?: boolean };
  /** What it has beside chats and embeddings. */
  readonly families?: readonly RelayFamily[];
  /** What it takes beyond OpenAI's chat API. */
  readonly extensions?: readonly OpenAIExtension[];
}

const CHAT: Capabilities = { chat: true, 'chat-stream': true, tools: true, 'tool-stream': true };

const PRESETS: readonly Preset[] = [
  {
    name: 'groq',
    displayName: 'Groq',
    base: 'https://api.groq.com/openai/v1',
    also: { images: true, 'json-schema': true, reasoning: true },
    // https://console.groq.com/docs/responses-api#unsupported-features
    families: ['audio', 'files', 'batches'],
    responses: {
      refuses: ['include', 'prompt_cache_key', 'safety_identifier', 'store', 'truncation'],
      customTools: false,
    },
  },
  {
    name: 'deepseek',
    displayName: 'DeepSeek',
    base: 'https://api.deepseek.com/v1',
    also: { reasoning: 'as `reasoning_content`', 'prompt-cache': 'automatic; cached tokens are counted' },
    // https://api-docs.deepseek.com/guides/thinking_mode
    extensions: ['reasoning_content', 'thinking'],
  },
  {
    name: 'xai',
    displayName: 'xAI',
    conventionalName: 'x_ai',
    base: 'https://api.x.ai/v1',
    also: {
      images: true,
      'json-schema': true,
      reasoning: true,
      'prompt-cache': 'automatic; cached tokens are counted',
    },
    families: ['images', 'files', 'realtime'],
    // https://docs.x.ai/docs/api-reference#create-new-response
    responses: { refuses: [], customTools: false },
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
    families: ['audio', 'rerank'],
    // https://openrouter.ai/docs/api-reference/responses-api/overview
    responses: { refuses: [] },
    // https://openrouter.ai/docs/api-reference/parameters
    extensions: ['cache_control', 'reasoning', 'reasoning_details', 'top_k'],
  },
];

const apiBase = expandable().nullish().describe('The base URL, when it is not the provider’s own.');

function compatible(
  model: string | null,
  base: string,
  bearer: Secret | null,
  { headers = [], extensions }: { headers?: Headers; extensions?: readonly OpenAIExtension[] | undefined } = {},
): Deployment['targets'] {
  const target = (operation: 'chat' | 'embeddings') =>
    openaiTarget({
      model,
      url: joinUrl(base, PATHS[operation]),
      bearer,
      headers,
      ...(extensions && { extensions }),
    });
  return { chat: target('chat'), embeddings: target('embeddings') };
}

type Headers = ReadonlyArray<readonly [string, string | Secret]>;

function preset(row: Preset): Provider {
  const { name, displayName, base, also, responses, families = [], extensions, ...more } = row;
  const schema = z.object({ api_key: apiKey().describe('The API key.'), api_base: apiBase });
  const provider: Provider<z.output<typeof schema>> = {
    name,
    displayName,
    ...more,
    schema,
    capabilities: { ...CHAT, ...also },
    deploy: ({ name: model, config }) => {
      const at = config.api_base ?? base;
      const native =
        responses && responsesTarget({ model, base: at, bearer: config.api_key, counts: false, ...responses });
      return {
        targets: compatible(model, at, config.api_key, { extensions }),
        ...(native && { natives: { responses: { chat: native } } }),
        relay: relayTarget({ model, base: at, bearer: config.api_key, families }),
        secrets: [config.api_key],
      };
    },
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
    const base = config.api_base ?? 'http://localhost:11434/v1';
    return {
      // https://docs.ollama.com/api/openai-compatibility
      targets: compatible(model, base, key, { extensions: ['reasoning_effort'] }),
      relay: relayTarget({ model, base, bearer: key, families: [] }),
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
    const base = config.api_base ?? 'https://api.portkey.ai/v1';
    return {
      targets: compatible(model, base, key, { headers }),
      relay: relayTarget({ model, base, bearer: key, headers, families: [...OPENAI_FAMILIES, 'rerank'] }),
      secrets: key ? [config.api_key, key] : [config.api_key],
    };
  },
};

export const providers: readonly Provider[] = [...PRESETS.map(preset), ollama, portkey];
