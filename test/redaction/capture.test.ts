import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { assembleStream } from '../../src/core/capture/assemble-stream.ts';
import { captureSize } from '../../src/core/capture/capture.ts';
import { fit } from '../../src/core/capture/fit.ts';
import { Redactor } from '../../src/core/redaction/redactor.ts';
import type { JsonObject } from '../../src/core/types.ts';
import { makePayload } from '../../src/ledger/payload-maker.ts';
import { JournalControl } from '../../src/storage/journal/control.ts';
import { endpoint, eventually, type RunningGateway, startGateway } from '../support/gateway.ts';

const KEY = 'sk-proj-abcdefghij0123456789ABCDEFGHIJ';
const ANSWER = `Grüße 😀 an jo@example.com mit ${KEY}; fertig.`;
const USAGE = { prompt_tokens: 3, completion_tokens: 4, total_tokens: 7 };

/** Streams its answer in pieces of four characters, and whole otherwise. */
async function answer(request: Request): Promise<Response> {
  const { pathname } = new URL(request.url);
  const text = await request.text();
  if (pathname.includes('images')) return Response.json({ data: [{ url: `https://example.com/?k=${KEY}` }] });
  if (pathname.includes('speech'))
    return new Response(new Uint8Array(9), { headers: { 'content-type': 'audio/mpeg' } });
  if (text.includes('refuse')) return Response.json({ error: { message: `No, ${KEY}` } }, { status: 400 });
  if (pathname.endsWith('/responses')) {
    return new Response(responsesEvents().join(''), { headers: { 'content-type': 'text/event-stream' } });
  }
  const head = { id: 'c', created: 1, model: 'm' };
  const message = { role: 'assistant', content: ANSWER };
  if (!text.includes('"stream":true')) {
    const choices = [{ index: 0, message, finish_reason: 'stop' }];
    return Response.json({ ...head, object: 'chat.completion', choices, usage: USAGE });
  }
  const chunk = (choices: JsonObject[], usage: JsonObject | null = null) =>
    `data: ${JSON.stringify({ ...head, object: 'chat.completion.chunk', choices, usage })}\n\n`;
  const call = (piece: JsonObject) =>
    chunk([{ index: 0, delta: { tool_calls: [{ index: 0, ...piece }] }, finish_reason: null }]);
  const events = [
    ...pieces().map((content) => chunk([{ index: 0, delta: { content }, finish_reason: null }])),
    call({ id: 'call_1', type: 'function', function: { name: 'mail', arguments: '{"to":"jo@' } }),
    call({ function: { arguments: 'example.com"}' } }),
    chunk([{ index: 0, delta: {}, finish_reason: 'tool_calls' }]),
    chunk([], USAGE),
    'data: [DONE]\n\n',
  ];
  return new Response(events.join(''), { headers: { 'content-type': 'text/event-stream' } });
}

const pieces = (): string[] => ANSWER.match(/.{1,4}/gsu) ?? [];

function responsesEvents(): string[] {
  const event = (type: string, more: JsonObject) => `event: ${type}\ndata: ${JSON.stringify({ type, ...more })}\n\n`;
  const response = { id: 'r', object: 'response', status: 'in_progress', model: 'm', output: [] };
  const message = { id: 'o', type: 'message', role: 'assistant', content: [{ type: 'output_text', text: ANSWER }] };
  const call = {
    id: 'f',
    type: 'function_call',
    call_id: 'call_1',
    name: 'mail',
    arguments: '{"to":"jo@example.com"}',
  };
  return [
    event('response.created', { response }),
    event('response.output_item.added', { output_index: 0, item: { ...message, content: [] } }),
    ...pieces().map((delta) => event('response.output_text.delta', { output_index: 0, content_index: 0, delta })),
    event('response.output_item.added', { output_index: 1, item: { ...call, arguments: '' } }),
    event('response.function_call_arguments.delta', { output_index: 1, delta: call.arguments.slice(0, 10) }),
    event('response.function_call_arguments.delta', { output_index: 1, delta: call.arguments.slice(10) }),
    event('response.completed', { response: { ...response, status: 'completed', output: [message, call] } }),
  ];
}

interface Kept {
  readonly request: string;
  readonly response: string | null;
  readonly redactions: Readonly<Record<string, number>>;
  readonly truncated: boolean;
}

