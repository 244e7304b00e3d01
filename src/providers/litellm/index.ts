import { z } from 'zod';
import { apiKey, expandable } from '../../config/keys.ts';
import { GatewayError } from '../../core/errors.ts';
import type { Secret } from '../../core/secret.ts';
import type { Operation } from '../../core/types.ts';
import { mistralDeployment } from '../mistral/targets.ts';
import { joinUrl, openaiTarget, PATHS } from '../openai-target.ts';
import type { Deployment, ModelSettings, OpenAITarget, Provider } from '../provider.ts';
import { relayTarget } from '../relay-target.ts';
import { togetherDeployment } from '../togetherai/targets.ts';
import { HOSTS, type Host, NATIVE } from './hosts.ts';

const schema = z.object({
  litellm_provider: z
    .string()
    .nullish()
    .describe('LiteLLM’s name of the provider, for example fireworks_ai. Without it, the model’s name begins with it.'),
  litellm_auth_config: z
    .object({
      api_key: apiKey().nullish().describe('The API key.'),
      api_base: expandable().nullish().describe('The base URL, when it is not the provider’s own.'),
      auth_mode: z.string().nullish().describe('Not used; MLflow’s interface writes it.'),
    })
    .nullish()
    .describe('How to reach the provider.'),
});

type Config = z.output<typeof schema>;
type Settings = ModelSettings<Config>;

/** Providers that stray from OpenAI's API more than their bases say, and have a folder of their own. */
const OWN_FOLDERS: ReadonlyMap<string, (model: string | null, key: Secret, base?: string) => Deployment> = new Map([
  ['mistral', mistralDeployment],
  ['codestral', (model, key, base = 'https://codestral.mistral.ai/v1') => mistralDeployment(model, key, base)],
  ['together_ai', togetherDeployment],
]);

/** `fireworks_ai/llama-v3` names its provider itself. */
function split({ name, config }: Settings): { readonly provider: string; readonly model: string | null } {
  if (config.litellm_provider) return { provider: config.litellm_provider, model: name };
  const slash = name?.indexOf('/') ?? -1;
  if (name === null || slash === -1) return { provider: 'openai', model: name };
  return { provider: name.slice(0, slash), model: name.slice(slash + 1) };
}

function validate(settings: Settings): string | null {
  const { provider } = split(settings);
  const { api_key: key, api_base: base } = settings.config.litellm_auth_config ?? {};
  const native = NATIVE.get(provider);
  if (native)
    return `LiteLLM's provider '${provider}' is built in here; use 'provider: ${native}' with its own config.`;
  const host = HOSTS.get(provider);
  if (!host && !OWN_FOLDERS.has(provider)) {
    return `LiteLLM's provider '${provider}' is not known here. If it speaks OpenAI's API, use litellm_provider 'custom_openai' with an api_base.`;
  }
  if (host?.base === null && !base) return `LiteLLM's provider '${provider}' needs litellm_auth_config.api_base.`;
  if (!host?.keyless && !key) return `LiteLLM's provider '${provider}' needs litellm_auth_config.api_key.`;
  return null;
}

function deploy(settings: Settings): Deployment {
  const { provider, model } = split(settings);
  const { api_key: key, api_base: base } = settings.config.litellm_auth_config ?? {};
  const secrets = key ? [key] : [];
  const own = OWN_FOLDERS.get(provider);
  if (own && key) {
    const deployment = own(model, key, base ?? undefined);
    const { completions: _none, ...targets } = deployment.targets;
    return { ...deployment, targets };
  }
  const url = baseUrl(HOSTS.get(provider), base ?? null);
  const target = (operation: Operation): OpenAITarget => ({
    ...openaiTarget({ model, url: joinUrl(url, PATHS[operation]), bearer: key ?? null }),
    adjust: refuseRouting,
    extensions: [],
  });
  return {
    targets: { chat: target('chat'), embeddings: target('embeddings') },
    relay: relayTarget({ model, base: url, bearer: key ?? null }),
    secrets,
  };
}

function baseUrl(host: Host | undefined, given: string | null): string {
  if (given !== null) return host?.path ? joinUrl(given, host.path) : given;
  if (!host?.base) throw new Error('a LiteLLM provider without a base was not refused');
  return host.base;
}

/** Where a request goes is the endpoint's business; MLflow refuses these too, as LiteLLM would follow them. */
const ROUTING = ['api_base', 'base_url', 'model_list', 'fallbacks', 'custom_llm_provider'];

const refuseRouting: OpenAITarget['adjust'] = (body) => {
  const field = ROUTING.find((name) => Object.hasOwn(body, name));
  if (field === undefined) return null;
  throw new GatewayError('invalid_request', `The parameter '${field}' is not permitted to be passed.`, {
    parameter: field,
  });
};

const litellm: Provider<Config> = {
  name: 'litellm',
  displayName: 'LiteLLM',
  schema,
  capabilities: {
    chat: 'providers of LiteLLM’s catalog that speak OpenAI’s API',
    'chat-stream': 'as the provider has it',
    tools: 'as the provider has it',
    'tool-stream': 'as the provider has it',
    embeddings: 'as the provider has it',
  },
  validate,
  deploy,
};

export const providers: readonly Provider[] = [litellm];
