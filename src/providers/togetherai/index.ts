import { z } from 'zod';
import { apiKey, expandable } from '../../config/keys.ts';
import type { Provider } from '../provider.ts';
import { BASE, togetherDeployment } from './targets.ts';

const schema = z.object({
  togetherai_api_key: apiKey().describe('The API key.'),
  togetherai_api_base: expandable().nullish().describe(`The base URL, when it is not ${BASE}.`),
});

type Config = z.output<typeof schema>;

const togetherai: Provider<Config> = {
  name: 'togetherai',
  displayName: 'TogetherAI',
  schema,
  capabilities: {
    chat: true,
    'chat-stream': true,
    tools: true,
    'tool-stream': true,
    images: 'vision models',
    'json-schema': true,
    reasoning: true,
    completions: true,
    'completions-stream': true,
    embeddings: true,
  },
  deploy: ({ name, config }) => togetherDeployment(name, config.togetherai_api_key, config.togetherai_api_base ?? BASE),
};

export const providers: readonly Provider[] = [togetherai];
