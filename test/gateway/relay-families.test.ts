import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'bun:test';
import OpenAI, { toFile } from 'openai';
import { RELAY_ROUTES } from '../../src/gateway/relay/routes.ts';
import { endpoint, openaiEndpoint, type RunningGateway, startGateway } from '../support/gateway.ts';
import { fileIn, type RelayUpstream, startRelayUpstream } from '../support/relay-upstream.ts';

const KEY = 'sk-canary-secret';
const CLIENT_KEY = 'client-key';

let upstream: RelayUpstream;
let gateway: RunningGateway;
let client: OpenAI;

beforeAll(async () => {
  upstream = startRelayUpstream();
  const { url } = upstream;
  const model = (name: string, provider: string, config: Record<string, string>) => ({
    ...endpoint(name, 'chat', provider, config),
    model: { provider, name: `${name}-model`, config },
  });
  gateway = await startGateway({
    endpoints: [
      model('media', 'openai', { openai_api_key: KEY, openai_api_base: `${url}/v1` }),
      openaiEndpoint('limited', 'chat', `${url}/v1`, { limit: { calls: 2, renewal_period: 'hour' } }),
      model('elsewhere', 'openai', { openai_api_key: 'sk-other-account', openai_api_base: `${url}/v1` }),
      model('ranker', 'cohere', { cohere_api_key: KEY, cohere_api_base: url }),
      model('together', 'togetherai', { togetherai_api_key: KEY, togetherai_api_base: `${url}/v1` }),
      model('azure', 'azure', {
        openai_api_key: KEY,
        openai_api_type: 'azure',
        openai_api_base: url,
        openai_deployment_name: 'd 1',
        openai_api_version: '2024-10-21',
      }),
      model('claude', 'anthropic', { anthropic_api_key: KEY }),
      endpoint('toy', 'chat', 'simulated', {}),
    ],
    routes: [{ name: 'split', task_type: 'llm/v1/chat', destinations: [{ name: 'media', traffic_percentage: 100 }] }],
  });
  client = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: CLIENT_KEY, maxRetries: 0 });
});

afterAll(async () => {
  await gateway.stop();
  upstream.stop();
});

beforeEach(() => {
  upstream.seen.length = 0;
  upstream.answer = () => Response.json({});
});

async function metric(line: string): Promise<number> {
  const text = await (await fetch(`${gateway.url}/metrics`)).text();
  const found = text.split('\n').find((candidate) => candidate.startsWith(line));
  return found === undefined ? 0 : Number(found.slice(found.lastIndexOf(' ') + 1));
}

describe('images', () => {
  test('are made, and their tokens counted', async () => {
    const usage = { input_tokens: 9, output_tokens: 41, total_tokens: 50, output_tokens_details: { image_tokens: 41 } };
    upstream.answer = () => Response.json({ created: 1, data: [{ b64_json: 'A'.repeat(300_000) }], usage });
    const before = await metric(
      'sluice_tokens_total{endpoint="media",provider="openai",model="media-model",type="output_image"}',
    );
    const image = await client.images.generate({ model: 'media', prompt: 'a "cat"', n: 1, size: '1024x1024' });
    expect(image.data?.[0]?.b64_json?.length).toBe(300_000);
    const { method, url, headers, body } = upstream.last();
    expect([method, url]).toEqual(['POST', '/v1/images/generations']);
    expect(JSON.parse(String(body))).toEqual({ model: 'media-model', prompt: 'a "cat"', n: 1, size: '1024x1024' });
    expect(headers.get('authorization')).toBe(`Bearer ${KEY}`);
    expect(headers.get('user-agent')).toBe('sluice');
    const after = await metric(
      'sluice_tokens_total{endpoint="media",provider="openai",model="media-model",type="output_image"}',
    );
    expect(after - before).toBe(41);
  });

  test('are edited: the form goes on as it is, but for its model', async () => {
    const picture = Buffer.from(Array.from({ length: 70_000 }, (_, index) => index & 0xff));
    await client.images.edit({
      image: await toFile(picture, 'é.png', { type: 'image/png' }),
      model: 'media',
      prompt: 'more cats',
    });
    const { url, form, headers, body } = upstream.last();
    expect(url).toBe('/v1/images/edits');
    expect([form?.get('model'), form?.get('prompt')]).toEqual(['media-model', 'more cats']);
    const file = fileIn(upstream.last(), 'image');
    expect([file.name, file.type]).toEqual(['é.png', 'image/png']);
    expect(Buffer.from(await file.arrayBuffer()).equals(picture)).toBe(true);
    expect(headers.get('content-length')).toBe(String(body.length));
  });

  test('come as events while they are made', async () => {
    const events = [
      { type: 'image_generation.partial_image', b64_json: 'AA', partial_image_index: 0 },
      {
        type: 'image_generation.completed',
        b64_json: 'AAAA',
        usage: { input_tokens: 1, output_tokens: 2, total_tokens: 3 },
      },
    ];
    const text = events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join('');
    upstream.answer = () => new Response(text, { headers: { 'content-type': 'text/event-stream' } });
    const stream = await client.images.generate({ model: 'media', prompt: 'x', stream: true });
    const types: string[] = [];
    for await (const event of stream) types.push(event.type);
    expect(types).toEqual(['image_generation.partial_image', 'image_generation.completed']);
  });
});

