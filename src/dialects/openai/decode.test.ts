import { describe, expect, test } from 'bun:test';
import type { JsonObject, Operation } from '../../core/types.ts';
import { PLAIN_PATH } from '../dialect.ts';
import { mlflow } from '../mlflow/index.ts';
import { decodeChat, decodeMessage, refusal } from '../testing/chat-request.ts';
import { openai } from './index.ts';

const refusedPart = (part: unknown) => refusal({ messages: [{ role: 'user', content: [part] }] });

describe('tools and formats', () => {
  test('tools keep their schemas, marks and unknown fields', () => {
    const parameters = { type: 'object', $defs: { a: { type: 'string' } }, properties: { x: { $ref: '#/$defs/a' } } };
    const tool = {
      type: 'function',
      function: { name: 'f', description: 'd', parameters, strict: true },
      cache_control: { type: 'ephemeral' },
      defer_loading: true,
    };
    const search = { type: 'web_search', max_uses: 1 };
    expect(decodeChat({ tools: [tool, search] }).tools).toEqual([
      {
        name: 'f',
        description: 'd',
        parameters,
        strict: true,
        cacheControl: { type: 'ephemeral' },
        rest: { defer_loading: true },
      },
      { other: search },
    ]);
  });

  test('a tool choice is a word, a function, or what only its provider knows', () => {
    expect(decodeChat({ tool_choice: 'required' }).toolChoice).toBe('required');
    expect(decodeChat({ tool_choice: { type: 'function', function: { name: 'f' } } }).toolChoice).toEqual({
      name: 'f',
    });
    const allowed = { type: 'allowed_tools', allowed_tools: { mode: 'auto', tools: [] } };
    expect(decodeChat({ tool_choice: allowed })).toMatchObject({ rest: { tool_choice: allowed } });
    expect(decodeChat({ tool_choice: allowed }).toolChoice).toBeUndefined();
    expect(decodeChat({ tool_choice: 'any' }).rest).toEqual({ tool_choice: 'any' });
  });

  test('response formats', () => {
    const json_schema = { name: 'n', schema: { type: 'object' }, strict: null, description: 'd' };
    expect(decodeChat({ response_format: { type: 'json_schema', json_schema } }).responseFormat).toEqual({
      type: 'json_schema',
      json_schema: { name: 'n', schema: { type: 'object' }, description: 'd' } as never,
    });
    expect(decodeChat({ response_format: { type: 'json_object' } }).responseFormat).toEqual({ type: 'json_object' });
    const grammar = { type: 'grammar', grammar: 'root ::= "a"' };
    expect(decodeChat({ response_format: grammar }).rest).toEqual({ response_format: grammar });
  });
});

describe('settings', () => {
  test('those of OpenAI go by name, all others stay in rest, nulls and what is the gateway’s are left out', () => {
    const request = decodeChat({
      model: 'endpoint',
      n: 2,
      stop: 'END',
      max_completion_tokens: 5,
      temperature: 0,
      top_p: null,
      seed: 1,
      logit_bias: { 50256: -100 },
      stream: true,
      stream_options: { include_usage: true },
      metadata: { a: 'b' },
      parallel_tool_calls: false,
      store: null,
    });
    expect(request).toEqual({
      operation: 'chat',
      surface: 'standard',
      messages: [{ role: 'user', parts: [{ type: 'text', text: 'x' }], rest: {} }],
      tools: [],
      parallelToolCalls: false,
      settings: { n: 2, stop: ['END'], max_completion_tokens: 5, temperature: 0 },
      stream: true,
      rest: { seed: 1, logit_bias: { 50256: -100 }, metadata: { a: 'b' } },
    });
  });

  test('n is 1 on MLflow’s surface when nothing is said, and replacements count', () => {
    const body = { temperature: '0.5', stop: 'x', thinking: { type: 'enabled', budget_tokens: 9 }, extra: 1 };
    expect(decodeChat(body, mlflow)).toMatchObject({
      surface: 'mlflow',
      settings: { n: 1, temperature: 0.5, stop: ['x'] },
      reasoning: { mode: 'enabled', budgetTokens: 9 },
      rest: { extra: 1 },
    });
    expect(decodeChat({}).settings).toEqual({});
  });

  test('how much to think is read from every field in which clients say it', () => {
    const reasoning = (body: JsonObject) => decodeChat(body).reasoning;
    expect(reasoning({ reasoning_effort: 'low' })).toEqual({ effort: 'low' });
    expect(reasoning({ thinking: { type: 'disabled' } })).toEqual({ mode: 'disabled' });
    expect(reasoning({ reasoning: { effort: 'high', max_tokens: 100, enabled: true } })).toEqual({
      effort: 'high',
      budgetTokens: 100,
      mode: 'enabled',
    });
    expect(reasoning({ reasoning: {} })).toBeUndefined();
    expect(reasoning({})).toBeUndefined();
    const thinking = { type: 'adaptive', display: 'omitted' };
    expect(decodeChat({ thinking })).toMatchObject({ reasoning: { mode: 'adaptive' }, rest: { thinking } });
    expect(decodeChat({ thinking: true }).rest).toEqual({ thinking: true });
  });

  test('a field that means something to JavaScript is a field like any other', () => {
    const body = JSON.parse(
      '{"__proto__":{"n":5},"toString":1,"messages":[{"role":"user","content":"x","__proto__":2}]}',
    );
    const request = decodeChat(body);
    expect(JSON.stringify(request.rest)).toBe('{"__proto__":{"n":5},"toString":1}');
    expect(JSON.stringify(request.messages[0]?.rest)).toBe('{"__proto__":2}');
    expect(request.settings.n).toBeUndefined();
  });
});

