import { afterEach, beforeEach, expect, test } from 'bun:test';
import { createKeyResolver, withKeyResolver } from '../../config/keys.ts';
import { Changes } from '../../core/neutral/changes.ts';
import type { NeutralChatRequest } from '../../core/neutral/request.ts';
import { Secret } from '../../core/secret.ts';
import type { JsonObject, Operation } from '../../core/types.ts';
import type { TranslatedTarget } from '../provider.ts';
import { schema } from './config.ts';
import { providers } from './index.ts';

const SAVED = { ...process.env };

function withoutAwsVariables(): void {
  for (const name of Object.keys(process.env)) if (name.startsWith('AWS_')) delete process.env[name];
}

beforeEach(() => {
  withoutAwsVariables();
  process.env.AWS_CONFIG_FILE = '/nonexistent';
});

afterEach(() => {
  withoutAwsVariables();
  Object.assign(process.env, SAVED);
});

const CLAUDE = 'anthropic.claude-3-haiku-20240307-v1:0';
const HELLO: NeutralChatRequest = {
  operation: 'chat',
  surface: 'standard',
  messages: [{ role: 'user', parts: [{ type: 'text', text: 'Hello' }], rest: {} }],
  tools: [],
  settings: {},
  stream: false,
  rest: {},
};

function configure(aws: JsonObject, environment: Record<string, string> = {}) {
  return withKeyResolver(createKeyResolver(environment), () => schema.parse({ aws_config: aws }));
}

function targetOf(aws: JsonObject, operation: Operation = 'chat', name = CLAUDE, environment = {}): TranslatedTarget {
  const [bedrock] = providers;
  const target = bedrock?.deploy({ name, config: configure(aws, environment) }).targets[operation];
  if (!target || target.wire === 'openai') throw new Error('no target of that kind');
  return target;
}

function headerOf({ destination }: TranslatedTarget, wanted: string): string | undefined {
  const [, value] = destination.headers.find(([name]) => name === wanted) ?? [];
  return value instanceof Secret ? value.expose() : value;
}

test('amazon-bedrock is another name of bedrock', () => {
  expect(providers.map(({ name, aliasOf }) => [name, aliasOf])).toEqual([
    ['bedrock', undefined],
    ['amazon-bedrock', 'bedrock'],
  ]);
});

test('keys, regions and roles may come from the environment, named in either way', () => {
  const environment = { TOKEN: 'from-env', REGION: 'eu-west-1' };
  // biome-ignore lint/suspicious/noTemplateCurlyInString: this is how a configuration names a variable.
  const target = targetOf({ aws_bearer_token: '${TOKEN}', aws_region: '$REGION' }, 'chat', CLAUDE, environment);
  expect(headerOf(target, 'authorization')).toBe('Bearer from-env');
  expect(target.destination.url).toStartWith('https://bedrock-runtime.eu-west-1.amazonaws.com/');
  expect(() => configure({ aws_access_key_id: '$MISSING', aws_secret_access_key: 's' })).toThrow(/MISSING/);
});

test('half a pair of access keys is refused', () => {
  expect(() => configure({ aws_access_key_id: 'AKIDEXAMPLE' })).toThrow(/belong together/);
  expect(() => configure({ aws_secret_access_key: 's', aws_region: 'us-east-1' })).toThrow(/belong together/);
});

test('a bearer token without a region is refused with the request, as MLflow does', () => {
  const { wire } = targetOf({ aws_bearer_token: 'btok' });
  expect(() => wire.encode(HELLO, new Changes())).toThrow(
    expect.objectContaining({
      status: 400,
      message: expect.stringMatching(/^aws_region_name is required for Bedrock API key authentication\./),
    }),
  );
  expect(() => targetOf({}).wire.encode(HELLO, new Changes())).toThrow(/^No AWS region is known/);
});

test('the endpoint can be another one', () => {
  const aws = { aws_bearer_token: 'b', aws_region: 'us-east-1' };
  const path = '/model/anthropic.claude-3-haiku-20240307-v1%3A0/converse';
  expect(targetOf({ ...aws, aws_endpoint_url: 'https://vpce.example/' }).destination.url).toBe(
    `https://vpce.example${path}`,
  );
  process.env.AWS_ENDPOINT_URL = 'https://all.example';
  expect(targetOf(aws).destination.url).toBe(`https://all.example${path}`);
  process.env.AWS_ENDPOINT_URL_BEDROCK_RUNTIME = 'https://bedrock.example/base';
  expect(targetOf(aws).destination.url).toBe(`https://bedrock.example/base${path}`);
});

test('AWS_BEARER_TOKEN_BEDROCK is one of the default credentials, and only of them', () => {
  process.env.AWS_BEARER_TOKEN_BEDROCK = 'btok';
  const aws = { aws_region: 'us-east-1' };
  expect(headerOf(targetOf(aws), 'authorization')).toBe('Bearer btok');
  const keys = { ...aws, aws_access_key_id: 'AKIDEXAMPLE', aws_secret_access_key: 'test-secret' };
  expect(headerOf(targetOf(keys), 'authorization')).toBeUndefined();
});

test('access keys sign each request', async () => {
  const keys = { aws_access_key_id: 'AKIDEXAMPLE', aws_secret_access_key: 'test-secret', aws_session_token: 'session' };
  const target = targetOf({ ...keys, aws_region: 'us-east-1' });
  const headers = new Map(await target.authorize?.({ destination: target.destination, body: '{}' }));
  expect(headers.get('authorization')).toMatch(
    /^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/\d{8}\/us-east-1\/bedrock\/aws4_request, SignedHeaders=content-type;host;x-amz-date;x-amz-security-token, Signature=[0-9a-f]{64}$/,
  );
  expect(headers.get('x-amz-security-token')).toBe('session');
});

test('secrets are named, so that nothing prints them', () => {
  const [bedrock] = providers;
  const keys = { aws_access_key_id: 'AKIDEXAMPLE', aws_secret_access_key: 'test-secret', aws_session_token: 'session' };
  const secrets = (aws: JsonObject) =>
    bedrock
      ?.deploy({ name: CLAUDE, config: configure({ ...aws, aws_region: 'r' }) })
      .secrets.map((one) => one.expose());
  expect(secrets(keys)).toEqual(['test-secret', 'session']);
  expect(secrets({ aws_bearer_token: 'btok' })).toEqual(['btok']);
});

test('streams go elsewhere, media is sent inline, and only Cohere embeds many texts at once', () => {
  const aws = { aws_bearer_token: 'b', aws_region: 'us-east-1' };
  expect(targetOf(aws).streamDestination?.url).toEndWith('/converse-stream');
  expect(targetOf(aws).inlineMedia).toBe(true);
  expect(targetOf(aws, 'embeddings', 'amazon.titan-embed-text-v2:0').oneInput).toBe(true);
  expect(targetOf(aws, 'embeddings', 'cohere.embed-english-v3').oneInput).toBe(false);
});