describe('the texts of an endpoint', () => {
  const upstream = Bun.serve({ hostname: '127.0.0.1', port: 0, fetch: answer });
  let gateway: RunningGateway;

  beforeAll(async () => {
    const base = { openai_api_key: 'configured secret key', openai_api_base: `${upstream.url.origin}/v1` };
    gateway = await startGateway({
      endpoints: ['off', 'metadata', 'full'].map((logging) => ({
        ...endpoint(logging, 'chat', 'openai', base),
        logging,
      })),
      ledger: { database: ':memory:' },
      redaction: { patterns: [{ name: 'employee', pattern: 'EMP-[0-9]{6}' }], max_body: '8KiB' },
    });
  });
  afterAll(async () => {
    await gateway.stop();
    await upstream.stop(true);
  });

  const idOf = async (path: string, body: JsonObject): Promise<string> => {
    const response = await gateway.post(path, body);
    await response.arrayBuffer();
    return response.headers.get('x-request-id') ?? '';
  };
  const payloadOf = (id: string) => fetch(`${gateway.url}/api/v1/requests/${id}/payload`);
  const kept = async (path: string, body: JsonObject): Promise<Kept> => {
    const id = await idOf(path, body);
    let response = await payloadOf(id);
    await eventually('the texts are kept', async () => {
      response = await payloadOf(id);
      return response.ok;
    });
    return (await response.json()) as Kept;
  };
  const chat = (content: string, more: JsonObject = {}): JsonObject => ({
    model: 'full',
    messages: [{ role: 'user', content }],
    ...more,
  });

  test.each(['off', 'metadata'])('are not kept with `logging: %s`', async (model) => {
    const id = await idOf('/v1/chat/completions', chat('hello', { model }));
    await eventually('the request is known', async () => (await fetch(`${gateway.url}/api/v1/requests/${id}`)).ok);
    expect((await payloadOf(id)).status).toBe(404);
  });

  test('are kept with `logging: full`, without what is secret', async () => {
    const body = chat(`ask jo@example.com of EMP-123456, configured secret key`);
    const { request, response, redactions, truncated } = await kept('/v1/chat/completions', body);
    expect(JSON.parse(request)).toEqual(chat('ask ‹EMAIL› of ‹EMPLOYEE›, ‹SECRET›'));
    expect(JSON.parse(response ?? '').choices[0].message.content).toBe('Grüße 😀 an ‹EMAIL› mit ‹API_KEY›; fertig.');
    expect(redactions).toEqual({ email: 2, employee: 1, secret: 1, api_key: 1 });
    expect(truncated).toBe(false);
  });

  const contents: Readonly<Record<string, readonly [body: JsonObject, content: (answer: never) => unknown]>> = {
    '/v1/chat/completions': [
      chat('x', { stream: true }),
      (whole: { choices: [{ message: { content: string; tool_calls: unknown } }] }) => whole.choices[0].message,
    ],
    '/v1/responses': [
      { model: 'full', input: 'x', stream: true },
      (whole: { output: Array<{ type: string; content?: [{ text: string }] }> }) =>
        whole.output.find(({ type }) => type === 'message')?.content?.[0].text,
    ],
    '/v1/messages': [
      chat('x', { stream: true, max_tokens: 9 }),
      (whole: { content: Array<{ type: string }> }) => whole.content,
    ],
    '/v1beta/models/full:streamGenerateContent?alt=sse': [
      { contents: [{ role: 'user', parts: [{ text: 'x' }] }] },
      (whole: { candidates: [{ content: { parts: unknown } }] }) => whole.candidates[0].content.parts,
    ],
    '/v1beta/models/full:streamGenerateContent': [
      { contents: [{ role: 'user', parts: [{ text: 'x' }] }] },
      (whole: { candidates: [{ content: { parts: unknown } }] }) => whole.candidates[0].content.parts,
    ],
  };

  test.each(Object.entries(contents))('of a stream are kept as one answer: %s', async (path, [body, content]) => {
    const { response, redactions } = await kept(path, body);
    const shown = JSON.stringify(content(JSON.parse(response ?? 'null') as never));
    expect(shown).toContain('Grüße 😀 an ‹EMAIL› mit ‹API_KEY›; fertig.');
    expect(response).toContain('"mail"');
    expect(response).not.toContain('jo@');
    expect(redactions.email).toBe(2);
  });

  test('of a stream that a client left are kept as far as they came', async () => {
    const controller = new AbortController();
    const response = await gateway.post('/v1/chat/completions', chat('x', { stream: true, n: 1 }), {
      signal: controller.signal,
    });
    const id = response.headers.get('x-request-id') ?? '';
    await response.body?.getReader().read();
    controller.abort();
    await eventually('the texts are kept', async () => (await payloadOf(id)).ok);
    expect(((await (await payloadOf(id)).json()) as Kept).response).toContain('chat.completion');
  });

  test('of an error are kept as the client got it', async () => {
    const { response } = await kept('/v1/chat/completions', chat('refuse'));
    expect(response).toContain('No, ‹API_KEY›');
  });

  test('of what passes as it comes are kept where they are JSON', async () => {
    const image = await kept('/v1/images/generations', { model: 'full', prompt: 'of jo@example.com' });
    expect(image.request).toContain('of ‹EMAIL›');
    expect(image.response).toContain('https://example.com/?k=‹API_KEY›');
    const speech = await kept('/v1/audio/speech', { model: 'full', input: 'by jo@example.com', voice: 'alloy' });
    expect(speech.request).toContain('by ‹EMAIL›');
    expect(speech.response).toBeNull();
  });

  test('are cut where they are long, and stay JSON', async () => {
    const image = Buffer.alloc(90_000, 7).toString('base64');
    const parts = [{ type: 'image_url', image_url: { url: `data:image/png;base64,${image}` } }];
    const body = {
      model: 'full',
      messages: [{ role: 'user', content: [...parts, { type: 'text', text: 'x '.repeat(9000) }] }],
    };
    const { request, truncated } = await kept('/v1/chat/completions', body);
    expect(truncated).toBe(true);
    expect(request.length).toBeLessThan(8192);
    const [{ image_url: shown }, { text }] = JSON.parse(request).messages[0].content;
    expect(shown.url).toStartWith('data:image/png;base64,');
    expect(shown.url).toContain('‹CUT ');
    expect(text).toContain('x x x');
  });
});

