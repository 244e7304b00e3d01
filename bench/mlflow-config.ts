import type { LoadTarget, Surface, Upstreams } from './gateway.ts';
import { chatBody, streamBody, target } from './gateway.ts';

/** So high that the limiter counts every request and refuses none. */
export const LIMIT = { calls: 1_000_000_000, renewal_period: 'day' };

/** The configuration that Sluice and MLflow's gateway run with: the same file for both. JSON is YAML. */
export function mlflowConfig(upstreams: Upstreams): string {
  const endpoints = [
    ['chat', upstreams.chat],
    ['chat-tls', upstreams.chatTls],
    ['stream', upstreams.stream],
    ['paced', upstreams.paced],
  ] as const;
  return JSON.stringify({
    endpoints: endpoints.map(([name, base]) => ({
      name,
      endpoint_type: 'llm/v1/chat',
      model: {
        provider: 'openai',
        name: 'gpt-4o-mini',
        config: { openai_api_key: 'sk-test', openai_api_base: `${base}/v1` },
      },
      limit: LIMIT,
    })),
  });
}

/** The two surfaces that a gateway with that configuration offers. */
export function mlflowSurfaces(url: string): Surface[] {
  const named = (endpoint: string, body: string): LoadTarget => target(`${url}/gateway/${endpoint}/invocations`, body);
  const openai = (body: string): LoadTarget => target(`${url}/v1/chat/completions`, body);
  return [
    {
      name: 'MLflow surface',
      chat: named('chat', chatBody()),
      chatTls: named('chat-tls', chatBody()),
      stream: named('stream', streamBody()),
      paced: named('paced', streamBody()),
    },
    {
      name: '/v1',
      chat: openai(chatBody('chat')),
      chatTls: openai(chatBody('chat-tls')),
      stream: openai(streamBody('stream')),
      paced: openai(streamBody('paced')),
    },
  ];
}
