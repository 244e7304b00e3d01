import { z } from 'zod';
import { apiKey, expandable } from '../../config/keys.ts';
import type { Operation } from '../../core/types.ts';
import { joinUrl, jsonDestination } from '../openai-target.ts';
import type { Deployment, ModelSettings, Provider, RelayTarget, TranslatedTarget } from '../provider.ts';
import { relayHeaders } from '../relay-target.ts';
import type { Wire } from '../wire.ts';
import { embeddings } from './embed.ts';
import { completions } from './generate.ts';
import { chat as chatV1 } from './v1-chat.ts';
import { chat as chatV2 } from './v2-chat.ts';
import { isForVersion2 } from './version.ts';

const BASE = 'https://api.cohere.ai';

const schema = z.object({
  cohere_api_key: apiKey().describe('The API key.'),
  cohere_api_base: expandable()
    .nullish()
    .describe(`The base URL without the version of the API, when it is not ${BASE}.`),
  cohere_api_version: z
    .enum(['v1', 'v2'])
    .nullish()
    .describe(
      'The version of the API for all requests. Without it, MLflow’s surfaces use v1 as MLflow does, except for chats with tools, media, reasoning or a response format, which need v2; all other surfaces use v2.',
    ),
});

type Config = z.output<typeof schema>;

function deploy({ name, config }: ModelSettings<Config>): Deployment {
  const target = (path: string, wire: Wire): TranslatedTarget => ({
    wire,
    destination: jsonDestination(joinUrl(config.cohere_api_base ?? BASE, path), config.cohere_api_key),
    requestIdHeader: 'x-debug-trace-id',
  });
  const v1 = {
    chat: target('v1/chat', chatV1(name)),
    completions: target('v1/generate', completions(name)),
    embeddings: target('v1/embed', embeddings(name, 1)),
  };
  const v2 = {
    chat: target('v2/chat', chatV2(name, 'chat')),
    completions: target('v2/chat', chatV2(name, 'completions')),
    embeddings: target('v2/embed', embeddings(name, 2)),
  };
  const either = (operation: Operation): TranslatedTarget => ({
    ...v1[operation],
    alternative: { serves: isForVersion2, target: v2[operation] },
  });
  const targets = { chat: either('chat'), completions: either('completions'), embeddings: either('embeddings') };
  const common = { relay: relay(name, config), secrets: [config.cohere_api_key] };
  if (config.cohere_api_version === 'v1') return { targets: v1, ...common };
  return { targets: config.cohere_api_version === 'v2' ? v2 : targets, ...common };
}

/** https://docs.cohere.com/reference/rerank */
function relay(model: string | null, { cohere_api_base, cohere_api_key }: Config): RelayTarget {
  const root = (cohere_api_base ?? BASE).replace(/\/+$/, '');
  return {
    families: {
      rerank: { base: `${root}/v1`, query: '', model },
      'rerank-v2': { base: `${root}/v2`, query: '', model },
    },
    root,
    headers: relayHeaders(cohere_api_key),
    requestIdHeader: 'x-debug-trace-id',
  };
}

const cohere: Provider<Config> = {
  name: 'cohere',
  displayName: 'Cohere',
  schema,
  capabilities: {
    chat: 'versions 1 and 2, by `cohere_api_version`',
    'chat-stream': true,
    tools: 'version 2',
    'tool-stream': true,
    images: 'vision models',
    'json-schema': true,
    reasoning: true,
    completions: true,
    'completions-stream': true,
    embeddings: true,
  },
  deploy,
};

export const providers: readonly Provider[] = [cohere];