describe('completions and embeddings', () => {
  const other = (operation: Operation, body: JsonObject, dialect = openai) =>
    dialect.decode(operation, dialect.check(operation, body, false, PLAIN_PATH));

  test('a completion has its prompt, settings and the rest', () => {
    expect(other('completions', { prompt: ['a', 'b'], max_tokens: 3, echo: true, suffix: null, model: 'm' })).toEqual({
      operation: 'completions',
      surface: 'standard',
      prompt: ['a', 'b'],
      settings: { max_tokens: 3 },
      stream: false,
      rest: { echo: true },
    });
    expect(other('completions', { prompt: 'a' }, mlflow)).toMatchObject({ settings: { n: 1 }, surface: 'mlflow' });
  });

  test('the input of embeddings is a list of texts or of token lists', () => {
    const input = (value: unknown) => other('embeddings', { input: value, dimensions: 8 });
    expect(input('a')).toEqual({ operation: 'embeddings', surface: 'standard', input: ['a'], rest: { dimensions: 8 } });
    expect(input(['a', 'b'])).toMatchObject({ input: ['a', 'b'] });
    expect(input([1, 2])).toMatchObject({ input: [[1, 2]] });
    expect(input([[1], [2, 3]])).toMatchObject({ input: [[1], [2, 3]] });
  });
});

describe('what no provider could read is refused with 400 and the field’s name', () => {
  test.each<[string, unknown]>([
    ['messages[0].content', { messages: [{ role: 'user', content: 7 }] }],
    ['messages[0].content[0]', { messages: [{ role: 'user', content: ['a'] }] }],
    ['messages[0].tool_call_id', { messages: [{ role: 'tool', content: 'x' }] }],
    ['messages[0].tool_calls', { messages: [{ role: 'assistant', tool_calls: {} }] }],
    ['messages[0].tool_calls[0].function', { messages: [{ role: 'assistant', tool_calls: [{ id: 'a' }] }] }],
    ['messages[0].refusal', { messages: [{ role: 'assistant', refusal: [] }] }],
    ['messages[0].cache_control', { messages: [{ role: 'user', content: 'x', cache_control: true }] }],
    ['tools', { tools: {} }],
    ['tools[0].function.name', { tools: [{ type: 'function', function: {} }] }],
    ['tools[0].function.parameters', { tools: [{ type: 'function', function: { name: 'f', parameters: [] } }] }],
    ['tool_choice', { tool_choice: 1 }],
    ['stop[1]', { stop: ['a', 1] }],
    ['temperature', { temperature: 'hot' }],
    ['max_tokens', { max_tokens: 1.5 }],
    ['n', { n: 0 }],
    ['parallel_tool_calls', { parallel_tool_calls: 'no' }],
    ['response_format', { response_format: 'json' }],
    ['response_format.json_schema.schema', { response_format: { type: 'json_schema', json_schema: { schema: 1 } } }],
    ['reasoning_effort', { reasoning_effort: 3 }],
    ['stream', { stream: 'yes' }],
  ])('%s', (parameter, body) => {
    const error = refusal({ messages: [{ role: 'user', content: 'x' }], ...(body as JsonObject) });
    expect(error.status).toBe(400);
    expect(error.parameter).toBe(parameter);
    expect(error.message).toContain(`'${parameter}'`);
  });

  test('parts that are not whole', () => {
    const parameters = [
      refusedPart({ text: 'x' }),
      refusedPart({ type: 'text' }),
      refusedPart({ type: 'image_url', image_url: {} }),
      refusedPart({ type: 'image_url', image_url: { url: 'data:image/png' } }),
      refusedPart({ type: 'image_url', image_url: { url: 'data:text/plain,%' } }),
      refusedPart({ type: 'input_audio', input_audio: { data: 'x' } }),
      refusedPart({ type: 'file', file: { file_data: 1 } }),
    ].map((error) => error.parameter);
    expect(parameters).toEqual([
      'messages[0].content[0].type',
      'messages[0].content[0].text',
      'messages[0].content[0].image_url.url',
      'messages[0].content[0].image_url.url',
      'messages[0].content[0].image_url.url',
      'messages[0].content[0].input_audio.format',
      'messages[0].content[0].file.file_data',
    ]);
  });

  test('prompts and inputs of other types', () => {
    expect(refusal({ prompt: 7 }, 'completions').parameter).toBe('prompt');
    expect(refusal({ prompt: ['a', 1] }, 'completions').parameter).toBe('prompt');
    expect(refusal({ input: {} }, 'embeddings').parameter).toBe('input');
    expect(refusal({ input: [] }, 'embeddings').parameter).toBe('input');
    expect(refusal({ input: ['a', null] }, 'embeddings').parameter).toBe('input');
  });

  test('with 422 on MLflow’s surface, where ids may be missing', () => {
    const messages = [{ role: 'user', content: 'x' }];
    const error = refusal({ messages, functions: 'f' }, 'chat', mlflow);
    expect([error.status, error.parameter]).toEqual([422, 'functions']);
    expect(decodeMessage({ role: 'tool', content: 'x' }, mlflow).parts[0]).toMatchObject({ toolCallId: '' });
    expect(decodeMessage({ role: 'assistant', tool_calls: [{ id: 'c' }] }, mlflow).parts[0]).toMatchObject({
      name: '',
    });
  });
});
