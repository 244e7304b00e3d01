import type { JsonObject } from '../../src/core/types.ts';

/**
 * A provider that quotes everything it was sent, credentials included, wherever it can: in answers, errors, headers and
 * events. The first part of the path says how it behaves.
 */
export function startEchoingUpstream(): Bun.Server<undefined> {
  return Bun.serve({ hostname: '127.0.0.1', port: 0, fetch: answer });
}

async function answer(request: Request): Promise<Response> {
  const { pathname } = new URL(request.url);
  const [, mode = '', ...rest] = pathname.split('/');
  const text = await request.text();
  const sent = JSON.stringify([...request.headers]);
  const encoded = mode === 'encoding' ? encodings(request.headers) : '';
  const echo = `You sent ${sent} to ${request.url} with ${text}${encoded}`;
  const headers = {
    'x-request-id': (request.headers.get('authorization') ?? request.headers.get('x-api-key') ?? 'none').replace(
      /^Bearer /,
      '',
    ),
    'retry-after': '1',
  };
  switch (mode) {
    case 'good':
      return good(rest.join('/'), text, echo, headers);
    case 'refusing':
      return Response.json({ error: { message: echo, type: sent, code: sent, param: sent } }, { status: 401, headers });
    case 'failing':
      return new Response(echo, { status: 500, headers: { ...headers, 'content-type': 'text/plain' } });
    case 'encoding':
      return Response.json({ error: { message: echo, type: encoded, code: encoded } }, { status: 500, headers });
    case 'encoded':
      return new Response(encodings(request.headers), {
        status: 400,
        headers: { ...headers, 'content-type': 'text/plain' },
      });
    case 'moving':
      return new Response(null, {
        status: 302,
        headers: {
          ...headers,
          location: `https://elsewhere.invalid/?key=${encodeURIComponent(sent)}&as=${btoa(sent)}`,
        },
      });
    case 'large': {
      // Its beginning ends up in the record, cut within a secret; the rest is about as long as an error may be.
      const error = { message: `${'x '.repeat(500)}${echo} ${'y '.repeat(250_000)}${echo}`, type: 'large' };
      return Response.json({ error, echo: echo.repeat(300) }, { status: 500, headers });
    }
    case 'odd':
      return Response.json({ [echo]: { message: [echo, { error: echo }] } }, { status: 503, headers });
    case 'garbage':
      return new Response(`not JSON: ${echo}`, { headers: { ...headers, 'content-type': 'application/json' } });
    case 'page':
      return new Response(echo, {
        headers: { ...headers, 'content-type': `text/html; note="${sent.replaceAll('"', "'")}"` },
      });
    case 'breaking':
      return new Response(
        `data: {"choices":[{"index":0,"delta":{"content":"a"}}]}\n\ndata: ${JSON.stringify({ error: { message: echo, type: sent } })}\n\n`,
        {
          headers: { ...headers, 'content-type': 'text/event-stream' },
        },
      );
    default:
      return new Response(echo, { status: 407, headers });
  }
}

/** How an upstream may write the credentials that it was sent. */
function encodings(headers: Headers): string {
  const values = [...headers].flatMap(([name, value]) => (/authorization|key/.test(name) ? [value] : []));
  const plain = values.flatMap((value) => [value, value.slice(value.indexOf(' ') + 1), `user:${value}`]);
  const written = plain.flatMap((value) => [
    btoa(value),
    Buffer.from(value).toString('base64url'),
    encodeURIComponent(value),
    Buffer.from(value).toString('hex'),
  ]);
  return ` or ${written.join(' ')}.`;
}

function good(path: string, text: string, echo: string, headers: Record<string, string>): Response {
  const streams = text.includes('"stream":true') || path.includes('streamGenerateContent');
  const body = bodyOf(path, echo);
  if (!streams) return Response.json(body, { headers });
  return new Response(eventsOf(path, echo), { headers: { ...headers, 'content-type': 'text/event-stream' } });
}

const USAGE = { prompt_tokens: 3, completion_tokens: 4, total_tokens: 7 };

function bodyOf(path: string, echo: string): JsonObject {
  if (path.endsWith('embeddings')) {
    return { object: 'list', data: [{ object: 'embedding', index: 0, embedding: [0.1] }], model: 'm', usage: USAGE };
  }
  if (path.endsWith('messages')) {
    const usage = { input_tokens: 3, output_tokens: 4 };
    const content = [{ type: 'text', text: echo }];
    return { id: 'm', type: 'message', role: 'assistant', model: 'm', content, stop_reason: 'end_turn', usage };
  }
  if (path.includes('generateContent') || path.includes('GenerateContent')) {
    return { candidates: [{ index: 0, content: { role: 'model', parts: [{ text: echo }] }, finishReason: 'STOP' }] };
  }
  if (path.endsWith('responses')) {
    const content = [{ type: 'output_text', text: echo, annotations: [] }];
    const output = [{ id: 'o', type: 'message', role: 'assistant', status: 'completed', content }];
    return { id: 'r', object: 'response', created_at: 1, status: 'completed', model: 'm', output };
  }
  const choices = path.endsWith('chat/completions')
    ? [{ index: 0, message: { role: 'assistant', content: echo }, finish_reason: 'stop' }]
    : [{ index: 0, text: echo, finish_reason: 'stop' }];
  return { id: 'c', object: 'chat.completion', created: 1, model: 'm', choices, usage: USAGE };
}

/** The echo in pieces of seven characters. */
function eventsOf(path: string, echo: string): string {
  const pieces = echo.match(/.{1,7}/gs) ?? [];
  const event = (value: JsonObject): string =>
    `${value.type ? `event: ${value.type}\n` : ''}data: ${JSON.stringify(value)}\n\n`;
  if (path.endsWith('messages')) {
    const message = { ...bodyOf(path, ''), content: [], stop_reason: null };
    return [
      event({ type: 'message_start', message }),
      event({ type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } }),
      ...pieces.map((text) => event({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text } })),
      event({ type: 'content_block_stop', index: 0 }),
      event({ type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 4 } }),
      event({ type: 'message_stop' }),
    ].join('');
  }
  if (path.includes('GenerateContent')) return pieces.map((piece) => event(bodyOf(path, piece))).join('');
  if (path.endsWith('responses')) {
    return event({ type: 'response.completed', response: bodyOf(path, echo) });
  }
  const chunk = (delta: JsonObject, finish: string | null) =>
    event({
      id: 'c',
      object: 'chat.completion.chunk',
      created: 1,
      model: 'm',
      choices: [{ index: 0, delta, finish_reason: finish }],
    });
  return `${pieces.map((content) => chunk({ content }, null)).join('')}${chunk({}, 'stop')}data: [DONE]\n\n`;
}
