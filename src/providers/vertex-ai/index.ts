import { z } from 'zod';
import { apiKey, expandable } from '../../config/keys.ts';
import { GatewayError } from '../../core/errors.ts';
import { Secret } from '../../core/secret.ts';
import type { JsonObject } from '../../core/types.ts';
import type { Destination } from '../../upstream/port.ts';
import { whenHad } from '../../upstream/token-cache.ts';
import { countOf } from '../anthropic/count.ts';
import { REQUEST_ID_HEADER } from '../anthropic/errors.ts';
import { claudeWire } from '../anthropic/wire.ts';
import { countVertexTokens } from '../gemini/count.ts';
import { readGoogleError } from '../gemini/errors.ts';
import { CLIENT_HEADERS, CREDENTIAL_HEADERS, vertexEdits } from '../gemini/native.ts';
import { generateChat, generateCompletions } from '../gemini/wire.ts';
import { joinUrl, PATHS } from '../openai-target.ts';
import type {
  Authorizer,
  Deployment,
  ModelSettings,
  NativeTarget,
  Provider,
  Target,
  TranslatedTarget,
} from '../provider.ts';
import { accessToken, type TokenSource } from './access-token.ts';
import { betaFeatures, betaHeaders } from './betas.ts';
import { googleCredentials } from './credentials.ts';
import { embedContent, hasEmbedContent, predict } from './embeddings.ts';
import { baseUrl, familyOf, type ModelFamily } from './locations.ts';
import { vertexRelay } from './relay.ts';

const schema = z.object({
  vertex_project: expandable().describe('The id of the Google Cloud project.'),
  vertex_location: expandable()
    .nullish()
    .describe('The location, for example `us-central1`, `eu` or `global`, which is the default.'),
  vertex_credentials: googleCredentials().describe(
    'The JSON of a service account, or the path of a file with it; without it the default credentials are used.',
  ),
  vertex_access_token: apiKey()
    .nullish()
    .describe('A ready access token instead of credentials, for trials: it lives for an hour.'),
  vertex_anthropic_betas: betaFeatures().describe(
    'Which beta features of Claude a client may ask for in `anthropic-beta`: a list or a text with commas; without it all.',
  ),
  vertex_api_base: expandable()
    .nullish()
    .describe('The base URL with the version of the API, when it is not that of the location.'),
});

type Config = z.output<typeof schema>;

/** https://cloud.google.com/vertex-ai/generative-ai/docs/model-reference/inference */
function deploy({ name, config }: ModelSettings<Config>): Deployment {
  const model = name ?? '';
  const family = familyOf(model);
  const authorize = family === 'claude' ? claudeAuthorizer(config) : authorizer(config);
  return {
    ...FAMILIES[family](model, config),
    relay: vertexRelay(family, placeOf(config, DEFAULT_LOCATIONS[family]), authorize),
    secrets: secretsOf(config),
  };
}

type Targets = Deployment['targets'];
type Family = (model: string, config: Config) => Omit<Deployment, 'secrets'>;

const DEFAULT_LOCATIONS: Readonly<Record<ModelFamily, string>> = {
  gemini: 'global',
  claude: 'global',
  open: 'us-central1',
};

const FAMILIES: Readonly<Record<ModelFamily, Family>> = {
  gemini,
  claude,
  open: (model, config) => ({ targets: openTargets(model, config) }),
};

function gemini(model: string, config: Config): Omit<Deployment, 'secrets'> {
  const method = (name: string) => destination(config, 'gemini', `publishers/google/models/${model}:${name}`);
  const common = { authorize: authorizer(config), readError: readGoogleError };
  const generate = {
    ...common,
    destination: method('generateContent'),
    streamDestination: method('streamGenerateContent?alt=sse'),
  };
  const options = { model, isVertex: true, fileBase: null };
  const chat = generateChat(options);
  const countDestination = method('countTokens');
  const embedsContent = hasEmbedContent(model);
  // Its methods for embeddings have another form than those of the Gemini API.
  const native: NativeTarget = {
    ...generate,
    model: null,
    countDestination,
    adjust: vertexEdits,
    credentialHeaders: CREDENTIAL_HEADERS,
    forwardedHeaders: CLIENT_HEADERS,
  };
  return {
    targets: {
      chat: { ...generate, countDestination, wire: { ...chat, count: countVertexTokens(chat) }, inlineMedia: true },
      completions: { ...generate, wire: generateCompletions(options), inlineMedia: true },
      embeddings: {
        ...common,
        wire: embedsContent ? embedContent : predict,
        destination: method(embedsContent ? 'embedContent' : 'predict'),
        // Of the models with `predict`, those of Gemini too take one input a request.
        oneInput: model.includes('gemini'),
      },
    },
    natives: { gemini: { chat: native } },
  };
}

