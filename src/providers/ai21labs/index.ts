import { z } from 'zod';
import { apiKey, expandable } from '../../config/keys.ts';
import { isJsonObject } from '../../core/types.ts';
import { joinUrl, jsonDestination, openaiTarget, PATHS } from '../openai-target.ts';
import type {
  Deployment,
  ModelSettings,
  OpenAITarget,
  Provider,
  TranslatedTarget,
  UpstreamErrorReading,
} from '../provider.ts';
import { relayTarget } from '../relay-target.ts';
import { adjust, completeAnswer } from './chat.ts';
import { completions } from './complete.ts';

const BASE = 'https://api.ai21.com/studio/v1';

const schema = z.object({
  ai21labs_api_key: apiKey().describe('The API key.'),
  ai21labs_api_base: expandable().nullish().describe(`The base URL, when it is not ${BASE}.`),
});

type Config = z.output<typeof schema>;

function deploy(settings: ModelSettings<Config>): Deployment {
  // The older Jurassic models have no chat.
  const isJamba = settings.name?.startsWith('jamba') === true;
  return {
    targets: { ...(isJamba && { chat: chatTarget(settings) }), completions: completionsTarget(settings) },
    relay: relayTarget({
      model: settings.name,
      base: settings.config.ai21labs_api_base ?? BASE,
      bearer: settings.config.ai21labs_api_key,
    }),
    secrets: [settings.config.ai21labs_api_key],
  };
}

function chatTarget({ name, config }: ModelSettings<Config>): OpenAITarget {
  const url = joinUrl(config.ai21labs_api_base ?? BASE, PATHS.chat);
  return {
    ...openaiTarget({ model: name, url, bearer: config.ai21labs_api_key }),
    adjust,
    mend: completeAnswer(name, 'chat.completion'),
    mendChunk: completeAnswer(name, 'chat.completion.chunk'),
    streamsUsageUnasked: true,
    readError,
  };
}

function completionsTarget({ name, config }: ModelSettings<Config>): TranslatedTarget {
  const url = joinUrl(config.ai21labs_api_base ?? BASE, `${name}/complete`);
  return { wire: completions, destination: jsonDestination(url, config.ai21labs_api_key), readError };
}

/** `{"detail": "…"}` */
function readError(body: unknown): UpstreamErrorReading | null {
  return isJsonObject(body) && typeof body.detail === 'string' ? { message: body.detail, type: null } : null;
}

const ai21labs: Provider<Config> = {
  name: 'ai21labs',
  displayName: 'AI21Labs',
  schema,
  capabilities: {
    chat: 'Jamba models',
    'chat-stream': 'Jamba models',
    tools: 'Jamba models',
    'tool-stream': 'Jamba models',
    'json-schema': 'as an instruction',
    completions: 'Jurassic models',
  },
  deploy,
};

export const providers: readonly Provider[] = [ai21labs];
