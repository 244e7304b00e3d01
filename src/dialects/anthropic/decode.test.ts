import { describe, expect, test } from 'bun:test';
import { GatewayError } from '../../core/errors.ts';
import type { NeutralChatRequest } from '../../core/neutral/request.ts';
import type { JsonObject } from '../../core/types.ts';
import { type CheckedRequest, PLAIN_PATH, type RequestPath } from '../dialect.ts';
import { Random } from '../testing/random.ts';
import { anthropic } from './index.ts';

const MESSAGES = [{ role: 'user', content: 'x' }];

function check(body: unknown, path: Partial<RequestPath> = {}): CheckedRequest {
  return anthropic.check('chat', body, false, { ...PLAIN_PATH, ...path });
}

function decode(body: JsonObject): NeutralChatRequest {
  const request = anthropic.decode('chat', check({ model: 'm', max_tokens: 9, messages: MESSAGES, ...body }));
  if (request.operation !== 'chat') throw new Error('not a chat');
  return request;
}

function refusal(body: unknown, path: Partial<RequestPath> = {}): string {
  try {
    anthropic.decode('chat', check(body, path));
  } catch (error) {
    if (error instanceof GatewayError && error.status === 400) return error.message;
    throw error;
  }
  throw new Error('was taken');
}

describe('a request', () => {
  test('needs messages and a maximum, which a count does not', () => {
    expect(refusal([])).toBe('body: Input should be a valid dictionary');
    expect(refusal({ messages: MESSAGES })).toBe('max_tokens: Field required');
    expect(refusal({ max_tokens: '9', messages: MESSAGES })).toBe('max_tokens: Input should be a valid integer');
    expect(refusal({ max_tokens: 9 })).toBe('messages: Field required');
    expect(refusal({ max_tokens: 9, messages: [] })).toBe('messages: at least one message is required');
    expect(refusal({ max_tokens: 9, messages: [{ content: 'x' }] })).toBe('messages.0.role: Field required');
    expect(refusal({ max_tokens: 9, messages: [{ role: 'user' }] })).toBe('messages.0.content: Field required');
    expect(check({ messages: MESSAGES, stream: true }, { action: 'count-tokens' }).streams).toBe(false);
  });

  test('says whether it streams, unless its path does', () => {
    const body = { max_tokens: 9, messages: MESSAGES };
    expect(check(body).streams).toBe(false);
    expect(check({ ...body, stream: true }).streams).toBe(true);
    expect(check(body, { streams: true }).streams).toBe(true);
    expect(refusal({ ...body, stream: 1 })).toBe('stream: Input should be a valid boolean');
  });

  test.each([
    [{ messages: [{ role: 'tool', content: 'x' }] }, "messages.0.role: Input should be 'user' or 'assistant'"],
    [{ messages: [{ role: 'user', content: 1 }] }, 'messages.0.content: Input should be a valid string or list'],
    [{ messages: [{ role: 'user', content: [{}] }] }, 'messages.0.content.0.type: Field required'],
    [{ messages: [{ role: 'user', content: [{ type: 'text' }] }] }, 'messages.0.content.0.text: Field required'],
    [
      { messages: [{ role: 'user', content: [{ type: 'image', source: { type: 'base64', data: '' } }] }] },
      'messages.0.content.0.source.media_type: Field required',
    ],
    [
      { messages: [{ role: 'user', content: [{ type: 'tool_use', id: 'a' }] }] },
      'messages.0.content.0.name: Field required',
    ],
    [{ system: [1] }, 'system.0: Input should be a valid dictionary'],
    [{ temperature: '1' }, 'temperature: Input should be a valid number'],
    [{ top_k: 1.5 }, 'top_k: Input should be a valid integer'],
    [{ stop_sequences: [1] }, 'stop_sequences.0: Input should be a valid string'],
    [{ tools: {} }, 'tools: Input should be a valid list'],
    [{ tools: [{}] }, 'tools.0.name: Field required'],
    [{ tool_choice: 'auto' }, 'tool_choice: Input should be a valid dictionary'],
    [{ tool_choice: { type: 'tool' } }, 'tool_choice.name: Field required'],
    [{ thinking: true }, 'thinking: Input should be a valid dictionary'],
  ])('that no provider could read is refused in the words of the API: %j', (fields, message) => {
    expect(refusal({ max_tokens: 9, messages: MESSAGES, ...fields })).toBe(message);
  });

  test('of any content is taken or refused, and never fails otherwise', () => {
    const types = ['text', 'image', 'document', 'thinking', 'tool_use', 'tool_result', 'search_result', 'new'];
    for (let seed = 1; seed <= 500; seed += 1) {
      const random = new Random(seed);
      const block = () => ({ ...random.object(), type: random.pick(types), source: random.value() });
      const fields = ['system', 'tools', 'tool_choice', 'thinking', 'output_config', 'stop_sequences', 'metadata'];
      const body = {
        max_tokens: 9,
        messages: [{ ...random.object(), role: 'user', content: random.list(3, block) }],
        [random.pick(fields)]: random.value(),
      };
      try {
        anthropic.decode('chat', check(body));
      } catch (error) {
        if (!(error instanceof GatewayError) || error.status !== 400) throw new Error(`${seed}`, { cause: error });
      }
    }
  });
});

