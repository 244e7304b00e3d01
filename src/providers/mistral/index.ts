import { z } from 'zod';
import { apiKey, expandable } from '../../config/keys.ts';
import type { Provider } from '../provider.ts';
import { BASE, mistralDeployment } from './targets.ts';

const schema = z.object({
  mistral_api_key: apiKey().describe('The API key.'),
  mistral_api_base: expandable().nullish().describe(`The base URL, when it is not ${BASE}.`),
});

type Config = z.output<typeof schema>;

const mistral: Provider<Config> = {
  name: 'mistral',
  displayName: 'Mistral',
  conventionalName: 'mistral_ai',
  schema,
  capabilities: {
    chat: true,
    'chat-stream': true,
    tools: true,
    'tool-stream': true,
    images: 'vision models',
    documents: true,
    'json-schema': true,
    reasoning: 'Magistral and models with `reasoning_effort`',
    'prompt-cache': '`prompt_cache_key`',
    completions: 'through the chat; with `suffix`, fill-in-the-middle',
    'completions-stream': true,
    embeddings: true,
  },
  deploy: ({ name, config }) => mistralDeployment(name, config.mistral_api_key, config.mistral_api_base ?? BASE),
};

export const providers: readonly Provider[] = [mistral];
