import { describe, expect, test } from 'bun:test';
import { Changes } from '../../core/neutral/changes.ts';
import type { NeutralPart } from '../../core/neutral/parts.ts';
import type { NeutralChatRequest, NeutralMessage } from '../../core/neutral/request.ts';
import type { JsonObject } from '../../core/types.ts';
import type { OpenAIExtension } from '../provider.ts';
import { openaiWire } from './index.ts';

interface Options {
  readonly extensions?: readonly OpenAIExtension[];
  readonly model?: string | null;
}

/** The body, and what is lost. */
function encode(request: Partial<NeutralChatRequest>, options: Options = {}): { body: JsonObject; changed: string } {
  const { extensions = [], model = 'm' } = options;
  const changes = new Changes();
  const full: NeutralChatRequest = {
    operation: 'chat',
    surface: 'standard',
    messages: [],
    tools: [],
    settings: {},
    stream: false,
    rest: {},
    ...request,
  };
  const body = openaiWire({ model, extensions }, 'chat').encode(full, changes);
  return { body: JSON.parse(JSON.stringify(body)), changed: changes.toString() };
}

const message = (role: string, ...parts: NeutralPart[]): NeutralMessage => ({ role, parts, rest: {} });
const text = (value: string): NeutralPart => ({ type: 'text', text: value });
const image: NeutralPart = { type: 'image', source: { kind: 'base64', mediaType: 'image/png', data: 'AAAA' } };
const IMAGE_PART = { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } };
const result = (id: string, ...parts: NeutralPart[]): NeutralMessage =>
  message('tool', { type: 'tool-result', toolCallId: id, parts });

const messagesOf = (messages: readonly NeutralMessage[], options?: Options) => {
  const { body, changed } = encode({ messages }, options);
  return { messages: body.messages, changed };
};

describe('messages', () => {
  test('text alone is a text, several parts are a list', () => {
    expect(messagesOf([message('user', text('a')), message('user', text('a'), image)])).toEqual({
      messages: [
        { role: 'user', content: 'a' },
        { role: 'user', content: [{ type: 'text', text: 'a' }, IMAGE_PART] },
      ],
      changed: '',
    });
  });

  test('a developer is one to OpenAI alone', () => {
    const messages = [message('developer', text('a'))];
    expect(messagesOf(messages)).toEqual({ messages: [{ role: 'system', content: 'a' }], changed: '' });
    expect(messagesOf(messages, { extensions: ['openai'] })).toMatchObject({ messages: [{ role: 'developer' }] });
  });

  test('what tools show beside text follows their messages, which must stand together', () => {
    const call = (id: string): NeutralPart => ({ type: 'tool-call', id, name: 'f', arguments: '' });
    const sent = messagesOf([
      message('assistant', call('a'), call('b')),
      result('a', text('seen'), image),
      result('b', image),
      message('user', text('go on')),
    ]);
    expect(sent).toEqual({
      messages: [
        {
          role: 'assistant',
          content: null,
          tool_calls: ['a', 'b'].map((id) => ({ id, type: 'function', function: { name: 'f', arguments: '{}' } })),
        },
        { role: 'tool', tool_call_id: 'a', content: 'seen' },
        { role: 'tool', tool_call_id: 'b', content: 'The result is in the next message.' },
        { role: 'user', content: [IMAGE_PART, IMAGE_PART] },
        { role: 'user', content: 'go on' },
      ],
      changed: 'messages.1.content.1;approximated, messages.2.content.0;approximated',
    });
  });

  test('an id that is too long is shortened alike in the call and in its result', () => {
    const id = `toolu_${'x'.repeat(80)}`;
    const { messages } = messagesOf([
      message('assistant', { type: 'tool-call', id, name: 'f', arguments: '{}' }),
      result(id),
    ]);
    const [call, answer] = messages as [{ tool_calls: [{ id: string }] }, { tool_call_id: string; content: string }];
    expect(call.tool_calls[0].id).toHaveLength(37);
    expect(answer).toMatchObject({ tool_call_id: call.tool_calls[0].id, content: '' });
  });

  test('a document that is text becomes text; others are files', () => {
    const data = Buffer.from('Größe').toString('base64');
    const document = (mediaType: string): NeutralPart => ({
      type: 'document',
      source: { kind: 'base64', mediaType, data },
      name: 'a.x',
    });
    expect(messagesOf([message('user', document('text/plain'), document('application/pdf'))])).toEqual({
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'a.x\n\nGröße' },
            { type: 'file', file: { file_data: `data:application/pdf;base64,${data}`, filename: 'a.x' } },
          ],
        },
      ],
      changed: 'messages.0.content.0;approximated',
    });
  });

  test('what another API knows alone is dropped and named', () => {
    const parts: NeutralPart[] = [
      { type: 'reasoning', text: 'hm', signature: 's' },
      { type: 'text', text: 'a', cacheControl: { type: 'ephemeral' }, rest: { citations: [1] } },
      { type: 'other', value: { type: 'server_tool_use' } },
      { type: 'other', value: { type: 'search_result' }, text: 'found' },
      { type: 'tool-call', id: 'c', name: 'f', arguments: '{}', signature: 'ts' },
    ];
    const { messages, changed } = messagesOf([message('assistant', ...parts), message('user')]);
    expect(messages).toMatchObject([{ content: [{ text: 'a' }, { type: 'text', text: 'found' }] }, {}]);
    expect(changed.split(', ').sort()).toEqual([
      'messages.0.content.0.cache_control;dropped',
      'messages.0.content.0.citations;dropped',
      'messages.0.content.1;dropped',
      'messages.0.content.2;approximated',
      'messages.0.reasoning;dropped',
      'messages.0.tool_calls.0.thought_signature;dropped',
    ]);
  });

  test('the beginning of an answer is no message that a model goes on with', () => {
    const { messages, changed } = messagesOf([message('user', text('a')), message('assistant', text('{'))]);
    expect([messages, changed]).toMatchObject([[{}, { role: 'assistant', content: '{' }], 'messages.1;approximated']);
  });

  test('thoughts go back in the form that the server has for them', () => {
    const messages = [
      message('assistant', { type: 'reasoning', text: 'hm', signature: 's' }, text('a')),
      message('user'),
    ];
    const user = { role: 'user', content: '' };
    expect(messagesOf(messages, { extensions: ['reasoning_content'] })).toEqual({
      messages: [{ role: 'assistant', content: 'a', reasoning_content: 'hm' }, user],
      changed: 'messages.0.reasoning.signature;dropped',
    });
    expect(messagesOf(messages, { extensions: ['reasoning_details'] })).toEqual({
      messages: [
        {
          role: 'assistant',
          content: 'a',
          reasoning_details: [{ type: 'reasoning.text', text: 'hm', signature: 's' }],
        },
        user,
      ],
      changed: '',
    });
  });

  test('media that cannot be sent are refused', () => {
    const file: NeutralPart = { type: 'document', source: { kind: 'url', url: 'https://x.example/a.pdf' } };
    expect(messagesOf([message('user', file)])).toMatchObject({
      messages: [
        { content: [{ type: 'file', file: { file_data: 'https://x.example/a.pdf', filename: 'document.pdf' } }] },
      ],
    });
    const audio: NeutralPart = { type: 'audio', source: { kind: 'url', url: 'https://x.example/a.wav' } };
    expect(() => encode({ messages: [message('user', audio)] })).toThrow('messages.0.content.0');
  });
});

