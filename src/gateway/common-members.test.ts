import { expect, test } from 'bun:test';
import { Secret } from '../core/secret.ts';
import { CommonMembers, commonMembers } from './common-members.ts';
import type { Exchange } from './exchange.ts';

const OF_ENDPOINT = ',"endpoint":"chat"';

type Said = Partial<
  Pick<
    Exchange,
    'status' | 'route' | 'servedModel' | 'finishReason' | 'isStream' | 'surface' | 'operation' | 'serverText'
  >
>;

function exchange(said: Said = {}): Exchange {
  const plain = {
    incoming: { dialect: { name: 'openai' }, operation: 'chat', path: { action: null } },
    surface: null,
    operation: null,
    status: 200,
    route: null,
    upstream: null,
    serverText: '',
    servedModel: null,
    finishReason: null,
    isStream: false,
    endpoint: null,
    addedHeaders: [],
  };
  return { ...plain, ...said } as unknown as Exchange;
}

const DIFFERENT: readonly Said[] = [
  {},
  { status: 429 },
  { route: 'r' },
  { servedModel: 'a "model"' },
  { finishReason: 'length' },
  { isStream: true },
  { surface: 'relay' },
  { operation: 'files' },
  { serverText: ',"server":"one:443"' },
  { servedModel: 'length', finishReason: null },
];

test('every record says what its own request was, whatever came before', () => {
  const members = new CommonMembers(OF_ENDPOINT);
  const order = [...DIFFERENT, ...DIFFERENT.toReversed(), ...DIFFERENT];
  const texts = order.map((said) => members.textFor(exchange(said)));
  expect(texts).toEqual(order.map((said) => commonMembers(exchange(said), OF_ENDPOINT)));
  expect(new Set(texts).size).toBe(DIFFERENT.length);
});

test('a credential that the upstream quotes stays out of them', () => {
  const said = { servedModel: 'sk-own-secret', finishReason: 'no sk-own-secret', addedHeaders: [] };
  const endpoint = { secrets: [new Secret('sk-own-secret')] };
  const text = commonMembers(Object.assign(exchange(said), { endpoint }) as Exchange);
  expect(text).not.toContain('sk-own-secret');
  expect(text).toContain('"served":"***"');
});

test('the members are JSON', () => {
  const said = { servedModel: 'a "model"\n', finishReason: 'stop', isStream: true, route: 'ü' };
  const text = new CommonMembers(OF_ENDPOINT).textFor(exchange(said));
  expect(JSON.parse(`{${text.slice(1)}}`)).toEqual({
    surface: 'openai',
    operation: 'chat',
    endpoint: 'chat',
    status: 200,
    route: 'ü',
    served: 'a "model" ',
    finish: 'stop',
    stream: 1,
  });
});
