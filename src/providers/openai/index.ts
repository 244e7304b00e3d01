import { z } from 'zod';
import { apiKey, expandable } from '../../config/keys.ts';
import type { Operation } from '../../core/types.ts';
import type { Capabilities } from '../capabilities.ts';
import { joinUrl, openaiTarget, PATHS } from '../openai-target.ts';
import type { Deployment, ModelSettings, Provider, Target } from '../provider.ts';

const DEFAULT_BASE = 'https://api.openai.com/v1';
const API_TYPES = ['openai', 'azure', 'azuread'] as const;

/** https://platform.openai.com/docs/api-reference and https://learn.microsoft.com/azure/ai-services/openai/reference */
const schema = z
  .object({
    openai_api_key: apiKey().describe(
      'The API key: a literal, `$NAME` of an environment variable, or the path of a file.',
    ),
    openai_api_type: z
      .string()
      .transform((type, context) => {
        const known = API_TYPES.find((name) => name === type.toLowerCase());
        if (known) return known;
        context.addIssue({
          code: 'custom',
          message: `Invalid OpenAI API type '${type}'`,
          params: { hint: `use one of: ${API_TYPES.join(', ')}` },
        });
        return z.NEVER;
      })
      .default('openai')
      .describe('`openai`, `azure` or `azuread`.'),
    openai_api_base: expandable().nullish().describe('The base URL; for Azure the URL of the resource.'),
    openai_api_version: z.string().nullish().describe('Required for Azure: the `api-version` of its API.'),
    openai_deployment_name: expandable().nullish().describe('Required for Azure: the name of the deployment.'),
    openai_organization: expandable().nullish().describe('The organization, for keys that belong to several.'),
  })
  .superRefine((config, context) => {
    const issue = (message: string) => context.addIssue({ code: 'custom', message });
    if (config.openai_api_type === 'openai') {
      if (config.openai_deployment_name) {
        issue(
          "OpenAI route configuration can only specify a value for 'openai_deployment_name' if 'openai_api_type' is " +
            "'azure' or 'azuread'. Found type: 'openai'",
        );
      }
      return;
    }
    if (!config.openai_api_base || !config.openai_deployment_name || !config.openai_api_version) {
      issue(
        "OpenAI route configuration must specify 'openai_api_base', 'openai_deployment_name', and " +
          "'openai_api_version' if 'openai_api_type' is 'azure' or 'azuread'.",
      );
    }
    if (config.openai_organization) {
      issue(
        "OpenAI route configuration can only specify a value for 'openai_organization' if 'openai_api_type' is 'openai'",
      );
    }
  });

type Config = z.output<typeof schema>;

function deploy({ name, config }: ModelSettings<Config>): Deployment {
  const target = (operation: Operation): Target =>
    isAzure(config) ? azure(config, operation) : direct(name, config, operation);
  return {
    targets: { chat: target('chat'), completions: target('completions'), embeddings: target('embeddings') },
    secrets: [config.openai_api_key],
  };
}

const isAzure = (config: Config): boolean => config.openai_api_type !== 'openai';

function direct(model: string | null, config: Config, operation: Operation): Target {
  const version = config.openai_api_version;
  const query = version ? `?api-version=${encodeURIComponent(version)}` : '';
  const organization = config.openai_organization;
  return openaiTarget({
    model,
    url: joinUrl(config.openai_api_base ?? DEFAULT_BASE, PATHS[operation]) + query,
    bearer: config.openai_api_key,
    headers: organization ? [['openai-organization', organization]] : [],
  });
}

/** Azure names the model by its deployment in the URL, so the body has none. */
function azure(config: Config, operation: Operation): Target {
  const deployment = encodeURIComponent(config.openai_deployment_name ?? '');
  const version = encodeURIComponent(config.openai_api_version ?? '');
  const path = `openai/deployments/${deployment}/${PATHS[operation]}?api-version=${version}`;
  const byKey = config.openai_api_type === 'azure';
  return openaiTarget({
    model: null,
    url: joinUrl(config.openai_api_base ?? '', path),
    bearer: byKey ? null : config.openai_api_key,
    headers: byKey ? [['api-key', config.openai_api_key]] : [],
  });
}

const capabilities: Capabilities = {
  chat: true,
  'chat-stream': true,
  tools: true,
  'tool-stream': true,
  images: true,
  documents: true,
  'json-schema': true,
  reasoning: 'effort and counted tokens; this API does not show the thoughts',
  'prompt-cache': 'automatic, with `prompt_cache_key`; cached tokens are counted',
  completions: true,
  'completions-stream': true,
  embeddings: true,
};

const common = { displayName: 'OpenAI', schema, capabilities, deploy } as const;

/** `azure` is the same provider under another name; it does not change the default of `openai_api_type`. */
export const providers: readonly Provider[] = [
  { name: 'openai', ...common } satisfies Provider<Config>,
  { name: 'azure', ...common } satisfies Provider<Config>,
];