describe('tools', () => {
  const tools = [{ name: 'f', parameters: { type: 'object' }, cacheControl: { type: 'ephemeral' } }];

  test('are functions, whose schemas have properties', () => {
    expect(encode({ tools, toolChoice: { name: 'f' }, parallelToolCalls: false })).toEqual({
      body: {
        model: 'm',
        messages: [],
        tools: [{ type: 'function', function: { name: 'f', parameters: { type: 'object', properties: {} } } }],
        tool_choice: { type: 'function', function: { name: 'f' } },
        parallel_tool_calls: false,
      },
      changed: 'tools.0.cache_control;dropped',
    });
  });

  test('of other kinds are dropped and named, and with the last of them how to choose', () => {
    const other = { other: { type: 'web_search_20250305', name: 'web_search' } };
    const { body, changed } = encode({ tools: [other], toolChoice: 'auto', parallelToolCalls: true });
    expect([body, changed]).toEqual([{ model: 'm', messages: [] }, 'tools.0;dropped']);
  });

  test('that take text are OpenAI’s own', () => {
    const custom = { other: { type: 'custom', name: 'apply_patch', format: { type: 'grammar' } } };
    const { body, changed } = encode({ tools: [custom] }, { extensions: ['openai'] });
    expect(body.tools).toEqual([{ type: 'custom', custom: { name: 'apply_patch', format: { type: 'grammar' } } }]);
    expect(changed).toBe('');
    expect(encode({ tools: [custom] }).changed).toBe('tools.0;dropped');
  });
});

