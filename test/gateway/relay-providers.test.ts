import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'bun:test';
import { createHash, createHmac } from 'node:crypto';
import type { JsonObject } from '../../src/core/types.ts';
import { endpoint, type RunningGateway, startGateway } from '../support/gateway.ts';
import { type RelayUpstream, type SeenRequest, startRelayUpstream } from '../support/relay-upstream.ts';

const KEY = 'sk-canary-secret';
const AWS = { aws_region: 'eu-central-1', aws_access_key_id: 'AKIDEXAMPLE', aws_secret_access_key: KEY };

let upstream: RelayUpstream;
let gateway: RunningGateway;

beforeAll(async () => {
  upstream = startRelayUpstream();
  const { url } = upstream;
  const model = (name: string, provider: string, modelName: string, config: JsonObject) => ({
    ...endpoint(name, 'chat', provider, config),
    model: { provider, name: modelName, config },
  });
  const vertex = (name: string, modelName: string, more: JsonObject = {}) =>
    model(name, 'vertex_ai', modelName, {
      vertex_project: 'p-1',
      vertex_location: 'eu',
      vertex_access_token: KEY,
      vertex_api_base: `${url}/v1`,
      ...more,
    });
  gateway = await startGateway({
    server: { max_request_body: '1MiB' },
    endpoints: [
      model('databricks', 'databricks', 'm', { host: url, token: KEY }),
      model('catalog', 'databricks', 'a.b.c', { host: url, token: KEY }),
      model('oauth', 'databricks', 'm', { host: url, client_id: 'app-1', client_secret: KEY }),
      vertex('gemini', 'gemini-2.5-flash'),
      vertex('claude', 'claude-sonnet-4-5', { vertex_anthropic_betas: ['one'] }),
      vertex('llama', 'meta/llama-4'),
      model('bedrock', 'bedrock', 'm', {
        aws_config: { ...AWS, aws_session_token: 'st-canary', aws_endpoint_url: url },
      }),
      model('bearer', 'bedrock', 'm', {
        aws_config: { aws_bearer_token: KEY, aws_region: 'eu-central-1', aws_endpoint_url: url },
      }),
      model('litellm', 'litellm', 'fireworks_ai/m', { litellm_auth_config: { api_key: KEY, api_base: `${url}/v1` } }),
      model('litellm-mistral', 'litellm', 'mistral/m', {
        litellm_auth_config: { api_key: KEY, api_base: `${url}/v1` },
      }),
      model('tgi', 'huggingface-text-generation-inference', 'm', { hf_server_url: url, hf_api_key: KEY }),
      model('ai21', 'ai21labs', 'jamba', { ai21labs_api_key: KEY, ai21labs_api_base: `${url}/studio/v1` }),
      model('mosaic', 'mosaicml', 'm', { mosaicml_api_key: KEY, mosaicml_api_base: url }),
      model('palm', 'palm', 'm', { palm_api_key: KEY, palm_api_base: `${url}/v1beta3` }),
      model('served', 'mlflow-model-serving', 'm', { model_server_url: url }),
      model('mistral', 'mistral', 'm', { mistral_api_key: KEY, mistral_api_base: `${url}/v1` }),
      model('together', 'togetherai', 'm', { togetherai_api_key: KEY, togetherai_api_base: `${url}/v1` }),
      model('toy', 'simulated', 'm', {}),
      model('planned', 'typesafe', 'm', {}),
    ],
  });
});

afterAll(async () => {
  await gateway.stop();
  upstream.stop();
});

beforeEach(() => {
  upstream.seen.length = 0;
  upstream.answer = () => Response.json({});
});

const proxy = (path: string, init: RequestInit = {}) => fetch(`${gateway.url}/gateway/proxy/${path}`, init);

