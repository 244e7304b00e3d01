import { expect, test } from 'bun:test';
import { Secret } from '../../core/secret.ts';
import { providers } from './index.ts';

const HOST = 'https://w.example';

function native(name: string, credentials: object = { kind: 'token', token: new Secret('t') }) {
  return providers[0]?.deploy({ name, config: { host: HOST, credentials } }).natives?.anthropic?.chat;
}

test('Claude is served to clients of its own format, other models are not', () => {
  expect(native('databricks-claude-sonnet-4-5')).toMatchObject({
    model: 'databricks-claude-sonnet-4-5',
    destination: { url: `${HOST}/serving-endpoints/anthropic/v1/messages` },
    credentialHeaders: ['authorization'],
  });
  expect(native('system.ai.claude-opus-4-6')?.destination.url).toBe(`${HOST}/ai-gateway/anthropic/v1/messages`);
  expect(native('databricks-llama-4-maverick')).toBeUndefined();
});

test('its version is said, and a service principal is authorised as elsewhere', () => {
  const target = native('databricks-claude-opus-4-6', { kind: 'client', id: 'i', secret: new Secret('s') });
  expect(target?.destination.headers).toEqual([
    ['content-type', 'application/json'],
    ['anthropic-version', '2023-06-01'],
  ]);
  expect(target?.authorize).toBeFunction();
});
