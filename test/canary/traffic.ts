import type { JsonObject } from '../../src/core/types.ts';
import { CANARIES } from './canaries.ts';

/** How the upstreams of the endpoints behave. */
export const MODES = [
  'good',
  'refusing',
  'failing',
  'odd',
  'garbage',
  'page',
  'breaking',
  'nowhere',
  'elsewhere',
] as const;

const PROMPT = `Use ${CANARIES.promptKey} and ${CANARIES.promptBearer}, please.`;
const messages = [{ role: 'user', content: PROMPT }];

const chat: JsonObject = { messages };
const CALLS: ReadonlyArray<readonly [path: (name: string) => string, body: (name: string) => JsonObject]> = [
  [(name) => `/gateway/${name}/invocations`, () => chat],
  [() => '/v1/chat/completions', (name) => ({ model: name, ...chat })],
  [() => '/v1/chat/completions', (name) => ({ model: name, stream: true, ...chat })],
  [() => '/gateway/openai/v1/chat/completions', (name) => ({ model: name, ...chat })],
  [() => '/v1/responses', (name) => ({ model: name, input: PROMPT })],
  [() => '/v1/responses', (name) => ({ model: name, input: PROMPT, stream: true })],
  [() => '/v1/messages', (name) => ({ model: name, max_tokens: 9, messages })],
  [() => '/gateway/anthropic/v1/messages', (name) => ({ model: name, max_tokens: 9, stream: true, messages })],
  [() => '/v1/messages/count_tokens', (name) => ({ model: name, messages })],
  [(name) => `/v1beta/models/${name}:generateContent`, () => ({ contents: [{ parts: [{ text: PROMPT }] }] })],
  [
    (name) => `/gateway/gemini/v1beta/models/${name}:streamGenerateContent`,
    () => ({ contents: [{ parts: [{ text: PROMPT }] }] }),
  ],
  [() => '/v1/images/generations', (name) => ({ model: name, prompt: PROMPT })],
  [() => '/v1/moderations', (name) => ({ model: name, input: PROMPT })],
  [(name) => `/gateway/proxy/${name}/v1/anything`, () => ({ prompt: PROMPT })],
];

/** Other ways to be refused. */
const ODD_CALLS: ReadonlyArray<readonly [path: string, body: string]> = [
  ['/v1/chat/completions', `{"model":"none","messages":"${PROMPT}"`],
  ['/v1/chat/completions', `{"model":"unknown ${PROMPT}"}`],
  ['/v1/chat/completions', '{"model":"openai-good"}'],
  ['/nowhere', '{}'],
  ['/gateway/unknown/invocations', '{}'],
];

export interface Answer {
  /** What was called. */
  readonly path: string;
  readonly status: number;
  /** Head and body. */
  readonly text: string;
  readonly id: string | null;
}

/** Every call to every endpoint, with a caller's own credentials in every place that clients use. */
export async function runTraffic(url: string, endpoints: readonly string[]): Promise<Answer[]> {
  const calls = endpoints.flatMap((name) =>
    CALLS.map(([path, body]) => [path(name), JSON.stringify(body(name))] as const),
  );
  const answers: Answer[] = [];
  for (const [path, body] of [...calls, ...ODD_CALLS]) answers.push(await post(url, path, body));
  return answers;
}

async function post(url: string, path: string, body: string): Promise<Answer> {
  const response = await fetch(`${url}${path}?key=${CANARIES.callerQueryKey}`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      authorization: `Bearer ${CANARIES.callerBearer}`,
      'x-api-key': CANARIES.callerApiKey,
      'x-goog-api-key': CANARIES.callerGoogleKey,
      'user-agent': `client/1 (${CANARIES.promptBearer})`,
      'x-sluice-tags': `team=search,note=${CANARIES.promptKey}`,
    },
    body,
  });
  const text = `${JSON.stringify([...response.headers])}\n${await response.text().catch(String)}`;
  return { path, status: response.status, text, id: response.headers.get('x-request-id') };
}
