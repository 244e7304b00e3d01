import { GatewayError } from '../../core/errors.ts';
import type { Secret } from '../../core/secret.ts';
import type { Operation } from '../../core/types.ts';
import type { RequestHeaders } from '../../upstream/port.ts';
import { whenHad } from '../../upstream/token-cache.ts';
import { joinUrl, jsonDestination, openaiTarget, PATHS } from '../openai-target.ts';
import type { Authorizer, Deployment, ModelSettings, NativeTarget, OpenAITarget, Provider } from '../provider.ts';
import { rawRelay, relayHeaders, withoutLastSegment } from '../relay-target.ts';
import { responsesTarget } from '../responses-target.ts';
import { accessToken } from './access-token.ts';
import { mendAnswer, mendChunk } from './content.ts';
import { adjustMessages } from './messages.ts';
import { type Credentials, type Settings, schema } from './settings.ts';

/** https://docs.databricks.com/aws/en/machine-learning/foundation-model-apis/api-reference */
const EXTENSIONS = ['cache_control', 'reasoning_content', 'reasoning_details', 'thinking', 'top_k'] as const;

/** https://docs.databricks.com/aws/en/machine-learning/model-serving/score-foundation-models */
function deploy({ name, config: { host, credentials } }: ModelSettings<Settings>): Deployment {
  // A name of three parts is a model in Unity Catalog.
  const isCatalogName = (name?.split('.').length ?? 0) > 2;
  const base = joinUrl(host, isCatalogName ? 'ai-gateway/mlflow/v1' : 'serving-endpoints');
  const { bearer, authorize, secrets } = authorization(host, credentials);
  const target = (operation: Operation): OpenAITarget => ({
    ...openaiTarget({ model: name, url: joinUrl(base, PATHS[operation]), bearer, mend: mendAnswer }),
    mendChunk,
    extensions: EXTENSIONS,
    ...(operation === 'chat' && { adjust: adjustMessages }),
    ...(authorize && { authorize }),
  });
  const messages: NativeTarget = {
    model: name,
    destination: jsonDestination(
      joinUrl(host, `${isCatalogName ? 'ai-gateway' : 'serving-endpoints'}/anthropic/v1/messages`),
      bearer,
      [['anthropic-version', '2023-06-01']],
    ),
    credentialHeaders: ['authorization'],
    forwardedHeaders: ['anthropic-beta', 'anthropic-version'],
    ...(authorize && { authorize }),
  };
  const responses: NativeTarget = {
    ...responsesTarget({ model: name, base, bearer, counts: false }),
    ...(authorize && { authorize }),
  };
  return {
    targets: { chat: target('chat'), embeddings: target('embeddings') },
    // Of the models served there, those of some makers have their maker's API beside the common one.
    natives: {
      ...(name?.includes('claude') && { anthropic: { chat: messages } }),
      ...(isOfOpenAI(name) && { responses: { chat: responses } }),
    },
    relay: { ...rawRelay(host, relayHeaders(bearer)), rawUrl: modelPath(host, base), ...(authorize && { authorize }) },
    secrets,
  };
}

/** Where models are served: the credential may open all of the workspace, and nothing else of it is a model. */
const SERVING = ['serving-endpoints/', 'ai-gateway/'];

/** A path of the workspace, or, as in MLflow's gateway, one below the base without its last segment. */
function modelPath(host: string, base: string): (path: string) => string {
  const root = withoutLastSegment(base);
  return (path) => {
    if (SERVING.some((start) => path.startsWith(start))) return `${host}/${path}`;
    if (root !== host) return `${root}/${path}`;
    const message = `The path leads to something else than a model: it must begin with ${SERVING.join(' or ')}.`;
    throw new GatewayError('forbidden', message);
  };
}

/** https://docs.databricks.com/aws/en/machine-learning/model-serving/query-openai-responses; its open models are served otherwise. */
function isOfOpenAI(name: string | null): boolean {
  return name !== null && /(?:gpt-(?!oss)|codex)/.test(name);
}

interface Authorization {
  readonly bearer: Secret | null;
  readonly authorize: Authorizer | null;
  readonly secrets: readonly Secret[];
}

function authorization(host: string, credentials: Credentials): Authorization {
  if (credentials.kind === 'token') {
    return { bearer: credentials.token, authorize: null, secrets: [credentials.token] };
  }
  const { id, secret } = credentials;
  const secrets = [secret];
  // The access token in force is as secret as what it was got with.
  const token = accessToken(host, id, secret, (current) => {
    secrets[1] = current;
  });
  return { bearer: null, authorize: () => whenHad(token(), bearerHeader), secrets };
}

function bearerHeader(token: string): RequestHeaders {
  return [['authorization', `Bearer ${token}`]];
}

const common = {
  displayName: 'Databricks',
  schema,
  capabilities: {
    chat: true,
    'chat-stream': true,
    tools: true,
    'tool-stream': true,
    images: true,
    'json-schema': true,
    reasoning: true,
    embeddings: true,
  },
  deploy,
} as const;

export const providers: readonly Provider[] = [
  { name: 'databricks', ...common } satisfies Provider<Settings>,
  { name: 'databricks-model-serving', aliasOf: 'databricks', ...common } satisfies Provider<Settings>,
];
