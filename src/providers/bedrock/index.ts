import { GatewayError } from '../../core/errors.ts';
import { Secret } from '../../core/secret.ts';
import type { Destination } from '../../upstream/port.ts';
import { joinUrl } from '../openai-target.ts';
import type { Authorizer, Deployment, ModelSettings, Provider, TranslatedTarget } from '../provider.ts';
import type { Wire } from '../wire.ts';
import { type Config, schema } from './config.ts';
import { type AccessKeys, defaultCredentials, fixedCredentials, roleCredentials } from './credentials.ts';
import { readError } from './errors.ts';
import { completionsWire } from './invoke/completions.ts';
import { embeddingsWire, takesManyTexts } from './invoke/embeddings.ts';
import { type Model, modelUrl, readModel, textFormatOf } from './models.ts';
import { findRegion, regionalEndpoint } from './region.ts';
import { bedrockRelay } from './relay.ts';
import { sigV4 } from './signature.ts';
import { converseWire } from './wire.ts';

type AwsConfig = Config['aws_config'];

/** How requests of one model get to AWS. */
export interface Access {
  readonly base: string;
  readonly headers: Destination['headers'];
  readonly authorize?: Authorizer;
  readonly secrets: readonly Secret[];
}

/** https://docs.aws.amazon.com/bedrock/latest/userguide/inference-api.html */
function deploy({ name, config }: ModelSettings<Config>): Deployment {
  const model = readModel(name ?? '');
  const aws = config.aws_config;
  const region = findRegion(aws.aws_region, model.id, process.env);
  const access = region === null ? unreachable : accessWith(aws, region);
  const problem = region === null ? missingRegion(aws) : null;
  const target = (action: string, wire: Wire): TranslatedTarget => ({
    wire: problem ? refusing(wire, problem) : wire,
    destination: destination(access, model, action),
    readError,
    requestIdHeader: 'x-amzn-requestid',
    ...(access.authorize && { authorize: access.authorize }),
  });
  const converse = (operation: 'chat' | 'completions'): TranslatedTarget => ({
    ...target('converse', converseWire(operation, model)),
    streamDestination: destination(access, model, 'converse-stream'),
    inlineMedia: true,
  });
  return {
    targets: {
      chat: converse('chat'),
      completions: completionsTarget(model, target, converse),
      embeddings: { ...target('invoke', embeddingsWire(model)), oneInput: !takesManyTexts(model) },
    },
    relay: bedrockRelay(access, problem),
    secrets: access.secrets,
  };
}

function completionsTarget(
  model: Model,
  target: (action: string, wire: Wire) => TranslatedTarget,
  converse: (operation: 'completions') => TranslatedTarget,
): TranslatedTarget {
  const format = textFormatOf(model);
  if (format !== null) return target('invoke', completionsWire(format));
  const chat = converse('completions');
  const isKnown = model.vendor !== null || model.id.startsWith('arn:');
  const unknown = new GatewayError('invalid_body', 'Unknown Amazon Bedrock model type None');
  return isKnown ? chat : { ...chat, wire: refusing(chat.wire, unknown) };
}

function destination({ base, headers }: Access, model: Model, action: string): Destination {
  return { method: 'POST', url: modelUrl(base, model.id, action), headers };
}

const CONTENT_TYPE = ['content-type', 'application/json'] as const;

function accessWith(aws: AwsConfig, region: string): Access {
  const override = aws.aws_endpoint_url || process.env.AWS_ENDPOINT_URL_BEDROCK_RUNTIME || process.env.AWS_ENDPOINT_URL;
  const base = joinUrl(override || regionalEndpoint(region), '').slice(0, -1);
  const keys = accessKeys(aws);
  const bearer = bearerToken(aws, keys);
  if (bearer) {
    const authorization = new Secret(`Bearer ${bearer.expose()}`);
    return { base, headers: [CONTENT_TYPE, ['authorization', authorization]], secrets: [bearer] };
  }
  const secrets = keys ? [keys.secret, ...(keys.sessionToken ? [keys.sessionToken] : [])] : [];
  const authorize = sigV4({ credentials: credentialsOf(aws, keys, region), region });
  return { base, headers: [CONTENT_TYPE], authorize, secrets };
}

function accessKeys(aws: AwsConfig): AccessKeys | null {
  const { aws_access_key_id: id, aws_secret_access_key: secret, aws_session_token: sessionToken } = aws;
  return id && secret ? { id, secret, sessionToken } : null;
}

/** The variable is part of AWS's default credentials: https://docs.aws.amazon.com/bedrock/latest/userguide/api-keys-use.html */
function bearerToken(aws: AwsConfig, keys: AccessKeys | null): Secret | null {
  if (aws.aws_bearer_token) return aws.aws_bearer_token;
  const isDefault = keys === null && aws.aws_role_arn === undefined;
  const variable = process.env.AWS_BEARER_TOKEN_BEDROCK;
  return isDefault && variable ? new Secret(variable) : null;
}

function credentialsOf(aws: AwsConfig, keys: AccessKeys | null, region: string) {
  const { aws_role_arn: arn, session_length_seconds: sessionSeconds } = aws;
  if (arn !== undefined) return roleCredentials({ arn, sessionSeconds, region, keys });
  return keys ? fixedCredentials(keys) : defaultCredentials();
}

const unreachable: Access = { base: 'https://bedrock-runtime.invalid', headers: [], secrets: [] };

/** MLflow finds out with the request, and so its message stands there. */
function missingRegion(aws: AwsConfig): GatewayError {
  const hint = 'Set aws_region in aws_config, or the environment variable AWS_REGION.';
  const text = bearerToken(aws, accessKeys(aws))
    ? `aws_region_name is required for Bedrock API key authentication. ${hint}`
    : `No AWS region is known for Amazon Bedrock. ${hint}`;
  return new GatewayError('invalid_request', text);
}

function refusing({ decode, stream }: Wire, error: GatewayError): Wire {
  return {
    encode: () => {
      throw error;
    },
    decode,
    ...(stream && { stream }),
  };
}

const bedrock: Provider<Config> = {
  name: 'bedrock',
  displayName: 'Amazon Bedrock',
  conventionalName: 'aws.bedrock',
  schema,
  capabilities: {
    chat: true,
    'chat-stream': true,
    tools: true,
    'tool-stream': true,
    images: 'PNG, JPEG, GIF and WebP; by URL: fetched by the gateway',
    documents: 'by URL: fetched by the gateway; an s3:// address as the id of a file',
    'json-schema': 'enforced where the model can, else asked for',
    reasoning: true,
    'prompt-cache': 'Claude and Nova',
    completions: true,
    'completions-stream': 'models that Converse knows',
    embeddings: 'Titan and Cohere',
  },
  deploy,
};

export const providers: readonly Provider[] = [
  bedrock satisfies Provider<Config>,
  { ...bedrock, name: 'amazon-bedrock', aliasOf: 'bedrock' } satisfies Provider<Config>,
];
