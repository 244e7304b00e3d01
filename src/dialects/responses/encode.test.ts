import { describe, expect, test } from 'bun:test';
import type { NeutralPart } from '../../core/neutral/parts.ts';
import type { NeutralChoice, NeutralTextResponse } from '../../core/neutral/response.ts';
import { isJsonObject, type JsonObject } from '../../core/types.ts';
import { checkResponses, decodeResponses, RESPONSES_CONTEXT } from '../testing/responses-request.ts';
import { encode } from './encode.ts';

function encoded(
  choice: Partial<NeutralChoice>,
  body: JsonObject = {},
  answer: Partial<NeutralTextResponse> = {},
): JsonObject {
  const response: NeutralTextResponse = {
    operation: 'chat',
    id: null,
    model: 'answered',
    choices: [{ parts: [], finish: null, ...choice }],
    usage: null,
    ...answer,
  };
  return JSON.parse(encode(response, RESPONSES_CONTEXT, checkResponses(body)));
}

function output(parts: readonly NeutralPart[], body: JsonObject = {}): JsonObject[] {
  const items = encoded({ parts }, body).output;
  return Array.isArray(items) ? items.filter(isJsonObject) : [];
}

describe('the response object', () => {
  test('repeats the request and says the rest by its defaults', () => {
    const body = {
      instructions: 'Be kind.',
      temperature: 0.3,
      tools: [{ type: 'function', name: 'f' }],
      reasoning: { effort: 'low' },
    };
    const answer = encoded({}, body, {
      id: 'msg_1',
      created: 5,
      rest: { service_tier: 'priority', container: { id: 'c' } },
    });
    expect(answer).toMatchObject({
      id: 'resp_msg_1',
      object: 'response',
      created_at: 5,
      status: 'completed',
      error: null,
      incomplete_details: null,
      instructions: 'Be kind.',
      temperature: 0.3,
      top_p: null,
      tools: [{ type: 'function', name: 'f', parameters: null, strict: null }],
      tool_choice: 'auto',
      parallel_tool_calls: true,
      reasoning: { effort: 'low', summary: null },
      text: { format: { type: 'text' } },
      metadata: {},
      truncation: 'disabled',
      store: false,
      service_tier: 'priority',
      container: { id: 'c' },
      model: 'answered',
    });
    expect(encoded({}, {}, { model: null })).toMatchObject({ model: 'configured' });
  });

  test.each([
    ['length', 'max_tokens', 'max_output_tokens'],
    ['content_filter', 'refusal', 'content_filter'],
  ])('an answer that ended by %s is incomplete, and the provider is quoted', (reason, native, why) => {
    const parts = [{ type: 'text', text: 'Hal' }] as const;
    const answer = encoded({ parts, finish: { reason, native, stopSequence: 'X' }, rest: { stop_details: { a: 1 } } });
    expect(answer).toMatchObject({
      status: 'incomplete',
      incomplete_details: { reason: why },
      native_finish_reason: native,
      stop_sequence: 'X',
      stop_details: { a: 1 },
      completed_at: null,
      output: [{ type: 'message', status: 'incomplete' }],
    });
  });
});

describe('output', () => {
  test('texts and refusals in a row are one message, with places counted in each text', () => {
    const citation = { url: 'https://e', title: 'T', start_index: 7, end_index: 9 };
    const rest = { annotations: [{ type: 'url_citation', url_citation: citation }], citations: [{ own: true }] };
    expect(
      output([
        { type: 'text', text: 'Seven..' },
        { type: 'text', text: 'so', rest },
        { type: 'refusal', text: 'No.' },
      ]),
    ).toMatchObject([
      {
        type: 'message',
        role: 'assistant',
        status: 'completed',
        content: [
          { type: 'output_text', text: 'Seven..', annotations: [], logprobs: [] },
          {
            type: 'output_text',
            text: 'so',
            annotations: [{ type: 'url_citation', url: 'https://e', title: 'T', start_index: 0, end_index: 2 }],
            citations: [{ own: true }],
          },
          { type: 'refusal', refusal: 'No.' },
        ],
      },
    ]);
  });

  test('log probabilities are beside their text', () => {
    const logprobs = [{ token: 'a', logprob: -1, bytes: [97], top_logprobs: [] }];
    const answer = encoded({ parts: [{ type: 'text', text: 'a' }], rest: { logprobs: { content: logprobs } } });
    expect(answer).toMatchObject({ output: [{ content: [{ logprobs }] }] });
    expect(answer.logprobs).toBeUndefined();
  });

  test('calls are known to the client by its own names', () => {
    const tools = [
      { type: 'custom', name: 'apply_patch' },
      { type: 'namespace', name: 'crm', tools: [{ type: 'function', name: 'find' }] },
    ];
    const call = (id: string, name: string, text: string) =>
      ({ type: 'tool-call', id, name, arguments: text }) as const;
    expect(
      output(
        [call('1', 'apply_patch', '{"input":"*** é"}'), call('2', 'crm__find', ''), call('3', 'apply_patch', '{"inp')],
        {
          tools,
        },
      ),
    ).toMatchObject([
      { type: 'custom_tool_call', call_id: '1', name: 'apply_patch', input: '*** é' },
      { type: 'function_call', call_id: '2', name: 'find', namespace: 'crm', arguments: '{}' },
      { type: 'custom_tool_call', call_id: '3', input: '{"inp' },
    ]);
  });
});

const KEPT: readonly NeutralPart[] = [
  { type: 'reasoning', text: 'Hm', signature: 'EqQB é' },
  { type: 'reasoning', text: '', encrypted: 'opaque' },
  { type: 'text', text: 'Looking.', rest: { citations: [{ url: 'https://e' }] } },
  { type: 'reasoning', text: '', signature: 'of the text' },
  { type: 'tool-call', id: 'c1', name: 'f', arguments: '{"a":1}', signature: 'of the call' },
  { type: 'tool-call', id: 'c2', name: 'f', arguments: '{}' },
  { type: 'other', value: { type: 'server_tool_use', id: 's', input: { deep: ['é'] } } },
  {
    type: 'image',
    source: { kind: 'base64', mediaType: 'image/webp', data: 'AAAA' },
    rest: { thought_signature: 's' },
  },
  { type: 'refusal', text: 'No.' },
];

test('what a client sends back of an answer is what the provider said', () => {
  const { messages } = decodeResponses({ input: output(KEPT) }, RESPONSES_CONTEXT);
  expect(messages).toEqual([{ role: 'assistant', parts: [...KEPT], rest: {} }]);
});
