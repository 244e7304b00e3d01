import { z } from 'zod';
import { apiKey, expandable } from '../../config/keys.ts';
import type { Secret } from '../../core/secret.ts';
import type { Operation } from '../../core/types.ts';
import type { Capabilities } from '../capabilities.ts';
import { joinUrl, openaiTarget, PATHS } from '../openai-target.ts';
import type { Deployment, ModelSettings, NativeTarget, Provider, RelayTarget, Target } from '../provider.ts';
import { OPENAI_FAMILIES, relayHeaders, relayTarget, withoutLastSegment } from '../relay-target.ts';
import { responsesTarget } from '../responses-target.ts';

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
    openai_responses_api: z
      .boolean()
      .nullish()
      .describe(
        'Whether the server has the Responses API. With `false`, requests of that API go through its chat. By default ' +
          'OpenAI and Azure have it, and a server at another `openai_api_base` is found out: where it has no such path, ' +
          'its chat is used from then on.',
      ),
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
    isAzure(config) ? azure(name, config, operation) : direct(name, config, operation);
  return {
    targets: { chat: target('chat'), completions: target('completions'), embeddings: target('embeddings') },
    ...(config.openai_responses_api !== false && { natives: { responses: { chat: responses(name, config) } } }),
    relay: withoutMissing(isAzure(config) ? azureRelay(config) : directRelay(name, config), config),
    secrets: [config.openai_api_key],
  };
}

function responses(name: string | null, config: Config): NativeTarget {
  if (isAzure(config)) return azureResponses(config);
  const target = directResponses(name, config);
  return config.openai_responses_api || isOfOpenAI(config) ? target : { ...target, mayBeMissing: true };
}

/** https://platform.openai.com/docs/guides/your-data#data-residency-controls: each region has a name below this one. */
function isOfOpenAI({ openai_api_base: base }: Config): boolean {
  if (!base) return true;
  return URL.canParse(base) && /(?:^|\.)openai\.com$/.test(new URL(base).hostname);
}

function withoutMissing(relay: RelayTarget, { openai_responses_api: hasResponses }: Config): RelayTarget {
  if (hasResponses !== false) return relay;
  const { responses: _none, ...families } = relay.families;
  return { ...relay, families };
}

const isAzure = (config: Config): boolean => config.openai_api_type !== 'openai';

function direct(model: string | null, config: Config, operation: Operation): Target {
  return openaiTarget({
    model,
    url: joinUrl(config.openai_api_base ?? DEFAULT_BASE, PATHS[operation]) + directQuery(config),
    bearer: config.openai_api_key,
    headers: organizationHeader(config),
    extensions: ['openai'],
  });
}

function directResponses(model: string | null, config: Config): NativeTarget {
  return responsesTarget({
    model,
    base: config.openai_api_base ?? DEFAULT_BASE,
    query: directQuery(config),
    bearer: config.openai_api_key,
    headers: organizationHeader(config),
  });
}

/** Servers behind another base may rank as well, as vLLM does. */
function directRelay(model: string | null, config: Config): RelayTarget {
  const { openai_api_base: base } = config;
  return relayTarget({
    model,
    base: base ?? DEFAULT_BASE,
    query: directQuery(config).slice(1),
    bearer: config.openai_api_key,
    headers: organizationHeader(config),
    families: base ? [...OPENAI_FAMILIES, 'rerank'] : OPENAI_FAMILIES,
    credentialHeaders: ['openai-organization'],
  });
}

function directQuery({ openai_api_version: version }: Config): string {
  return version ? `?api-version=${encodeURIComponent(version)}` : '';
}

function organizationHeader({ openai_organization: organization }: Config): Headers {
  return organization ? [['openai-organization', organization]] : [];
}

type Headers = ReadonlyArray<readonly [name: string, value: string | Secret]>;

/** Azure names the model by its deployment in the URL, so the body has none; deployments mostly have the model's name. */
function azure(name: string | null, config: Config, operation: Operation): Target {
  const deployment = encodeURIComponent(config.openai_deployment_name ?? '');
  const version = encodeURIComponent(config.openai_api_version ?? '');
  const path = `openai/deployments/${deployment}/${PATHS[operation]}?api-version=${version}`;
  return openaiTarget({
    model: null,
    servedModel: name ?? config.openai_deployment_name ?? null,
    url: joinUrl(config.openai_api_base ?? '', path),
    extensions: ['openai'],
    ...azureCredential(config),
  });
}

/** The versions that name a surface rather than a day. */
const SURFACES: ReadonlySet<string> = new Set(['v1', 'latest', 'preview']);

/**
 * This API has no deployments in its paths, and refuses a version that is a day.
 * https://learn.microsoft.com/azure/ai-foundry/openai/api-version-lifecycle
 */
function azureResponses(config: Config): NativeTarget {
  const query = surfaceQuery(config);
  return responsesTarget({
    model: config.openai_deployment_name ?? null,
    base: joinUrl(config.openai_api_base ?? '', 'openai/v1'),
    query: query === '' ? '' : `?${query}`,
    counts: false,
    ...azureCredential(config),
  });
}

function surfaceQuery({ openai_api_version: version }: Config): string {
  return version && SURFACES.has(version) ? `api-version=${version}` : '';
}

/** https://learn.microsoft.com/azure/ai-services/openai/reference and, for realtime, how-to/realtime-audio-websockets */
function azureRelay(config: Config): RelayTarget {
  const resource = config.openai_api_base ?? '';
  const deployment = config.openai_deployment_name ?? '';
  const query = `api-version=${encodeURIComponent(config.openai_api_version ?? '')}`;
  const ofModel = {
    base: joinUrl(resource, `openai/deployments/${encodeURIComponent(deployment)}`),
    query,
    model: null,
  };
  const ofResource = { base: joinUrl(resource, 'openai'), query, model: null };
  const { bearer, headers } = azureCredential(config);
  return {
    families: {
      images: ofModel,
      audio: ofModel,
      files: ofResource,
      batches: ofResource,
      responses: { base: joinUrl(resource, 'openai/v1'), query: surfaceQuery(config), model: deployment },
      realtime: { base: joinUrl(resource, 'openai/v1'), query: '', model: deployment },
    },
    root: withoutLastSegment(joinUrl(resource, 'openai')),
    headers: relayHeaders(bearer, headers),
  };
}

function azureCredential(config: Config): { readonly bearer: Secret | null; readonly headers: Headers } {
  const byKey = config.openai_api_type === 'azure';
  return byKey
    ? { bearer: null, headers: [['api-key', config.openai_api_key]] }
    : { bearer: config.openai_api_key, headers: [] };
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
  { name: 'azure', conventionalName: 'azure.ai.openai', ...common } satisfies Provider<Config>,
];
