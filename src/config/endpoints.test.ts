import { expect, test } from 'bun:test';
import type { JsonObject } from '../core/types.ts';
import { fakeRegistry } from './fake-registry.ts';
import { loadConfig } from './load.ts';

/** What an endpoint with these further keys becomes. JSON is YAML. */
function endpointWith(more: JsonObject) {
  const model = { provider: 'mlflow-model-serving', config: { model_server_url: 'http://127.0.0.1:4000' } };
  const text = JSON.stringify({ endpoints: [{ name: 'a', endpoint_type: 'llm/v1/chat', model, ...more }] });
  return loadConfig({ path: 'config.yaml', text, environment: {}, providers: fakeRegistry }).config.endpoints[0];
}

test('an endpoint is strict only when it says so', () => {
  expect(endpointWith({ strict: true })?.strict).toBe(true);
  for (const more of [{}, { strict: false }, { strict: null }]) expect(endpointWith(more)?.strict).toBe(false);
});

test('strict is true or false and nothing else', () => {
  expect(() => endpointWith({ strict: 'perhaps' })).toThrow('boolean');
});
