import { describe, expect, test } from 'bun:test';
import { Changes } from '../../core/neutral/changes.ts';
import type { NeutralChatRequest } from '../../core/neutral/request.ts';
import type { JsonObject } from '../../core/types.ts';
import { openaiWire } from './index.ts';

const SAMPLING = { temperature: 0.5, top_p: 0.9, presence_penalty: 1, frequency_penalty: 1 };

type Fields = Partial<NeutralChatRequest>;

/** The body without what every body has, and what is lost. */
function sent(model: string, fields: Fields): [body: JsonObject, changed: string] {
  const changes = new Changes();
  const wire = openaiWire({ model, extensions: ['openai'] }, 'chat');
  const request: NeutralChatRequest = {
    operation: 'chat',
    surface: 'standard',
    messages: [],
    tools: [],
    settings: {},
    stream: false,
    rest: {},
    ...fields,
  };
  const { model: _model, messages: _messages, ...body } = wire.encode(request, changes) as JsonObject;
  return [body, changes.toString()];
}

const effort = (wanted: string): Fields => ({ reasoning: { effort: wanted } });
const LOST = 'temperature;dropped, top_p;dropped, presence_penalty;dropped, frequency_penalty;dropped';

describe('a model that thinks gets no settings of sampling', () => {
  test.each<[model: string, fields: Fields]>([
    ['o1', {}],
    ['openai/o4-mini', {}],
    ['gpt-5', {}],
    ['gpt-5-mini-2025-08-07', {}],
    ['gpt-5.2', effort('low')],
    ['gpt-5.1-chat-latest', {}],
    ['gpt-5.1-codex', {}],
    ['gpt-5.5', {}],
    ['databricks-gpt-5', {}],
  ])('%s', (model, fields) => {
    const [body, changed] = sent(model, { settings: SAMPLING, ...fields });
    expect(Object.keys(body).filter((field) => field !== 'reasoning_effort')).toEqual([]);
    expect(changed).toBe(LOST);
  });

  test('nor log probabilities, nor weights of tokens', () => {
    const rest = { logprobs: true, top_logprobs: 3, logit_bias: { 50256: -100 }, seed: 1 };
    expect(sent('gpt-5', { rest })).toEqual([
      { seed: 1 },
      'logprobs;dropped, top_logprobs;dropped, logit_bias;dropped',
    ]);
  });

  test('and nothing is lost where they say what holds anyway', () => {
    const settings = { temperature: 1, top_p: 1, presence_penalty: 0, frequency_penalty: 0 };
    const rest = { logprobs: false, top_logprobs: 0, logit_bias: {} };
    expect(sent('gpt-5', { settings, rest })).toEqual([{ temperature: 1 }, '']);
  });

  test('a temperature of 0 is not what holds anyway', () => {
    expect(sent('o3', { settings: { temperature: 0, top_p: 0 } })).toEqual([{}, 'temperature;dropped, top_p;dropped']);
  });
});

describe('a model that does not think gets all of them', () => {
  test.each<[model: string, fields: Fields]>([
    ['gpt-4o', {}],
    ['gpt-5-chat-latest', {}],
    ['gpt-5.2', {}],
    ['gpt-5.2', { reasoning: { mode: 'disabled' } }],
    ['gpt-5.5', effort('none')],
    ['gpt-oss-120b', {}],
    ['qwen3-32b', {}],
  ])('%s', (model, fields) => {
    expect(sent(model, { settings: SAMPLING, ...fields })).toMatchObject([SAMPLING, '']);
  });
});

test('a model that does not stop at words is not told to', () => {
  const settings = { stop: ['END'] };
  expect(sent('gpt-5.2', { settings })).toEqual([{}, 'stop;dropped']);
  expect(sent('o3', { settings })).toEqual([{}, 'stop;dropped']);
  expect(sent('o3-mini', { settings })).toEqual([{ stop: ['END'] }, '']);
});

test('models of the o series call one tool after the other, and are not told so', () => {
  const fields = { tools: [{ name: 'f' }], parallelToolCalls: false };
  const [body, changed] = sent('o4-mini', fields);
  expect([body.parallel_tool_calls, changed]).toEqual([undefined, 'parallel_tool_calls;dropped']);
  expect(sent('o4-mini', { ...fields, parallelToolCalls: true })[1]).toBe('');
  expect(sent('gpt-5', fields)).toMatchObject([{ parallel_tool_calls: false }, '']);
});
