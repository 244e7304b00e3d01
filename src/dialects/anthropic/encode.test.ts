import { describe, expect, test } from 'bun:test';
import type { NeutralTextResponse } from '../../core/neutral/response.ts';
import { NO_USAGE } from '../../core/neutral/usage.ts';
import type { JsonObject } from '../../core/types.ts';
import { claudeWire } from '../../providers/anthropic/wire.ts';
import { type AnswerContext, PLAIN_PATH } from '../dialect.ts';
import { anthropic } from './index.ts';

const SONNET = 'claude-sonnet-4-5';
const CONTEXT: AnswerContext = { operation: 'chat', provider: 'anthropic', model: SONNET };
const REQUEST = anthropic.check(
  'chat',
  { max_tokens: 1, messages: [{ role: 'user', content: 'x' }] },
  false,
  PLAIN_PATH,
);

const ANSWERS: ReadonlyArray<readonly [name: string, message: JsonObject]> = [
  [
    'a text',
    {
      content: [{ type: 'text', text: 'Hi! My name is Claude. 😀' }],
      stop_reason: 'end_turn',
      usage: { input_tokens: 2095, output_tokens: 503 },
    },
  ],
  [
    'thinking, a tool and the counts of the cache',
    {
      content: [
        { type: 'thinking', thinking: 'Let me…', signature: 'c2ln' },
        { type: 'redacted_thinking', data: 'ZW5j' },
        { type: 'text', text: "I'll check." },
        { type: 'tool_use', id: 'toolu_1', name: 'get_weather', input: { location: 'Paris', unit: null } },
        { type: 'tool_use', id: 'toolu_2', name: 'get_time', input: {} },
      ],
      stop_reason: 'tool_use',
      usage: {
        input_tokens: 10,
        cache_creation_input_tokens: 248,
        cache_read_input_tokens: 1800,
        cache_creation: { ephemeral_5m_input_tokens: 148, ephemeral_1h_input_tokens: 100 },
        output_tokens: 503,
        output_tokens_details: { thinking_tokens: 300 },
        server_tool_use: { web_search_requests: 1 },
        service_tier: 'standard',
      },
    },
  ],
  [
    'a search with citations',
    {
      content: [
        { type: 'server_tool_use', id: 'srvtoolu_1', name: 'web_search', input: { query: 'ants' } },
        { type: 'web_search_tool_result', tool_use_id: 'srvtoolu_1', content: [] },
        {
          type: 'text',
          text: 'Ants are insects.',
          citations: [
            {
              type: 'web_search_result_location',
              url: 'https://example.com',
              title: 'Ants',
              encrypted_index: 'Eo8B',
              cited_text: 'Ants are…',
            },
          ],
        },
      ],
      stop_reason: 'pause_turn',
      container: { id: 'container_1', expires_at: '2026-01-01T00:00:00Z' },
      usage: { input_tokens: 1, output_tokens: 2 },
    },
  ],
  [
    'a stop sequence',
    {
      content: [{ type: 'text', text: 'one' }],
      stop_reason: 'stop_sequence',
      stop_sequence: 'two',
      usage: { input_tokens: 1, output_tokens: 2 },
    },
  ],
  [
    'a refusal',
    {
      content: [],
      stop_reason: 'refusal',
      stop_details: { type: 'refusal', category: 'cyber', explanation: 'No.' },
      usage: { input_tokens: 1, output_tokens: 2 },
    },
  ],
];

describe("the vendor's own answers come out of the neutral shape as they went in", () => {
  test.each(ANSWERS.map(([name, message]) => [name, message] as const))('%s', (_name, fields) => {
    const message = {
      id: 'msg_013Zva2CMHLNnjNjJJKqJ2EF',
      type: 'message',
      role: 'assistant',
      model: SONNET,
      stop_sequence: null,
      ...fields,
    };
    const neutral = claudeWire({ model: SONNET, version: null }).decode(message, JSON.stringify(message));
    const encoded = JSON.parse(anthropic.encode(neutral, CONTEXT, REQUEST));
    const { usage, ...others } = encoded;
    expect({ ...others, usage: { ...usage, ...(fields.usage as JsonObject) } }).toEqual({ ...message, usage });
    expect(usage).toMatchObject(fields.usage as JsonObject);
  });
});

function encoded(response: Partial<NeutralTextResponse>): JsonObject {
  const full = { operation: 'chat', id: null, model: null, choices: [], usage: null, ...response } as const;
  return JSON.parse(anthropic.encode(full, { ...CONTEXT, model: 'configured' }, REQUEST));
}