describe('a raw request reaches', () => {
  test.each([
    ['databricks', 'serving-endpoints/x/invocations', '/serving-endpoints/x/invocations', `Bearer ${KEY}`],
    ['databricks', 'ai-gateway/v1/x', '/ai-gateway/v1/x', `Bearer ${KEY}`],
    ['catalog', 'v1/chat/completions', '/ai-gateway/mlflow/v1/chat/completions', `Bearer ${KEY}`],
    ['gemini', 'v1beta1/projects/p-1/locations/eu/x', '/v1beta1/projects/p-1/locations/eu/x', `Bearer ${KEY}`],
    ['gemini', 'models/g:f', '/v1/projects/p-1/locations/eu/publishers/google/models/g:f', `Bearer ${KEY}`],
    [
      'claude',
      'models/c:rawPredict',
      '/v1/projects/p-1/locations/eu/publishers/anthropic/models/c:rawPredict',
      `Bearer ${KEY}`,
    ],
    [
      'llama',
      'v1/chat/completions',
      '/v1/projects/p-1/locations/eu/endpoints/openapi/chat/completions',
      `Bearer ${KEY}`,
    ],
    ['bearer', 'model/m/converse', '/model/m/converse', `Bearer ${KEY}`],
    ['litellm', 'v1/x', '/v1/x', `Bearer ${KEY}`],
    ['litellm-mistral', 'v1/ocr', '/v1/ocr', `Bearer ${KEY}`],
    ['tgi', 'info', '/info', `Bearer ${KEY}`],
    ['ai21', 'v1/x', '/studio/v1/x', `Bearer ${KEY}`],
    ['mosaic', 'm/v1/predict', '/m/v1/predict', KEY],
    ['palm', 'v1beta3/models', '/v1beta3/models', null],
    ['served', 'version', '/version', null],
  ])('%s at %s', async (name, path, url, authorization) => {
    const response = await proxy(`${name}/${path}?a=1`, {
      method: 'POST',
      body: 'x',
      headers: { authorization: 'no' },
    });
    expect(response.status).toBe(200);
    const { headers, body, url: seen } = upstream.last();
    expect([seen, headers.get('authorization'), String(body)]).toEqual([`${url}?a=1`, authorization, 'x']);
    expect(headers.get('x-goog-api-key')).toBe(name === 'palm' ? KEY : null);
  });

  test('nothing of a workspace of Databricks but its models', async () => {
    for (const path of ['api/2.0/secrets/list', 'serving-endpoints', '%73erving-endpoints/x', 'api/ai-gateway/x']) {
      const response = await proxy(`databricks/${path}`);
      expect([path, response.status, await response.json()]).toMatchObject([
        path,
        403,
        { error: { code: 'forbidden' } },
      ]);
    }
    expect(upstream.seen.length).toBe(0);
  });

  test('a provider with a token that is fetched first, and not shown', async () => {
    upstream.answer = ({ url }) =>
      url === '/oidc/v1/token'
        ? Response.json({ access_token: 'oauth-canary', token_type: 'Bearer', expires_in: 3600 })
        : new Response('no right for oauth-canary', { status: 403 });
    const response = await proxy('oauth/serving-endpoints/x', { method: 'POST', body: 'x' });
    expect([response.status, await response.text()]).toEqual([403, 'no right for ***']);
    expect(upstream.last().headers.get('authorization')).toBe('Bearer oauth-canary');
  });

  test('no provider where no token is given', async () => {
    const lost = await startGateway({
      endpoints: [endpoint('e', 'chat', 'databricks', { host: upstream.url, client_id: 'a', client_secret: KEY })],
    });
    try {
      upstream.answer = () => Response.json({ error: 'invalid_client', error_description: KEY }, { status: 401 });
      const response = await fetch(`${lost.url}/gateway/proxy/e/serving-endpoints/x`, { method: 'POST', body: 'x' });
      const text = await response.text();
      expect([response.status, text]).toEqual([502, expect.stringContaining('invalid_client: ***')]);
      expect(upstream.seen.length).toBe(1);
    } finally {
      await lost.stop();
    }
  });

  test('Claude on Vertex AI with the beta features that are allowed', async () => {
    await proxy('claude/models/c:rawPredict', { method: 'POST', headers: { 'anthropic-beta': 'one,two' } });
    expect(upstream.last().headers.get('anthropic-beta')).toBe('one');
    await proxy('claude/models/c:rawPredict', { method: 'POST', headers: { 'anthropic-beta': 'two' } });
    expect(upstream.last().headers.get('anthropic-beta')).toBeNull();
  });

  test('no provider where there is none, and the answer says why', async () => {
    const said = async (name: string) => {
      const response = await proxy(`${name}/v1/x`);
      return [response.status, ((await response.json()) as { error: { message: string } }).error.message];
    };
    expect(await said('toy')).toEqual([
      501,
      'The proxy route is not implemented for Simulated models. It answers by itself, and there is no provider behind it.',
    ]);
    expect(await said('planned')).toEqual([501, 'The proxy route is not implemented for TypeSafe models.']);
  });
});

