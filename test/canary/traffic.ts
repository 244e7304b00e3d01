import type { JsonObject } from '../../src/core/types.ts';
import { CANARIES } from './canaries.ts';

/** How the upstreams of the endpoints behave. */
export const MODES = [
  'good',
  'refusing',
  'failing',
  'odd',
  'encoding',
  'encoded',
  'moving',
  'large',
  'garbage',
  'page',
  'breaking',
  'nowhere',
  'elsewhere',
] as const;

const PROMPT = `Use ${CANARIES.promptKey} and ${CANARIES.promptBearer}, please.`;
const messages = [{ role: 'user', content: PROMPT }];

const chat: JsonObject = { messages };
/** What is a secret by its name alone. */
const TELLING = { password: CANARIES.taggedPassword };
const TOOL_TURN: readonly JsonObject[] = [
  {
    role: 'assistant',
    content: null,
    tool_calls: [
      {
        id: 'call_1',
        type: 'function',
        function: { name: 'login', arguments: JSON.stringify({ ...TELLING, note: PROMPT }) },
      },
    ],
  },
  { role: 'tool', tool_call_id: 'call_1', content: PROMPT },
];
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
  // What a provider cannot take is named.
  [() => '/v1/chat/completions', (name) => ({ model: name, ...chat, [CANARIES.promptKey]: 1, metadata: TELLING })],
  [
    () => '/v1/chat/completions',
    (name) => ({ model: name, messages: [...messages, ...TOOL_TURN], user: CANARIES.promptBearer, stream: true }),
  ],
];

/** Other ways to be refused. */
const ODD_CALLS: ReadonlyArray<readonly [path: string, body: string]> = [
  ['/v1/chat/completions', `{"model":"none","messages":"${PROMPT}"`],
  ['/v1/chat/completions', `{"model":"unknown ${PROMPT}"}`],
  ['/v1/chat/completions', '{"model":"openai-good"}'],
  ['/nowhere', '{}'],
  ['/gateway/unknown/invocations', '{}'],
  [`/gateway/${CANARIES.promptKey}/invocations`, '{}'],
  [`/gateway/proxy/openai-failing/v1/things/${CANARIES.promptKey}`, '{}'],
  [`/v1beta/models/${CANARIES.promptKey}:generateContent`, '{}'],
];

/** The routes that a coding agent with its user's login takes. */
const OWN_LOGIN_CALLS: ReadonlyArray<readonly [provider: string, path: (name: string) => string]> = [
  ['openai', () => '/gateway/openai/v1/chat/completions'],
  ['anthropic', () => '/gateway/anthropic/v1/messages'],
  ['gemini', (name) => `/gateway/gemini/v1beta/models/${name}:generateContent`],
  ['openai', (name) => `/gateway/proxy/${name}/v1/anything`],
];

export interface Answer {
  /** What was called. */
  readonly path: string;
  readonly body: string | FormData;
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
  for (const mode of MODES) {
    for (const [provider, path] of OWN_LOGIN_CALLS) {
      const name = `${provider}-${mode}`;
      const body = { model: name, max_tokens: 9, ...chat, contents: [{ parts: [{ text: PROMPT }] }] };
      answers.push(await post(url, path(name), JSON.stringify(body), OWN_LOGIN));
    }
  }
  for (const path of ['/v1/audio/transcriptions', '/v1/files']) answers.push(await postForm(url, path));
  return answers;
}

const OWN_LOGIN = {
  'user-agent': 'claude-cli/2.1 codex GeminiCLI/1',
  authorization: `Bearer ${CANARIES.ownLogin}`,
  'x-api-key': CANARIES.ownLogin,
  'x-goog-api-key': CANARIES.ownLogin,
};

/** With secrets as fields, as names of fields, and as the name of a file. */
async function postForm(url: string, path: string): Promise<Answer> {
  const form = new FormData();
  form.set('password', CANARIES.taggedPassword);
  form.set(CANARIES.promptKey, 'x');
  form.set('prompt', PROMPT);
  form.set('model', 'openai-failing');
  form.set('file', new Blob([PROMPT]), `${CANARIES.promptKey}.wav`);
  return send(url, path, form, { 'x-sluice-endpoint': 'openai-failing' });
}

function post(
  url: string,
  path: string,
  body: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  return send(url, path, body, { 'content-type': 'application/json', ...headers });
}

async function send(
  url: string,
  path: string,
  body: string | FormData,
  headers: Readonly<Record<string, string>>,
): Promise<Answer> {
  const response = await fetch(`${url}${path}?key=${CANARIES.callerQueryKey}&access_token=${CANARIES.callerQueryKey}`, {
    method: 'POST',
    redirect: 'manual',
    headers: {
      authorization: `Bearer ${CANARIES.callerBearer}`,
      'x-api-key': CANARIES.callerApiKey,
      'x-goog-api-key': CANARIES.callerGoogleKey,
      'user-agent': `client/1 (${CANARIES.promptBearer})`,
      'x-sluice-tags': `team=search,note=${CANARIES.promptKey},password=${CANARIES.taggedPassword}`,
      'x-client-request-id': CANARIES.promptKey,
      traceparent: `00-4bf92f3577b34da6a3ce929d0e0e4736-b7ad6b7169203331-01`,
      tracestate: `vendor=${CANARIES.promptKey}`,
      ...headers,
    },
    body,
  });
  const text = `${JSON.stringify([...response.headers])}\n${await response.text().catch(String)}`;
  return { path, body, status: response.status, text, id: response.headers.get('x-request-id') };
}
