import type { JsonObject } from '../../src/core/types.ts';

export interface Upstreams {
  /** Base URL of the OpenAI-compatible provider, without `/v1`. */
  readonly openai: string;
  /** Base URL of the provider that closes the connection within a stream. */
  readonly breaking: string;
  /** Base URLs of the models that `mlflow models serve` offers. */
  readonly textModel: string;
  readonly embeddingModel: string;
}

/** Models whose name tells the provider how to answer; each has a chat endpoint of the same name. */
const BEHAVIOURS = [
  'chat',
  'first',
  'second',
  'echo',
  'error-400',
  'error-401',
  'error-429',
  'error-500',
  'error-503',
  'error-bare',
  'error-text',
  'error-html',
];

/** The one configuration that both gateways run with. JSON is YAML. */
export function gatewayConfig(upstreams: Upstreams): string {
  const openai = (name: string, type: string, rest: JsonObject = {}, base = upstreams.openai): JsonObject => ({
    name,
    endpoint_type: `llm/v1/${type}`,
    model: {
      provider: 'openai',
      name: BEHAVIOURS.includes(name) ? name : 'any-model',
      config: { openai_api_key: 'sk-test', openai_api_base: `${base}/v1` },
    },
    ...rest,
  });
  const served = (name: string, type: string, url: string): JsonObject => ({
    name,
    endpoint_type: `llm/v1/${type}`,
    model: { provider: 'mlflow-model-serving', name: 'served', config: { model_server_url: url } },
  });
  const limit = { calls: 2, renewal_period: 'day' };
  return JSON.stringify({
    endpoints: [
      ...BEHAVIOURS.map((name) => openai(name, 'chat')),
      openai('completions', 'completions'),
      openai('embeddings', 'embeddings'),
      openai('limited', 'chat', { limit }),
      openai('limited-here', 'chat', { limit: { ...limit, calls: 1 } }),
      openai('broken-stream', 'chat', {}, upstreams.breaking),
      // Nothing listens on port 9 (discard) of this machine.
      openai('unreachable', 'chat', {}, 'http://127.0.0.1:9'),
      served('served-chat', 'chat', upstreams.textModel),
      served('served-completions', 'completions', upstreams.textModel),
      served('served-embeddings', 'embeddings', upstreams.embeddingModel),
    ],
    routes: [route('only-first', 100, 0), route('half-and-half', 50, 50)],
  });
}

function route(name: string, first: number, second: number): JsonObject {
  return {
    name,
    task_type: 'llm/v1/chat',
    destinations: [
      { name: 'first', traffic_percentage: first },
      { name: 'second', traffic_percentage: second },
    ],
  };
}