const sha256 = (data: string | Buffer) => createHash('sha256').update(data).digest('hex');
const hmac = (key: string | Buffer, data: string) => createHmac('sha256', key).update(data).digest();

/** The signature that the request should have, worked out as AWS documents it. */
function expectedSignature({ method, url, headers, body }: SeenRequest, signedHeaders: string): string {
  const [path = '', query = ''] = url.split('?');
  const escaped = path.split('/').map(encodeURIComponent).join('/');
  const lines = signedHeaders.split(';').map((name) => `${name}:${headers.get(name)}\n`);
  const canonical = [method, escaped, query, lines.join(''), signedHeaders, sha256(body)].join('\n');
  const date = headers.get('x-amz-date') ?? '';
  const scope = `${date.slice(0, 8)}/eu-central-1/bedrock/aws4_request`;
  const key = scope.split('/').reduce<string | Buffer>((secret, part) => hmac(secret, part), `AWS4${KEY}`);
  return hmac(key, `AWS4-HMAC-SHA256\n${date}\n${scope}\n${sha256(canonical)}`).toString('hex');
}

describe('a raw request to Amazon Bedrock', () => {
  const signed = (request: SeenRequest) =>
    /^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/\S+, SignedHeaders=(\S+), Signature=(\w+)$/.exec(
      request.headers.get('authorization') ?? '',
    );

  test('is signed over its bytes, in place of what the client signed', async () => {
    const headers = {
      'content-type': 'application/json',
      accept: 'application/vnd.amazon.eventstream',
      authorization: 'AWS4-HMAC-SHA256 Credential=CLIENT/x, SignedHeaders=host, Signature=0',
      'x-amz-date': '20150830T123600Z',
      'x-amz-security-token': 'client',
      'x-amz-content-sha256': 'client',
      'x-amzn-bedrock-guardrailidentifier': 'g-1',
      'x-amzn-trace-id': 'proxy',
      'x-custom': 'a',
    };
    const body = Buffer.from('{"messages":[{"role":"user","content":[{"text":"Grüße \\u0000"}]}]}');
    const path = 'model/eu.anthropic.claude%3A0/converse-stream?a=1&b=c%20d';
    expect((await proxy(`bedrock/${path}`, { method: 'POST', body, headers })).status).toBe(200);
    const seen = upstream.last();
    expect([seen.url, seen.body.equals(body)]).toEqual([`/${path}`, true]);
    const [, names = '', signature] = signed(seen) ?? [];
    expect(names.split(';')).toEqual(
      expect.arrayContaining(['host', 'x-amz-date', 'x-amz-security-token', 'x-amzn-bedrock-guardrailidentifier']),
    );
    expect(signature).toBe(expectedSignature(seen, names));
    expect(seen.headers.get('x-amz-security-token')).toBe('st-canary');
    expect(seen.headers.get('x-amz-date')).not.toBe('20150830T123600Z');
    expect([seen.headers.get('x-amz-content-sha256'), seen.headers.get('x-amzn-trace-id')]).toEqual([null, null]);
    expect([seen.headers.get('accept'), seen.headers.get('x-custom')]).toEqual([headers.accept, 'a']);
  });

  test('without a body is signed as well', async () => {
    await proxy('bedrock/async-invoke?maxResults=2');
    const seen = upstream.last();
    const [, names = '', signature] = signed(seen) ?? [];
    expect([seen.method, signature]).toEqual(['GET', expectedSignature(seen, names)]);
  });

  test('that comes in pieces is read whole, up to the size of a body that is kept', async () => {
    const pieces = (count: number) =>
      new ReadableStream({
        async start(controller) {
          for (let index = 0; index < count; index++) {
            controller.enqueue(Buffer.alloc(100_000, index));
            await Bun.sleep(1);
          }
          controller.close();
        },
      });
    expect((await proxy('bedrock/model/m/invoke', { method: 'POST', body: pieces(3) })).status).toBe(200);
    const seen = upstream.last();
    const [, names = '', signature] = signed(seen) ?? [];
    expect([seen.body.length, signature]).toEqual([300_000, expectedSignature(seen, names)]);
    for (const body of [pieces(12), Buffer.alloc(1_100_000)]) {
      const response = await proxy('bedrock/model/m/invoke', { method: 'POST', body });
      expect([response.status, await response.json()]).toMatchObject([413, { error: { code: 'body_too_large' } }]);
    }
    expect(upstream.seen.length).toBe(1);
  });

  test('does not show the credential that an error quotes', async () => {
    upstream.answer = ({ headers }) =>
      Response.json(
        { message: `The canonical string: x-amz-security-token:${headers.get('x-amz-security-token')}` },
        {
          status: 403,
        },
      );
    const response = await proxy('bedrock/model/m/converse', { method: 'POST', body: '{}' });
    expect([response.status, await response.text()]).toEqual([
      403,
      expect.stringContaining('x-amz-security-token:***'),
    ]);
  });
});