describe('audio', () => {
  test('is spoken: the answer is bytes', async () => {
    const sound = Buffer.from(Array.from({ length: 200_000 }, (_, index) => (index * 31) & 0xff));
    upstream.answer = () => new Response(sound, { headers: { 'content-type': 'audio/mpeg' } });
    const answer = await client.audio.speech.create({ model: 'media', voice: 'alloy', input: 'hello' });
    expect(answer.headers.get('content-type')).toBe('audio/mpeg');
    expect(Buffer.from(await answer.arrayBuffer()).equals(sound)).toBe(true);
    expect(upstream.last().url).toBe('/v1/audio/speech');
  });

  test('is transcribed, with the model behind the file, and its tokens counted', async () => {
    const usage = { type: 'tokens', input_tokens: 14, output_tokens: 5, total_tokens: 19 };
    upstream.answer = () => Response.json({ text: 'hello', usage });
    const before = await metric(
      'sluice_tokens_total{endpoint="media",provider="openai",model="media-model",type="input"}',
    );
    const recording = Buffer.alloc(3_000_000, 7);
    const { text } = await client.audio.transcriptions.create({
      file: await toFile(recording, 'a.mp3'),
      model: 'media',
      language: 'en',
    });
    expect(text).toBe('hello');
    const { form, url } = upstream.last();
    expect([url, form?.get('model'), form?.get('language')]).toEqual(['/v1/audio/transcriptions', 'media-model', 'en']);
    expect(fileIn(upstream.last(), 'file').size).toBe(3_000_000);
    expect(
      (await metric('sluice_tokens_total{endpoint="media",provider="openai",model="media-model",type="input"}')) -
        before,
    ).toBe(14);
  });

  test('is transcribed to plain text, and translated', async () => {
    upstream.answer = () => new Response('hello\n', { headers: { 'content-type': 'text/plain; charset=utf-8' } });
    const file = await toFile(Buffer.from('x'), 'a.wav');
    const text: unknown = await client.audio.translations.create({ file, model: 'media', response_format: 'text' });
    expect(text).toBe('hello\n');
    expect(upstream.last().url).toBe('/v1/audio/translations');
  });

  test('whose form names no endpoint is led by the header or the query', async () => {
    const form = () => {
      const data = new FormData();
      data.append('file', new Blob([Buffer.alloc(100_000)]), 'a.mp3');
      return data;
    };
    const url = `${gateway.url}/v1/audio/transcriptions`;
    const byHeader = await fetch(url, { method: 'POST', body: form(), headers: { 'x-sluice-endpoint': 'media' } });
    expect(byHeader.status).toBe(200);
    expect([upstream.last().form?.has('model'), upstream.last().headers.has('x-sluice-endpoint')]).toEqual([
      false,
      false,
    ]);
    const named = form();
    named.append('model', 'whatever the client calls it');
    expect((await fetch(`${url}?endpoint=media&x=1`, { method: 'POST', body: named })).status).toBe(200);
    expect([upstream.last().form?.get('model'), upstream.last().url]).toEqual([
      'media-model',
      '/v1/audio/transcriptions?x=1',
    ]);
    const without = await fetch(url, { method: 'POST', body: form() });
    expect([without.status, await without.json()]).toMatchObject([400, { error: { param: 'model' } }]);
  });
});