describe('an answer of another provider', () => {
  test('is a message with an id and a model, and says nothing that the API does not have', () => {
    const message = encoded({
      id: 'chatcmpl-1',
      model: 'gpt-5',
      created: 1,
      choices: [{ parts: [{ type: 'text', text: 'Hi' }], finish: { reason: 'stop' }, rest: { logprobs: null } }],
      usage: { ...NO_USAGE, input: 5, cacheRead: 3, inputImage: 2, output: 7, reasoning: 4 },
      rest: { service_tier: 'default', system_fingerprint: 'fp' },
    });
    expect(message).toEqual({
      id: 'msg_chatcmpl-1',
      type: 'message',
      role: 'assistant',
      model: 'gpt-5',
      content: [{ type: 'text', text: 'Hi' }],
      stop_reason: 'end_turn',
      stop_sequence: null,
      usage: {
        input_tokens: 7,
        cache_creation_input_tokens: 0,
        cache_read_input_tokens: 3,
        output_tokens: 11,
        output_tokens_details: { thinking_tokens: 4 },
        service_tier: 'standard',
      },
      system_fingerprint: 'fp',
    });
  });

  test('without content, id, model or usage is a whole message nevertheless', () => {
    const { id, ...message } = encoded({});
    expect(id).toMatch(/^msg_\w{32}$/);
    expect(message).toMatchObject({ model: 'configured', content: [], stop_reason: 'end_turn' });
    expect(message.usage).toMatchObject({ input_tokens: 0, output_tokens: 0 });
  });

  test.each([
    [{ reason: 'length', native: 'MAX_TOKENS' }, 'max_tokens'],
    [{ reason: 'tool_calls' }, 'tool_use'],
    [{ reason: 'content_filter' }, 'refusal'],
    [{ reason: 'stop', stopSequence: 'END' }, 'stop_sequence'],
    [{ reason: 'stop', native: 'pause_turn' }, 'pause_turn'],
    [{ reason: 'something_new' }, 'end_turn'],
    [null, 'end_turn'],
  ])('stops for a reason of this API: %j', (finish, reason) => {
    expect(encoded({ choices: [{ parts: [], finish }] }).stop_reason).toBe(reason);
  });

  test('names the reason of its own where this API has none', () => {
    const finish = { reason: 'content_filter', native: 'SAFETY' };
    expect(encoded({ choices: [{ parts: [], finish }] })).toMatchObject({
      stop_reason: 'refusal',
      native_finish_reason: 'SAFETY',
    });
  });

  test('with calls stops for them, whatever its provider says', () => {
    const call = { type: 'tool-call', id: 'call_1', name: 'f', arguments: '' } as const;
    const message = encoded({ choices: [{ parts: [call], finish: { reason: 'stop' } }] });
    expect(message.stop_reason).toBe('tool_use');
    expect(message.content).toEqual([{ type: 'tool_use', id: 'call_1', name: 'f', input: {} }]);
  });

  test('keeps arguments that are no JSON object, and takes them back', () => {
    const call = { type: 'tool-call', id: 'call_1', name: 'f', arguments: '{"a":"b' } as const;
    const { content } = encoded({ choices: [{ parts: [call], finish: { reason: 'length' } }] });
    expect(content).toEqual([{ type: 'tool_use', id: 'call_1', name: 'f', input: { unparsed_arguments: '{"a":"b' } }]);
    const messages = [{ role: 'assistant', content }];
    const decoded = anthropic.decode('chat', { ...REQUEST, body: { messages } });
    expect(decoded).toMatchObject({ messages: [{ parts: [call] }] });
  });

  test('keeps signatures, encrypted reasoning and images in a form that comes back', () => {
    const parts = [
      { type: 'reasoning', text: 'unsigned' },
      { type: 'reasoning', text: '', signature: 'c2ln' },
      { type: 'reasoning', text: '', encrypted: 'ZW5j', rest: { id: 'rs_1' } },
      { type: 'tool-call', id: 'call_1', name: 'f', arguments: '{}', signature: 'c2ln' },
      { type: 'image', source: { kind: 'base64', mediaType: 'image/png', data: 'aWJt' } },
      { type: 'audio', source: { kind: 'base64', mediaType: 'audio/wav', data: 'UklG' } },
      { type: 'other', value: { executableCode: {} } },
    ] as const;
    const { content } = encoded({ choices: [{ parts, finish: null }] });
    expect(content).toMatchObject([
      { type: 'thinking', thinking: 'unsigned', signature: '' },
      { type: 'thinking', thinking: '', signature: 'c2ln' },
      { type: 'redacted_thinking', data: 'ZW5j', id: 'rs_1' },
      { type: 'tool_use', thought_signature: 'c2ln' },
      { type: 'image' },
      { type: 'audio' },
      { type: 'provider_part', part: { executableCode: {} } },
    ]);
    const decoded = anthropic.decode('chat', {
      ...REQUEST,
      body: { messages: [{ role: 'assistant', content }] },
    });
    expect(decoded).toMatchObject({ messages: [{ parts }] });
  });

  test('shows sources in the shape of web search', () => {
    const url_citation = { url: 'https://example.com', title: 'T', start_index: 0, end_index: 2 };
    const rest = { annotations: [{ type: 'url_citation', url_citation }] };
    const { content } = encoded({ choices: [{ parts: [{ type: 'text', text: 'Hi', rest }], finish: null }] });
    expect(content).toMatchObject([
      { text: 'Hi', citations: [{ type: 'web_search_result_location', url: 'https://example.com', title: 'T' }] },
    ]);
  });

  test('says a refusal in words and as the reason', () => {
    const parts = [{ type: 'refusal', text: 'I cannot.' }] as const;
    expect(encoded({ choices: [{ parts, finish: { reason: 'stop' } }] })).toMatchObject({
      content: [{ type: 'text', text: 'I cannot.' }],
      stop_reason: 'refusal',
      stop_details: { type: 'refusal', category: null, explanation: 'I cannot.' },
    });
  });
});

test('a count of tokens is in the shape of its own call', () => {
  expect(anthropic.encodeCount?.(42)).toBe('{"input_tokens":42}');
});

test('what an answer says of usage is read from the side', () => {
  const usage = { input_tokens: 1, cache_read_input_tokens: 2, output_tokens: 3 };
  expect(anthropic.readUsage({ usage })).toEqual({ ...NO_USAGE, input: 1, cacheRead: 2, output: 3, native: usage });
  expect(anthropic.readUsage({})).toBeNull();
  expect(anthropic.answer({}, '{ "id" : 1.0 }', CONTEXT)).toBe('{ "id" : 1.0 }');
});