describe('files and batches', () => {
  const named = { headers: { 'x-sluice-endpoint': 'together' } };

  test('of TogetherAI: an upload has a path of its own', async () => {
    for (const path of ['/v1/files', '/v1/files/upload']) {
      const form = new FormData();
      form.append('purpose', 'batch-api');
      form.append('file', new Blob(['{}']), 'b.jsonl');
      await fetch(`${gateway.url}${path}`, { method: 'POST', body: form, ...named });
      expect([upstream.last().url, upstream.last().form?.get('purpose')]).toEqual(['/v1/files/upload', 'batch-api']);
    }
    await fetch(`${gateway.url}/v1/files?limit=1`, named);
    expect(upstream.last().url).toBe('/v1/files?limit=1');
    await fetch(`${gateway.url}/v1/batches/b-1/cancel`, { method: 'POST', ...named });
    expect(upstream.last().url).toBe('/v1/batches/b-1/cancel');
  });

  test('of Mistral: batches are jobs, and a file has a URL', async () => {
    const job = { input_files: ['f-1'], model: 'x', endpoint: '/v1/chat/completions' };
    const init = { headers: { 'x-sluice-endpoint': 'mistral', 'content-type': 'application/json' } };
    await fetch(`${gateway.url}/v1/batch/jobs`, { method: 'POST', body: JSON.stringify(job), ...init });
    expect([upstream.last().url, JSON.parse(String(upstream.last().body))]).toEqual(['/v1/batch/jobs', job]);
    await fetch(`${gateway.url}/v1/batch/jobs?page=2`, init);
    expect(upstream.last().url).toBe('/v1/batch/jobs?page=2');
    await fetch(`${gateway.url}/v1/batch/jobs/j-1/cancel`, { method: 'POST', ...init });
    expect(upstream.last().url).toBe('/v1/batch/jobs/j-1/cancel');
    await fetch(`${gateway.url}/v1/files/f-1/url?expiry=24`, init);
    expect(upstream.last().url).toBe('/v1/files/f-1/url?expiry=24');
    expect((await fetch(`${gateway.url}/v1/batches`, init)).status).toBe(501);
    expect((await fetch(`${gateway.url}/v1/batch/jobs?endpoint=together`)).status).toBe(501);
  });
});