describe('settings', () => {
  const settings = { max_tokens: 9, temperature: 0.5, top_k: 3, stop: ['a', 'b', 'c', 'd', 'e'] };

  test('take the names that the server has', () => {
    expect(encode({ settings })).toEqual({
      body: { model: 'm', messages: [], temperature: 0.5, max_tokens: 9, stop: ['a', 'b', 'c', 'd'] },
      changed: 'top_k;dropped, stop;clamped',
    });
    expect(encode({ settings: { max_tokens: 9 } }, { extensions: ['openai'] }).body).toEqual({
      model: 'm',
      messages: [],
      max_completion_tokens: 9,
    });
    expect(encode({ settings: { top_k: 3 } }, { extensions: ['top_k'] })).toMatchObject({
      body: { top_k: 3 },
      changed: '',
    });
  });

  test('a stream is asked for its usage', () => {
    expect(encode({ stream: true }).body).toMatchObject({ stream: true, stream_options: { include_usage: true } });
  });

  test('a schema without a name gets one', () => {
    const responseFormat = { type: 'json_schema', json_schema: { schema: { type: 'object' } } } as const;
    expect(encode({ responseFormat }).body.response_format).toEqual({
      type: 'json_schema',
      json_schema: { schema: { type: 'object' }, name: 'answer' },
    });
  });

  test.each<[string, NeutralChatRequest['reasoning'], Options, JsonObject, string]>([
    ['an effort', { effort: 'low' }, { model: 'gpt-5' }, { reasoning_effort: 'low' }, ''],
    [
      'an effort of another API',
      { effort: 'max' },
      { model: 'o3' },
      { reasoning_effort: 'high' },
      'reasoning_effort;approximated',
    ],
    [
      'a budget',
      { mode: 'enabled', budgetTokens: 10_000 },
      { model: 'o4-mini' },
      { reasoning_effort: 'medium' },
      'thinking;approximated',
    ],
    [
      'an effort of a model that does not think',
      { effort: 'high' },
      { model: 'gpt-4o' },
      {},
      'reasoning_effort;dropped',
    ],
    [
      'thinking of a model that does not',
      { mode: 'enabled', budgetTokens: 1024 },
      { model: 'gpt-4o' },
      {},
      'thinking;dropped',
    ],
    ['no thinking', { mode: 'disabled' }, { model: 'gpt-4o' }, {}, ''],
    [
      'an effort at a server that takes it of all',
      { effort: 'high' },
      { extensions: ['reasoning_effort'] },
      { reasoning_effort: 'high' },
      '',
    ],
    [
      'a budget as OpenRouter has it',
      { mode: 'enabled', budgetTokens: 99 },
      { extensions: ['reasoning'] },
      { reasoning: { max_tokens: 99 } },
      '',
    ],
    [
      'thinking as DeepSeek has it',
      { mode: 'disabled' },
      { extensions: ['thinking'] },
      { thinking: { type: 'disabled' } },
      '',
    ],
  ])('%s', (_what, reasoning, options, fields, changed) => {
    const { model = 'm' } = options;
    expect(encode({ reasoning }, options)).toEqual({ body: { model, messages: [], ...fields }, changed });
  });
});

describe('the rest', () => {
  test('passes where the server knows it, and is named where it does not', () => {
    const rest = {
      seed: 1,
      store: false,
      prompt_cache_key: 'k',
      service_tier: 'standard_only',
      context_management: { x: 1 },
    };
    expect(encode({ rest })).toEqual({
      body: { model: 'm', messages: [], seed: 1 },
      changed: 'prompt_cache_key;dropped, service_tier;dropped, context_management;dropped',
    });
    expect(encode({ rest }, { extensions: ['openai'] })).toEqual({
      body: { model: 'm', messages: [], seed: 1, prompt_cache_key: 'k', service_tier: 'default' },
      changed: 'context_management;dropped',
    });
  });

  test('the id of a user is no longer than OpenAI takes it', () => {
    expect(encode({ rest: { metadata: { user_id: 'u' } } })).toMatchObject({ body: { user: 'u' }, changed: '' });
    const { body, changed } = encode({ rest: { metadata: { user_id: 'u'.repeat(100), team: 'a' } } });
    expect(body.user).toMatch(/^[0-9a-f]{64}$/);
    expect(changed).toBe('metadata.user_id;approximated, metadata.team;dropped');
  });

  test('what a provider sorts out itself is applied to the body', () => {
    const wire = openaiWire(
      {
        model: null,
        adjust: (body) =>
          new Map<string, unknown>([
            ['messages', undefined],
            ['seen', body.top_k],
          ]),
      },
      'chat',
    );
    const request = {
      operation: 'chat',
      surface: 'standard',
      messages: [],
      tools: [],
      stream: false,
      rest: {},
    } as const;
    expect(wire.encode({ ...request, settings: { top_k: 4 } }, new Changes())).toEqual({ top_k: 4, seen: 4 });
  });
});
