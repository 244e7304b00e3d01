import { afterAll, expect, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { JsonObject } from '../../../src/core/types.ts';
import { KEY, startMockUpstream } from './server.ts';

/** The mock is only worth something where it refuses what the vendors refuse. */
const TLS = join(import.meta.dir, '..', '..', 'conformance', 'fixtures', 'tls');
const file = (name: string): string => readFileSync(join(TLS, name), 'utf8');
const mock = startMockUpstream({ cert: file('server.pem'), key: file('server.key') });

afterAll(() => mock.stop());

const HEADERS = {
  authorization: `Bearer ${KEY}`,
  'x-api-key': KEY,
  'x-goog-api-key': KEY,
  'anthropic-version': '2023-06-01',
};

async function say(path: string, body: JsonObject, headers: Record<string, string> = {}) {
  const [, vendor = '', rest = ''] = /^(\w+)(\/.*)$/.exec(path) ?? [];
  const response = await fetch(mock.url(vendor) + rest, {
    method: 'POST',
    headers: { ...HEADERS, ...headers },
    body: JSON.stringify(body),
    tls: { ca: file('authority.pem') },
  });
  return [response.status, await response.text()] as const;
}

const aws = { authorization: 'AWS4-HMAC-SHA256 Credential=AKIAMOCK/20261123/eu-central-1/bedrock/aws4_request' };
const user = { role: 'user', content: 'Hello' };
const use = { type: 'tool_use', id: 'toolu_1', name: 'look', input: {} };
const call = { id: 'call_1', type: 'function', function: { name: 'look', arguments: '{}' } };
const turn = (text: string) => ({ role: 'user', parts: [{ text }] });
const converse = (more: JsonObject) => ({ messages: [{ role: 'user', content: [{ text: 'Hello' }] }], ...more });

const REFUSED: ReadonlyArray<readonly [what: string, path: string, body: JsonObject, message: RegExp]> = [
  ['an unknown field', 'openai/v1/chat/completions', { model: 'm', messages: [user], thinking: {} }, /'thinking'/],
  [
    'a call without its result',
    'openai/v1/chat/completions',
    { model: 'm', messages: [user, { role: 'assistant', content: null, tool_calls: [call] }, user] },
    /must be followed by tool messages/,
  ],
  [
    'a result without its call',
    'openai/v1/chat/completions',
    { model: 'm', messages: [user, { role: 'tool', tool_call_id: 'call_1', content: '' }] },
    /preceeding message/,
  ],
  [
    'another temperature of a model that thinks',
    'openai/v1/chat/completions',
    { model: 'gpt-5', messages: [user], temperature: 0.2 },
    /'temperature' does not support 0.2/,
  ],
  [
    'a choice of likely words of a model that thinks',
    'openai/v1/chat/completions',
    { model: 'gpt-5', messages: [user], temperature: 1, top_p: 0.95 },
    /'top_p' is not supported/,
  ],
  ['no maximum of tokens', 'anthropic/v1/messages', { model: 'm', messages: [user] }, /max_tokens: Field required/],
  [
    'an unknown field',
    'anthropic/v1/messages',
    { model: 'm', max_tokens: 9, messages: [user], seed: 1 },
    /seed: Extra/,
  ],
  [
    'a call without its result',
    'anthropic/v1/messages',
    { model: 'm', max_tokens: 9, messages: [user, { role: 'assistant', content: [use] }, user] },
    /without `tool_result`/,
  ],
  [
    'a thought that somebody else signed',
    'anthropic/v1/messages',
    {
      model: 'm',
      max_tokens: 9,
      messages: [user, { role: 'assistant', content: [{ type: 'thinking', thinking: '', signature: 'forged' }] }, user],
    },
    /Invalid `signature`/,
  ],
  [
    'a beta field without its header',
    'anthropic/v1/messages',
    { model: 'm', max_tokens: 9, messages: [user], context_management: {} },
    /context_management: Extra/,
  ],
  ['an unknown field', 'gemini/v1beta/models/m:generateContent', { contents: [turn('Hi')], model_: 1 }, /Unknown name/],
  [
    'a schema beyond OpenAPI',
    'gemini/v1beta/models/m:generateContent',
    {
      contents: [turn('Hi')],
      tools: [
        { functionDeclarations: [{ name: 'look', parameters: { type: 'OBJECT', additionalProperties: false } }] },
      ],
    },
    /additionalProperties/,
  ],
  [
    'a call without its signature',
    'gemini/v1beta/models/m:generateContent',
    { contents: [turn('Hi'), { role: 'model', parts: [{ functionCall: { name: 'look', args: {} } }] }] },
    /missing a thought_signature/,
  ],
  ['an unknown field', 'bedrock/model/m/converse', converse({ tools: [] }), /extraneous key \[tools\]/],
  [
    'neighbours of one role',
    'bedrock/model/m/converse',
    { messages: [1, 2].map(() => ({ role: 'user', content: [{ text: 'Hello' }] })) },
    /must alternate/,
  ],
  ['other fields than its own', 'mlflow/invocations', { messages: [user] }, /exactly one of the input fields/],
];

for (const [what, path, body, message] of REFUSED) {
  test(`${path.split('/')[0]} refuses ${what}`, async () => {
    const [status, text] = await say(path, body, path.startsWith('bedrock') ? aws : {});
    expect(status).toBe(400);
    expect(text.replaceAll('\\', '')).toMatch(message);
  });
}

test('nobody is let in without the key of the vendor', async () => {
  const wrong = { authorization: 'Bearer wrong', 'x-api-key': 'wrong', 'x-goog-api-key': 'wrong' };
  const paths = [
    'openai/v1/chat/completions',
    'anthropic/v1/messages',
    'gemini/v1beta/models/m:generateContent',
    'bedrock/model/m/converse',
  ];
  const statuses = await Promise.all(paths.map(async (path) => (await say(path, {}, wrong))[0]));
  expect(statuses).toEqual([401, 401, 401, 403]);
});