describe('for a provider of another format', () => {
  test('instructions are a message, and each tool result is one', () => {
    const { messages } = decode({
      system: 'Be brief.',
      messages: [
        {
          role: 'user',
          content: [
            { type: 'tool_result', tool_use_id: 'a', content: 'A' },
            { type: 'tool_result', tool_use_id: 'b', content: [{ type: 'text', text: 'B' }], is_error: true },
            { type: 'text', text: 'Go on' },
          ],
        },
        { role: 'user', content: [] },
      ],
    });
    const part = (text: string) => [{ type: 'text', text }];
    expect(messages).toEqual([
      { role: 'system', parts: [{ type: 'text', text: 'Be brief.' }], rest: {} },
      { role: 'tool', parts: [{ type: 'tool-result', toolCallId: 'a', parts: part('A') }], rest: {} },
      { role: 'tool', parts: [{ type: 'tool-result', toolCallId: 'b', parts: part('B'), isError: true }], rest: {} },
      { role: 'user', parts: [{ type: 'text', text: 'Go on' }], rest: {} },
      { role: 'user', parts: [], rest: {} },
    ] as never);
  });

  test('settings have their common names', () => {
    const request = decode({
      temperature: 0.5,
      top_p: 0.9,
      top_k: 3,
      stop_sequences: ['a'],
      tools: [
        { type: 'custom', name: 'f', input_schema: { type: 'object' } },
        { type: 'bash_20250124', name: 'bash' },
      ],
      tool_choice: { type: 'any', disable_parallel_tool_use: true },
      thinking: { type: 'enabled', budget_tokens: 2000 },
      output_config: { effort: 'high', format: { type: 'json_schema', schema: { type: 'object' } }, task_budget: 1 },
      service_tier: 'standard_only',
      metadata: { user_id: 'u' },
      stream: true,
      cache_control: null,
      unknown: { a: 1 },
    });
    expect(request).toMatchObject({
      settings: { max_tokens: 9, temperature: 0.5, top_p: 0.9, top_k: 3, stop: ['a'] },
      tools: [{ name: 'f', parameters: { type: 'object' } }, { other: { type: 'bash_20250124', name: 'bash' } }],
      toolChoice: 'required',
      parallelToolCalls: false,
      reasoning: { mode: 'enabled', budgetTokens: 2000, effort: 'high' },
      responseFormat: { type: 'json_schema', json_schema: { name: 'answer', schema: { type: 'object' } } },
      stream: true,
    });
    expect(request.rest).toEqual({
      output_config: { task_budget: 1 },
      service_tier: 'default',
      metadata: { user_id: 'u' },
      unknown: { a: 1 },
    });
  });

  test.each([
    [{ thinking: { type: 'disabled' } }, { mode: 'disabled' }, {}],
    [
      { thinking: { type: 'adaptive', display: 'omitted' } },
      { mode: 'adaptive' },
      { thinking: { type: 'adaptive', display: 'omitted' } },
    ],
    [{ thinking: { type: 'between_tools' } }, undefined, { thinking: { type: 'between_tools' } }],
    [{ output_config: { effort: 'low' } }, { effort: 'low', effortAlone: true }, {}],
    [{}, undefined, {}],
  ])('thinking that says more than is known is kept whole: %j', (fields, reasoning, rest) => {
    const request = decode(fields);
    expect<unknown>([request.reasoning, request.rest]).toEqual([reasoning, rest]);
  });

  test.each([
    [{ output_format: { type: 'json_schema', schema: {} } }, {}, true],
    [{ output_format: { type: 'new' } }, { output_format: { type: 'new' } }, false],
    [{ output_config: { format: { type: 'new' } } }, { output_config: { format: { type: 'new' } } }, false],
    [{ tool_choice: { type: 'new' } }, { tool_choice: { type: 'new' } }, false],
  ])('what is not known yet stays where it is: %j', (fields, rest, hasFormat) => {
    const request = decode(fields);
    expect(request.rest).toEqual(rest);
    expect(request.responseFormat !== undefined).toBe(hasFormat);
  });

  test('results of a search and documents made of blocks say what they are in words', () => {
    const content = [{ type: 'text', text: 'Found' }];
    const [message] = decode({
      messages: [
        {
          role: 'user',
          content: [
            { type: 'search_result', title: 'T', source: 'https://example.com', content },
            { type: 'document', source: { type: 'content', content } },
            { type: 'image', source: { type: 'url', url: 'u', further: 1 }, unknown: 2 },
          ],
        },
      ],
    }).messages;
    expect(message?.parts).toMatchObject([
      { type: 'other', text: 'T\nhttps://example.com\nFound' },
      { type: 'other', text: 'Found' },
      { type: 'image', rest: { 'source.further': 1, unknown: 2 } },
    ]);
  });
});