describe('moderations and ranking', () => {
  test('go to the provider, and what is not asked about keeps its bytes', async () => {
    upstream.answer = () => Response.json({ id: 'm', model: 'x', results: [{ flagged: false }] });
    const { results } = await client.moderations.create({ model: 'media', input: 'hi' });
    expect(results[0]?.flagged).toBe(false);
    const text = '{ "query" : "q", "n": 1.0e2,\n"model":"media","documents":["é","\\u00e9"] }';
    await fetch(`${gateway.url}/v1/rerank`, { method: 'POST', body: text });
    expect(String(upstream.last().body)).toBe(text.replace('"media"', '"media-model"'));
  });

  test('each version of Cohere’s keeps its path, and Jina’s shape goes to the one that there is', async () => {
    const body = { query: 'q', documents: ['a', 'b'] };
    const rank = (version: string, model: string) =>
      gateway.post(`/${version}/rerank`, { ...body, model }).then((response) => response.status);
    expect([await rank('v1', 'ranker'), await rank('v2', 'ranker')]).toEqual([200, 200]);
    expect([await rank('v1', 'together'), await rank('v2', 'together')]).toEqual([200, 200]);
    expect(upstream.seen.map(({ url }) => url)).toEqual(['/v1/rerank', '/v2/rerank', '/v1/rerank', '/v1/rerank']);
    expect(JSON.parse(String(upstream.last().body))).toEqual({ ...body, model: 'together-model' });
  });
});

describe('files and batches', () => {
  const headers = { 'x-sluice-endpoint': 'media' };

  test('are uploaded, listed, read and deleted', async () => {
    const lines = Buffer.alloc(5_000_000, '{"custom_id":"1"}\n');
    upstream.answer = ({ method, url }) => {
      if (url.endsWith('/content'))
        return new Response(lines, { headers: { 'content-type': 'application/octet-stream' } });
      if (method === 'GET' && url.startsWith('/v1/files?'))
        return Response.json({ data: [{ id: 'f-1' }], has_more: false });
      return Response.json({ id: 'f-1', object: 'file' });
    };
    const created = await client.files.create({ file: await toFile(lines, 'b.jsonl'), purpose: 'batch' }, { headers });
    expect(created.id).toBe('f-1');
    expect(fileIn(upstream.last(), 'file').size).toBe(5_000_000);
    expect(upstream.last().form?.get('purpose')).toBe('batch');
    const listed = await client.files.list({ limit: 2, purpose: 'batch' }, { headers });
    expect(listed.data[0]?.id).toBe('f-1');
    expect(upstream.last().url).toBe('/v1/files?limit=2&purpose=batch');
    expect((await client.files.retrieve('f-1', { headers })).id).toBe('f-1');
    const content = await client.files.content('f-1', { headers });
    expect((await content.arrayBuffer()).byteLength).toBe(5_000_000);
    await client.files.delete('f-1', { headers });
    expect([upstream.last().method, upstream.last().url]).toEqual(['DELETE', '/v1/files/f-1']);
  });

  test('are made into batches', async () => {
    const input = { input_file_id: 'f-1', endpoint: '/v1/chat/completions', completion_window: '24h' } as const;
    await client.batches.create(input, { headers });
    expect(JSON.parse(String(upstream.last().body))).toEqual(input);
    await client.batches.cancel('b-1', { headers });
    expect(upstream.last().url).toBe('/v1/batches/b-1/cancel');
    await client.batches.list({}, { headers });
    expect(upstream.last().headers.get('authorization')).toBe(`Bearer ${KEY}`);
  });

  test('of more than one account need to say of which', async () => {
    const refused: unknown = await client.files.list().then(
      () => null,
      (error: unknown) => error,
    );
    expect(String(refused)).toContain('More than one account has files');
    await fetch(`${gateway.url}/v1/files?endpoint=elsewhere&limit=1`);
    expect(upstream.last().headers.get('authorization')).toBe('Bearer sk-other-account');
    expect(upstream.last().url).toBe('/v1/files?limit=1');
  });

  test('of the one account there is need no name', async () => {
    const alone = await startGateway({
      endpoints: ['a', 'b'].map((name) => openaiEndpoint(name, 'chat', `${upstream.url}/v1`)),
    });
    try {
      expect((await fetch(`${alone.url}/v1/files`)).status).toBe(200);
      expect(upstream.last().headers.get('authorization')).toBe(`Bearer ${KEY}`);
    } finally {
      await alone.stop();
    }
  });

  test('have no ids that lead elsewhere', async () => {
    for (const id of ['..%2Fmodels', 'a%00', '%252e', 'a%5cb']) {
      expect((await fetch(`${gateway.url}/v1/files/${id}`, { headers })).status).toBe(400);
    }
    expect(upstream.seen.length).toBe(0);
  });
});

