import { isJsonObject, type JsonObject } from '../../src/core/types.ts';

const CREATED = 1_700_000_000;

/** What the upstream puts into every answer, so that a comparison knows which ids and times are the provider's. */
export const UPSTREAM_MARKS = `chatcmpl-upstream cmpl-upstream call_upstream ${CREATED}`;

/** The parts of the answer that only OpenAI sends. */
const EXTRAS = { service_tier: 'default', system_fingerprint: 'fp_upstream' };

const USAGE = { prompt_tokens: 11, completion_tokens: 5, total_tokens: 16 };

/**
 * An OpenAI-compatible provider for the tests. The model's name says what it does: `error-<status>`, `error-bare`,
 * `error-text`, `error-html`, `echo` (answers with the request it got), and any other name answers.
 */
export function startUpstream(): Bun.Server<undefined> {
  return Bun.serve({
    hostname: '127.0.0.1',
    port: 0,
    async fetch(request) {
      const body: unknown = await request.json();
      if (!isJsonObject(body)) return Response.json({ error: { message: 'No object.' } }, { status: 400 });
      const failure = failureOf(String(body.model));
      if (failure !== null) return failure;
      switch (new URL(request.url).pathname) {
        case '/v1/chat/completions':
          return body.stream === true ? streamed(chatChunks(body), body) : Response.json(chat(body));
        case '/v1/completions':
          return body.stream === true ? streamed(completionChunks(body), body) : Response.json(completion(body));
        case '/v1/embeddings':
          return Response.json(embeddings(body));
        default:
          return Response.json({ error: { message: 'Unknown path.' } }, { status: 404 });
      }
    },
  });
}

function failureOf(model: string): Response | null {
  const status = /^error-(\d{3})$/.exec(model)?.[1];
  if (status !== undefined) {
    const error = {
      message: `The provider says ${status}.`,
      type: 'provider_error',
      param: null,
      code: `code_${status}`,
    };
    return Response.json({ error }, { status: Number(status) });
  }
  if (model === 'error-bare') return Response.json({ reason: 'No error object.' }, { status: 400 });
  if (model === 'error-text')
    return new Response('The provider is down.', { status: 500, headers: { 'content-type': 'text/plain' } });
  if (model === 'error-html')
    return new Response('<p>Bad gateway</p>', { status: 502, headers: { 'content-type': 'text/html' } });
  return null;
}

function chat(body: JsonObject): JsonObject {
  const asked = typeof body.n === 'number' ? body.n : 1;
  const message = wantsTool(body)
    ? { role: 'assistant', content: null, tool_calls: [toolCall('{"city": "Delft"}')] }
    : { role: 'assistant', content: textFor(body), refusal: null, annotations: [] };
  const finish_reason = wantsTool(body) ? 'tool_calls' : 'stop';
  return {
    id: 'chatcmpl-upstream',
    object: 'chat.completion',
    created: CREATED,
    model: body.model,
    choices: Array.from({ length: asked }, (_, index) => ({ index, message, logprobs: null, finish_reason })),
    usage: { ...USAGE, prompt_tokens_details: { cached_tokens: 4 } },
    ...EXTRAS,
  };
}

function wantsTool(body: JsonObject): boolean {
  return Array.isArray(body.tools) && body.model !== 'echo';
}

/** The request as the provider got it, its fields sorted by name. */
function textFor(body: JsonObject): string {
  if (body.model !== 'echo') return 'A gate that\ncontrols "water" ≈ 水.';
  return JSON.stringify(Object.fromEntries(Object.entries(body).sort(([a], [b]) => (a < b ? -1 : 1))));
}

function toolCall(text: string): JsonObject {
  return { id: 'call_upstream', type: 'function', function: { name: 'weather', arguments: text } };
}

function* chatChunks(body: JsonObject): Generator<JsonObject> {
  const chunk = (delta: JsonObject, finish_reason: string | null = null): JsonObject => ({
    ...streamHead('chatcmpl-upstream', 'chat.completion.chunk', body),
    choices: [{ index: 0, delta, logprobs: null, finish_reason }],
  });
  yield chunk({ role: 'assistant', content: '' });
  if (wantsTool(body)) {
    yield chunk({ tool_calls: [{ index: 0, ...toolCall('') }] });
    for (const part of ['{"ci', 'ty": ', '"Delft"}'])
      yield chunk({ tool_calls: [{ index: 0, function: { arguments: part } }] });
    yield chunk({}, 'tool_calls');
    return;
  }
  for (const word of textFor(body).split(/(?<= )/)) yield chunk({ content: word });
  yield chunk({}, 'stop');
}

function completion(body: JsonObject): JsonObject {
  return {
    id: 'cmpl-upstream',
    object: 'text_completion',
    created: CREATED,
    model: body.model,
    choices: [{ index: 0, text: ' a gate.', logprobs: null, finish_reason: 'stop' }],
    usage: USAGE,
    ...EXTRAS,
  };
}

function* completionChunks(body: JsonObject): Generator<JsonObject> {
  for (const text of [' a', ' gate', '.'])
    yield {
      ...streamHead('cmpl-upstream', 'text_completion', body),
      choices: [{ index: 0, text, finish_reason: null }],
    };
}

function streamHead(id: string, object: string, body: JsonObject): JsonObject {
  return { id, object, created: CREATED, model: body.model, ...EXTRAS };
}

/** Server-sent events, each in a chunk of its own. */
function streamed(chunks: Iterable<JsonObject>, body: JsonObject): Response {
  const events = [...chunks].map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`);
  if (isJsonObject(body.stream_options) && body.stream_options.include_usage === true) {
    const usage = { ...streamHead('chatcmpl-upstream', 'chat.completion.chunk', body), choices: [], usage: USAGE };
    events.push(`data: ${JSON.stringify(usage)}\n\n`);
  }
  events.push('data: [DONE]\n\n');
  const stream = new ReadableStream({
    async start(controller) {
      for (const event of events) {
        controller.enqueue(new TextEncoder().encode(event));
        await Bun.sleep(1);
      }
      controller.close();
    },
  });
  return new Response(stream, { headers: { 'content-type': 'text/event-stream; charset=utf-8' } });
}

function embeddings(body: JsonObject): JsonObject {
  const inputs = Array.isArray(body.input) && typeof body.input[0] !== 'number' ? body.input : [body.input];
  const vectors = inputs.map((_, index) => [0.125, -0.5, index]);
  const encode = (vector: number[]): unknown =>
    body.encoding_format === 'base64' ? Buffer.from(new Float32Array(vector).buffer).toString('base64') : vector;
  return {
    object: 'list',
    data: vectors.map((vector, index) => ({ object: 'embedding', index, embedding: encode(vector) })),
    model: body.model,
    usage: { prompt_tokens: 8, total_tokens: 8 },
  };
}

/** A provider that begins a stream and closes the connection before its end. */
export function startBreakingUpstream(): Bun.TCPSocketListener<undefined> {
  const events = [...chatChunks({ model: 'breaks-off' })]
    .slice(0, 2)
    .map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`);
  const chunks = events.map((event) => `${Buffer.byteLength(event).toString(16)}\r\n${event}\r\n`);
  const head = 'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n';
  return Bun.listen({
    hostname: '127.0.0.1',
    port: 0,
    socket: {
      data(socket) {
        socket.end(head + chunks.join(''));
      },
    },
  });
}