describe('a stream that broke off', () => {
  test('is put together as far as it came: of the Responses API', () => {
    const whole = JSON.parse(assembleStream('responses', responsesEvents().join('')) ?? '');
    const broken = JSON.parse(assembleStream('responses', responsesEvents().slice(0, -1).join('')) ?? '');
    expect(broken.output).toEqual(whole.output);
    expect(broken.status).toBe('in_progress');
  });

  test('is put together as far as it came: a list of JSON', () => {
    const item = (text: string) => JSON.stringify({ candidates: [{ content: { role: 'model', parts: [{ text }] } }] });
    const answer = JSON.parse(assembleStream('gemini', `[${item('one ')}\n,\r\n${item('two')}\n`) ?? '');
    expect(answer.candidates[0].content.parts).toEqual([{ text: 'one two' }]);
  });

  test('tells how it failed', () => {
    const text = 'data: {"choices":[{"index":0,"delta":{"content":"a"}}]}\n\ndata: {"error":{"message":"gone"}}\n\n';
    expect(JSON.parse(assembleStream('openai', text) ?? '').error).toEqual({ message: 'gone' });
  });

  test('of which nothing can be read is nothing', () => {
    for (const format of ['openai', 'responses', 'anthropic', 'gemini'] as const) {
      expect(assembleStream(format, ': comment\n\ndata: no JSON\n\n')).toBeNull();
      expect(assembleStream(format, 'data: {"__proto__":{"x":1}}\n\n')).toBeString();
    }
  });
});

describe('a text that is cut', () => {
  test('keeps within its bytes, whatever it is', () => {
    for (const text of [
      'x'.repeat(5000),
      '😀'.repeat(2000),
      JSON.stringify(Array(2000).fill('é')),
      '{"a":'.repeat(2000),
    ]) {
      for (const bytes of [100, 1000, 1001, 1002, 1003]) {
        const cut = fit(text, bytes);
        expect(Buffer.byteLength(cut.text)).toBeLessThanOrEqual(bytes);
        expect(cut.text.isWellFormed()).toBe(true);
        expect(cut.isCut).toBe(true);
      }
    }
    expect(fit('short', 5)).toEqual({ text: 'short', isCut: false });
  });

  test('keeps nothing of a secret that was cut before anybody looked', () => {
    const redactor = new Redactor({ kinds: ['email'], patterns: [], secrets: [] });
    const text = `${'x '.repeat(4000)}${KEY}`;
    for (let length = text.length - KEY.length; length < text.length; length++) {
      const request = text.slice(0, length);
      const { request: stored, truncated } = makePayload(
        { requestId: 'a', request, response: null, isCut: true },
        redactor,
        1e6,
      );
      expect(stored).not.toContain('sk-');
      expect(truncated).toBe(true);
    }
  });
});

describe('texts that wait for a slow ledger', () => {
  test('are dropped and counted when there are too many, and taken again later', () => {
    const control = JournalControl.create(2);
    const size = Math.ceil(
      captureSize({ requestId: 'a', request: 'x'.repeat(2 ** 20), response: null, isCut: false }) / 512,
    );
    let held = 0;
    while (held < 1000 && control.holdTexts(size)) held++;
    expect(held).toBeGreaterThan(8);
    expect(held).toBeLessThan(100);
    expect(control.lostTexts).toBe(1);
    control.tookTexts(size);
    expect(control.holdTexts(size)).toBe(true);
    expect(control.holdTexts(size)).toBe(false);
    expect(control.lostTexts).toBe(2);
  });
});
