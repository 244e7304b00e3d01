import { expect, test } from 'bun:test';
import { loadConfig } from '../../config/load.ts';
import { providers } from '../index.ts';

test('an endpoint of a provider that is not built yet loads, with a warning', () => {
  const model = { provider: 'SAP-AI-Core', name: 'm', config: { unknown: '$NOT_SET' } };
  const text = JSON.stringify({ endpoints: [{ name: 'later', endpoint_type: 'llm/v1/chat', model }] });
  const { config, warnings } = loadConfig({ path: 'config.yaml', text, environment: {}, providers });
  expect(config.endpoints[0]?.provider).toBe('sap-ai-core');
  expect(warnings.map(({ message }) => message)).toEqual([
    "The provider 'sap-ai-core' is not available in this version; calls of 'later' are answered with 501",
  ]);
});