describe('Azure', () => {
  test('names the model in the path, and its version in the query', async () => {
    await gateway.post('/v1/images/generations', { model: 'azure', prompt: 'x' });
    expect(upstream.last().url).toBe('/openai/deployments/d%201/images/generations?api-version=2024-10-21');
    expect(JSON.parse(String(upstream.last().body))).toEqual({ prompt: 'x' });
    expect(upstream.last().headers.get('api-key')).toBe(KEY);
    await fetch(`${gateway.url}/v1/files?endpoint=azure&limit=3`);
    expect(upstream.last().url).toBe('/openai/files?api-version=2024-10-21&limit=3');
  });
});

describe('errors', () => {
  test('of the provider are raised as the client’s own, credentials untold', async () => {
    const error = {
      message: `bad prompt for ${KEY}`,
      type: 'image_error',
      param: 'prompt',
      code: 'moderation_blocked',
    };
    upstream.answer = () => Response.json({ error }, { status: 400, headers: { 'x-request-id': 'r-1' } });
    const failure: unknown = await client.images
      .generate({ model: 'media', prompt: 'x' })
      .catch((thrown: unknown) => thrown);
    expect(failure).toBeInstanceOf(OpenAI.BadRequestError);
    expect(failure).toMatchObject({ status: 400, code: 'moderation_blocked', param: 'prompt', type: 'image_error' });
    expect(String(failure)).toContain('bad prompt for ***');
    upstream.answer = () => Response.json({ message: 'invalid api token' }, { status: 401 });
    const plain = await gateway.post('/v2/rerank', { model: 'ranker', query: 'q', documents: [] });
    expect([plain.status, await plain.json()]).toMatchObject([401, { error: { message: 'invalid api token' } }]);
  });

  test('of the gateway are in OpenAI’s shape', async () => {
    const post = async (path: string, body: unknown) => {
      const response = await gateway.post(path, body);
      const { error } = (await response.json()) as { error: { message: string; code: string } };
      return [response.status, error.code, error.message];
    };
    expect(await post('/v1/images/generations', { prompt: 'x' })).toEqual([
      400,
      'invalid_request',
      "Missing required parameter: 'model'. It names the endpoint.",
    ]);
    expect((await post('/v1/images/generations', { model: 'nobody' })).slice(0, 2)).toEqual([404, 'model_not_found']);
    expect((await post('/v1/images/generations', '{"model":'))[0]).toBe(400);
    expect((await post('/v1/images/generations', '[]'))[0]).toBe(400);
    expect(await post('/v1/images/generations', { model: 'ranker' })).toEqual([
      501,
      'not_implemented',
      'The images route is not implemented for Cohere models.',
    ]);
    expect((await post('/v1/rerank', { model: 'claude' }))[0]).toBe(501);
    expect((await post('/v1/audio/speech', { model: 'toy' }))[0]).toBe(501);
    const wrong = await fetch(`${gateway.url}/v1/files/x`, { method: 'PUT' });
    expect([wrong.status, wrong.headers.get('allow')]).toEqual([405, 'GET, DELETE']);
    expect((await fetch(`${gateway.url}/v1/files/x/y/z`)).status).toBe(404);
    expect((await fetch(`${gateway.url}/v1/images/generations`)).status).toBe(405);
    expect(upstream.seen.length).toBe(0);
  });

  test('name what is wrong with a form', async () => {
    const post = async (body: string, type = 'multipart/form-data; boundary=B') => {
      const response = await fetch(`${gateway.url}/v1/audio/transcriptions`, {
        method: 'POST',
        body,
        headers: { 'content-type': type },
      });
      return `${response.status} ${((await response.json()) as { error: { message: string } }).error.message}`;
    };
    expect(await post('--B\r\nno end')).toContain('400 The request body is not a valid multipart form');
    expect(await post('x', 'multipart/form-data')).toContain('names no boundary');
    const model = '--B\r\ncontent-disposition: form-data; name=model\r\n\r\nmedia\r\n';
    expect(await post(`${model}${model}--B--`)).toBe("400 The form has more than one field 'model'.");
    expect(upstream.seen.length).toBe(0);
  });

  test('come when the provider cannot be reached', async () => {
    const lost = await startGateway({ endpoints: [openaiEndpoint('lost', 'chat', 'http://127.0.0.1:1/v1')] });
    try {
      const response = await lost.post('/v1/images/generations', { model: 'lost', prompt: 'x' });
      expect([response.status, await response.json()]).toMatchObject([
        502,
        { error: { code: 'upstream_unreachable' } },
      ]);
      const form = new FormData();
      form.append('model', 'lost');
      form.append('file', new Blob([Buffer.alloc(1_000_000)]));
      const upload = await fetch(`${lost.url}/v1/audio/transcriptions`, { method: 'POST', body: form });
      expect(upload.status).toBe(502);
    } finally {
      await lost.stop();
    }
  });
});

