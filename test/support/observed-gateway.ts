import type { JsonObject } from '../../src/core/types.ts';
import { endpoint, openaiEndpoint, type RunningGateway, startGateway } from './gateway.ts';
import { OtlpReceiver } from './otlp-receiver.ts';

/** What a request can bring that must show up nowhere but in the ledger. */
export const CANARIES = {
  prompt: 'CANARY-prompt',
  answer: 'CANARY-answer',
  clientKey: 'sk-CANARY-client',
  upstreamKey: 'sk-CANARY-upstream',
  collectorKey: 'CANARY-collector',
} as const;

export interface ObservedGateway {
  readonly gateway: RunningGateway;
  readonly collector: OtlpReceiver;
  /** One request of each kind: plain, streamed, refused, failing, unknown. */
  traffic(headers?: Readonly<Record<string, string>>): Promise<void>;
  stop(): Promise<void>;
}

const USAGE = {
  prompt_tokens: 10,
  completion_tokens: 5,
  total_tokens: 15,
  prompt_tokens_details: { cached_tokens: 4 },
  completion_tokens_details: { reasoning_tokens: 2 },
};

/** A gateway with everything that can be told of it turned on, in front of an upstream that fails where it should. */
export async function startObserved(telemetry: JsonObject = {}): Promise<ObservedGateway> {
  const collector = new OtlpReceiver();
  const upstream = Bun.serve({ hostname: '127.0.0.1', port: 0, fetch: answer });
  const base = `http://127.0.0.1:${upstream.port}`;
  const key = { openai_api_key: CANARIES.upstreamKey };
  const gateway = await startGateway({
    endpoints: [
      endpoint('chat', 'chat', 'openai', { ...key, openai_api_base: `${base}/v1` }),
      openaiEndpoint('broken', 'chat', `${base}/broken`),
      {
        ...endpoint('priced', 'chat', 'openai', { ...key, openai_api_base: `${base}/v1` }),
        model: { provider: 'openai', name: 'gpt-4o', config: { ...key, openai_api_base: `${base}/v1` } },
      },
    ],
    ledger: { database: ':memory:' },
    telemetry: {
      otlp: { endpoint: collector.url, headers: { 'x-key': CANARIES.collectorKey } },
      request_log: 'requests.log',
      ...telemetry,
    },
  });
  return {
    gateway,
    collector,
    traffic: (headers = {}) => traffic(gateway, headers),
    stop: async () => {
      await gateway.stop();
      await collector.stop();
      await upstream.stop(true);
    },
  };
}

/** Quotes what it was asked in its errors, as some providers do. */
async function answer(request: Request): Promise<Response> {
  const body = (await request.json()) as JsonObject;
  if (request.url.includes('/broken')) {
    const message = `cannot do: ${JSON.stringify(body)} with ${request.headers.get('authorization')}`;
    return Response.json({ error: { message, type: 'server_error' } }, { status: 500 });
  }
  const head = { id: 'c', created: 1, model: `${String(body.model)}-served` };
  if (body.stream !== true) {
    const message = { role: 'assistant', content: CANARIES.answer };
    const choices = [{ index: 0, message, finish_reason: 'stop' }];
    return Response.json({ ...head, object: 'chat.completion', choices, usage: USAGE });
  }
  const chunk = (more: JsonObject) =>
    `data: ${JSON.stringify({ ...head, object: 'chat.completion.chunk', ...more })}\n\n`;
  const events = [
    chunk({ choices: [{ index: 0, delta: { content: CANARIES.answer }, finish_reason: null }] }),
    chunk({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] }),
    chunk({ choices: [], usage: USAGE }),
    'data: [DONE]\n\n',
  ];
  return new Response(events.join(''), { headers: { 'content-type': 'text/event-stream' } });
}

async function traffic(gateway: RunningGateway, headers: Readonly<Record<string, string>>): Promise<void> {
  const messages = [{ role: 'user', content: CANARIES.prompt }];
  const all = { 'content-type': 'application/json', authorization: `Bearer ${CANARIES.clientKey}`, ...headers };
  const post = async (body: unknown) => {
    const response = await gateway.post('/v1/chat/completions', body, { headers: all });
    await response.text();
    return response.status;
  };
  const statuses = [
    await post({ model: 'chat', messages }),
    await post({ model: 'chat', messages }),
    await post({ model: 'chat', messages, stream: true, stream_options: { include_usage: true } }),
    await post({ model: 'priced', messages }),
    await post({ model: 'broken', messages }),
    await post({ model: 'chat', messages: CANARIES.prompt }),
    await post({ model: 'CANARY-model', messages }),
  ];
  const expected = [200, 200, 200, 200, 500, 400, 404];
  if (statuses.join() !== expected.join()) throw new Error(`unexpected answers: ${statuses.join()}`);
}

export async function scrape({ url }: RunningGateway): Promise<string> {
  return (await fetch(`${url}/metrics`)).text();
}