/** https://docs.anthropic.com/en/api/claude-on-vertex-ai */
function claude(model: string, config: Config): Omit<Deployment, 'secrets'> {
  const method = (name: string) => destination(config, 'claude', `publishers/anthropic/models/${name}`);
  const common = {
    destination: method(`${model}:rawPredict`),
    streamDestination: method(`${model}:streamRawPredict`),
    countDestination: method('count-tokens:rawPredict'),
    authorize: claudeAuthorizer(config),
    readError: readGoogleError,
    requestIdHeader: REQUEST_ID_HEADER,
  };
  const wire = claudeWire({ model: null, version: CLAUDE_VERSION, knownAs: model });
  const chat: TranslatedTarget = { ...common, wire: { ...wire, count: countOf(wire, model) }, inlineMedia: true };
  const native: NativeTarget = {
    ...common,
    model: null,
    adjust: (body, { action }) => claudeEdits(body, action === 'count-tokens' ? model : undefined),
    credentialHeaders: ['authorization'],
  };
  return {
    targets: { chat, completions: noCompletions(model, chat.destination) },
    natives: { anthropic: { chat: native } },
  };
}

const CLAUDE_VERSION = 'vertex-2023-10-16';

/** The body says the version, and the URL the model; only to count tokens is the model in the body. */
function claudeEdits(body: JsonObject, model: string | undefined): ReadonlyMap<string, unknown> {
  const edits = new Map<string, unknown>([['model', model]]);
  if (typeof body.anthropic_version !== 'string') edits.set('anthropic_version', CLAUDE_VERSION);
  return edits;
}

/** https://cloud.google.com/vertex-ai/generative-ai/docs/maas/call-open-model-apis */
function openTargets(model: string, config: Config): Targets {
  const chat: Target = {
    wire: 'openai',
    model,
    destination: destination(config, 'open', `endpoints/openapi/${PATHS.chat}`),
    authorize: authorizer(config),
    readError: readGoogleError,
  };
  return { chat, completions: noCompletions(model, chat.destination) };
}

/** These models have chat alone, which MLflow says in words of its own. */
function noCompletions(model: string, destination: Destination): TranslatedTarget {
  const refuse = (): never => {
    const message = `The completions endpoint is not supported for ${model} on Vertex AI. Use the chat endpoint instead.`;
    throw new GatewayError('not_implemented', message);
  };
  return { destination, wire: { encode: refuse, decode: refuse, stream: { framing: 'sse', read: refuse } } };
}

function destination(config: Config, family: ModelFamily, path: string): Destination {
  const { location } = placeOf(config, DEFAULT_LOCATIONS[family]);
  return { method: 'POST', url: location + encodeURI(`/${path}`), headers: [['content-type', 'application/json']] };
}

function placeOf(config: Config, defaultLocation: string): { readonly base: string; readonly location: string } {
  const name = config.vertex_location || defaultLocation;
  const base = config.vertex_api_base ?? baseUrl(name);
  return { base, location: encodeURI(joinUrl(base, `projects/${config.vertex_project}/locations/${name}`)) };
}

function authorizer(config: Config): Authorizer {
  const token = tokenSource(config);
  return () => whenHad(token(), (had) => [bearer(had)]);
}

/** With the beta features that the client asks for and may have. */
function claudeAuthorizer(config: Config): Authorizer {
  const token = tokenSource(config);
  return ({ clientHeader }) =>
    whenHad(token(), (had) => [bearer(had), ...betaHeaders(config.vertex_anthropic_betas, clientHeader)]);
}

function tokenSource({ vertex_access_token: given, vertex_credentials }: Config): TokenSource {
  return given ? () => given.expose() : accessToken(vertex_credentials);
}

function bearer(token: string): readonly [name: string, value: string] {
  return ['authorization', `Bearer ${token}`];
}

/** Whatever of the credentials could be used by whoever reads it. */
function secretsOf({ vertex_access_token: token, vertex_credentials: credentials }: Config): Secret[] {
  const fields = ['private_key', 'client_secret', 'refresh_token'];
  const values = fields.map((field) => credentials?.[field]).filter((value) => typeof value === 'string');
  return [...(token ? [token] : []), ...values.map((value) => new Secret(value))];
}

const vertexAi: Provider<Config> = {
  name: 'vertex_ai',
  displayName: 'Vertex AI',
  conventionalName: 'gcp.vertex_ai',
  schema,
  capabilities: {
    chat: true,
    'chat-stream': true,
    tools: true,
    'tool-stream': true,
    images: 'by URL: fetched by the gateway',
    documents: 'by URL: fetched by the gateway; of Cloud Storage by `file_id`',
    'json-schema': true,
    reasoning: true,
    'prompt-cache': true,
    completions: 'Gemini only',
    'completions-stream': 'Gemini only',
    embeddings: 'Gemini and Google’s text models',
  },
  deploy,
};

export const providers: readonly Provider[] = [vertexAi];
