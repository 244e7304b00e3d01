import { expect, test } from 'bun:test';
import { createKeyResolver, withKeyResolver } from '../../config/keys.ts';
import { Changes } from '../../core/neutral/changes.ts';
import { openaiWire } from '../openai-wire/index.ts';
import { providers } from './index.ts';

/** What a deployment gets of a request that asks for an effort and a temperature. */
function sent(name: string | null, deployment: string): unknown {
  const provider = providers.find((each) => each.name === 'azure');
  if (!provider) throw new Error('no Azure');
  const config = withKeyResolver(createKeyResolver({}), () =>
    provider.schema.parse({
      openai_api_key: 'sk-canary',
      openai_api_type: 'azure',
      openai_api_base: 'https://a.openai.azure.com',
      openai_api_version: '2026-01-01',
      openai_deployment_name: deployment,
    }),
  );
  const { chat } = provider.deploy({ name, config }).targets;
  if (chat?.wire !== 'openai') throw new Error('another format');
  const changes = new Changes();
  const body = openaiWire(chat, 'chat').encode(
    {
      operation: 'chat',
      surface: 'standard',
      messages: [],
      tools: [],
      reasoning: { effort: 'low' },
      settings: { temperature: 0.5 },
      stream: false,
      rest: {},
    },
    changes,
  );
  return [body, changes.toString()];
}

const THINKS = [{ messages: [], reasoning_effort: 'low' }, 'temperature;dropped'];
const ANSWERS = [{ messages: [], temperature: 0.5 }, 'reasoning_effort;dropped'];

test('a deployment takes what the model takes by whose name it is configured', () => {
  expect(sent('gpt-5', 'blue')).toEqual(THINKS);
  expect(sent('gpt-4o', 'blue')).toEqual(ANSWERS);
});

test('or, without one, the model that the deployment is named after', () => {
  expect(sent(null, 'team-gpt-5-mini')).toEqual(THINKS);
  expect(sent(null, 'blue')).toEqual(ANSWERS);
});
