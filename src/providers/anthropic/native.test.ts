import { expect, test } from 'bun:test';
import { Changes } from '../../core/neutral/changes.ts';
import type { NeutralChatRequest } from '../../core/neutral/request.ts';
import { Secret } from '../../core/secret.ts';
import { countOf } from './count.ts';
import { providers } from './index.ts';
import { claudeWire } from './wire.ts';

const [provider] = providers;
const deployment = provider?.deploy({
  name: 'claude-sonnet-4-5',
  config: { anthropic_api_key: new Secret('k'), anthropic_api_base: 'https://proxy.example/v1/' },
});

test('clients of the same format are served at the same place, with the configured model', () => {
  const native = deployment?.natives?.anthropic?.chat;
  expect(native).toMatchObject({
    model: 'claude-sonnet-4-5',
    destination: { url: 'https://proxy.example/v1/messages' },
    countDestination: { url: 'https://proxy.example/v1/messages/count_tokens' },
    credentialHeaders: ['x-api-key', 'authorization'],
    forwardedHeaders: ['anthropic-beta', 'anthropic-version'],
  });
  expect(native?.destination).toEqual(deployment?.targets.chat?.destination as never);
});

const REQUEST: NeutralChatRequest = {
  operation: 'chat',
  surface: 'standard',
  messages: [
    { role: 'system', parts: [{ type: 'text', text: 'Be brief.' }], rest: {} },
    { role: 'user', parts: [{ type: 'text', text: 'x' }], rest: {} },
  ],
  tools: [{ name: 'f' }],
  settings: { temperature: 0.5, max_tokens: 5, stop: ['a'] },
  stream: true,
  rest: {},
};

test('tokens are counted by what costs tokens, and nothing else is asked', () => {
  const changes = new Changes();
  const question = { messages: [{ role: 'user', content: 'x' }], system: 'Be brief.', tools: [{ name: 'f' }] };
  const own = countOf(claudeWire({ model: 'claude-sonnet-4-5', version: null }), null).encode(REQUEST, changes);
  expect(own).toMatchObject({ model: 'claude-sonnet-4-5', ...question });
  expect(Object.keys(own).sort()).toEqual(['messages', 'model', 'system', 'tools']);
  const elsewhere = countOf(claudeWire({ model: null, version: 'v' }), 'claude-opus-4').encode(REQUEST, changes);
  expect(elsewhere).toMatchObject({ model: 'claude-opus-4', anthropic_version: 'v', ...question });
  expect(changes.isEmpty).toBe(true);
});

test('a count of another shape is refused', () => {
  const { decode } = countOf(claudeWire({ model: 'm', version: null }), null);
  expect(decode({ input_tokens: 14 })).toBe(14);
  for (const answer of [null, {}, { input_tokens: '14' }]) expect(() => decode(answer)).toThrow("no 'input_tokens'");
});