describe('every route that is passed on', () => {
  for (const [index, { family, method, path, named }] of RELAY_ROUTES.entries()) {
    test(`${method} ${path} goes through limits and metrics`, async () => {
      const name = `limited-${index}`;
      const base = `${upstream.url}/v1`;
      const limited = { limit: { calls: 1, renewal_period: 'hour' } };
      const served =
        family === 'batch-jobs'
          ? endpoint(name, 'chat', 'mistral', { mistral_api_key: KEY, mistral_api_base: base }, limited)
          : openaiEndpoint(name, 'chat', base, limited);
      const provider = (served.model as { provider: string }).provider;
      const own = await startGateway({ endpoints: [served] });
      try {
        const call = () =>
          fetch(`${own.url}${path.replace('*', 'id-1')}`, {
            method,
            ...(method === 'POST' && { body: named === 'by-model' ? JSON.stringify({ model: name }) : '{}' }),
          });
        const first = await call();
        expect([first.status, first.headers.get('ratelimit')]).toEqual([200, '"endpoint";r=0;t=3600']);
        expect(first.headers.get('server-timing')).toMatch(/^gateway;dur=[\d.]+, upstream;dur=[\d.]+$/);
        expect(upstream.seen.map((request) => request.method)).toEqual([method]);
        const second = await call();
        expect([second.status, await second.json()]).toMatchObject([429, { error: { code: 'rate_limited' } }]);
        expect(upstream.seen.length).toBe(1);
        const metrics = await (await fetch(`${own.url}/metrics`)).text();
        const count = (status: number) =>
          metrics.includes(
            `sluice_requests_total{endpoint="${name}",provider="${provider}",model="m",status="${status}"} 1\n`,
          );
        expect([count(200), count(429)]).toEqual([true, true]);
        expect(metrics).toContain('sluice_requests_in_flight 0\n');
      } finally {
        await own.stop();
      }
    });
  }

  test('a traffic route leads to its endpoint', async () => {
    expect((await gateway.post('/v1/moderations', { model: 'split', input: 'x' })).status).toBe(200);
    expect(JSON.parse(String(upstream.last().body))).toEqual({ model: 'media-model', input: 'x' });
  });

  test('compressed JSON is read', async () => {
    const body = Bun.gzipSync(Buffer.from(JSON.stringify({ model: 'media', input: 'x' })));
    const response = await fetch(`${gateway.url}/v1/moderations`, {
      method: 'POST',
      body,
      headers: { 'content-encoding': 'gzip' },
    });
    expect(response.status).toBe(200);
    expect(String(upstream.last().body)).toBe('{"model":"media-model","input":"x"}');
    expect(upstream.last().headers.has('content-encoding')).toBe(false);
  });
});
