import { describe, expect, test } from 'bun:test';
import { GatewayError } from '../../core/errors.ts';
import type { NeutralTextResponse } from '../../core/neutral/response.ts';
import type { JsonObject } from '../../core/types.ts';
import { openaiWire } from './index.ts';

const wire = openaiWire({ model: 'm' }, 'chat');

function decode(message: JsonObject, choice: JsonObject = {}): NeutralTextResponse {
  const body = {
    id: 'c',
    object: 'chat.completion',
    created: 1,
    model: 'm-up',
    choices: [{ index: 0, message, finish_reason: 'stop', ...choice }],
  };
  const response = wire.decode(body, '');
  if (response.operation === 'embeddings') throw new Error('no chat');
  return response;
}

const partsOf = (message: JsonObject) => decode(message).choices[0]?.parts;

function read(...chunks: JsonObject[]) {
  const reader = openaiWire({ model: 'm' }, 'chat').stream?.read();
  if (!reader) throw new Error('no stream');
  return chunks.map((chunk) => reader.event(chunk, ''));
}

const delta = (value: JsonObject, more: JsonObject = {}): JsonObject => ({
  choices: [{ index: 0, delta: value, ...more }],
});

describe('a whole answer', () => {
  test('has thoughts, text and calls in the order of their making', () => {
    expect(
      partsOf({
        content: 'a',
        reasoning: 'hm',
        reasoning_details: [
          { type: 'reasoning.text', text: 'hm', signature: 's' },
          { type: 'reasoning.encrypted', data: 'xx' },
        ],
        annotations: [{ type: 'url_citation' }],
        refusal: 'no',
        tool_calls: [
          {
            id: 'c',
            type: 'function',
            function: { name: 'f', arguments: { a: 1 } },
            extra_content: { google: { thought_signature: 'ts' } },
          },
          { id: 'd', type: 'custom', custom: { name: 'g', input: 'x' } },
        ],
      }),
    ).toEqual([
      { type: 'reasoning', text: 'hm', signature: 's' },
      { type: 'reasoning', text: '', encrypted: 'xx' },
      { type: 'text', text: 'a', rest: { annotations: [{ type: 'url_citation' }] } },
      { type: 'refusal', text: 'no' },
      { type: 'tool-call', id: 'c', name: 'f', arguments: '{"a":1}', signature: 'ts' },
      { type: 'other', value: { id: 'd', type: 'custom', custom: { name: 'g', input: 'x' } } },
    ]);
  });

  test('with the text of thoughts alone', () => {
    expect(partsOf({ content: '', reasoning_content: 'hm' })).toEqual([{ type: 'reasoning', text: 'hm' }]);
  });

  test('with images and sound', () => {
    expect(
      partsOf({
        content: null,
        images: [{ type: 'image_url', image_url: { url: 'data:image/png;base64,AA' } }],
        audio: { id: 'a', data: 'BB', transcript: 't', expires_at: 1 },
      }),
    ).toEqual([
      { type: 'image', source: { kind: 'base64', mediaType: 'image/png', data: 'AA' } },
      {
        type: 'audio',
        source: { kind: 'base64', mediaType: 'audio/wav', data: 'BB' },
        rest: { id: 'a', transcript: 't', expires_at: 1 },
      },
    ]);
  });

  test('that calls tools has stopped for them, whatever the server says', () => {
    const tool_calls = [{ id: '', function: { name: 'f' } }];
    expect(decode({ tool_calls }).choices[0]).toEqual({
      parts: [{ type: 'tool-call', id: 'call_0', name: 'f', arguments: '' }],
      finish: { reason: 'tool_calls' },
    });
    expect(decode({ tool_calls }, { finish_reason: 'length' }).choices[0]?.finish).toEqual({ reason: 'length' });
  });

  test('keeps what the shape does not know', () => {
    const { choices, rest } = wire.decode(
      { choices: [{ message: {}, logprobs: { content: [] }, finish_reason: null }], service_tier: 'x', object: 'o' },
      '',
    ) as NeutralTextResponse;
    expect([choices, rest]).toEqual([
      [{ parts: [], finish: null, rest: { logprobs: { content: [] } } }],
      { service_tier: 'x' },
    ]);
  });

  test.each<[string, unknown, object]>([
    [
      'an error with status 200',
      { error: { message: 'no', code: 503, type: 'overloaded' } },
      { code: 'upstream_error', status: 503, upstreamType: 'overloaded' },
    ],
    ['something else', { hello: 1 }, { code: 'upstream_invalid' }],
    ['no object', [1], { code: 'upstream_invalid' }],
  ])('is refused when it is %s', (_what, body, error) => {
    expect(() => wire.decode(body, '')).toThrow(GatewayError);
    expect(() => wire.decode(body, '')).toThrow(expect.objectContaining(error));
  });
});

describe('a stream', () => {
  test('gives text, thoughts and usage as they come', () => {
    expect(
      read(
        { id: 'c', model: 'm', created: 1, ...delta({ role: 'assistant', content: '' }) },
        delta({ reasoning_content: 'hm' }),
        delta({ reasoning: 'x', reasoning_details: [{ type: 'reasoning.text', text: 'x', signature: 's' }] }),
        delta({ content: 'a' }, { logprobs: { content: [1] } }),
        delta({}, { finish_reason: 'stop' }),
        { choices: [], usage: { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 }, obfuscation: 'zz' },
        { choices: [] },
      ),
    ).toMatchObject([
      { id: 'c', model: 'm', created: 1, choices: [{ index: 0 }] },
      { choices: [{ reasoning: { text: 'hm' } }] },
      { choices: [{ reasoning: { text: 'x', signature: 's' } }] },
      { choices: [{ text: 'a', rest: { logprobs: { content: [1] } } }] },
      { choices: [{ finish: { reason: 'stop' } }] },
      { choices: [], usage: { input: 1, output: 2 } },
      null as never,
    ]);
  });

  const calls = (...chunks: JsonObject[][]) =>
    read(...chunks.map((tool_calls) => delta({ tool_calls }))).flatMap((chunk) => chunk?.choices[0]?.toolCalls ?? []);

  test('tells calls apart that come interleaved', () => {
    expect(
      calls(
        [{ index: 0, id: 'a', function: { name: 'f', arguments: '' } }],
        [{ index: 1, id: 'b', function: { name: 'g', arguments: '' } }],
        [
          { index: 0, function: { arguments: '{' } },
          { index: 1, function: { arguments: '[' } },
        ],
        [{ index: 0, id: 'a', function: { arguments: '}' } }],
      ),
    ).toEqual([
      { index: 0, id: 'a', name: 'f' },
      { index: 1, id: 'b', name: 'g' },
      { index: 0, arguments: '{' },
      { index: 1, arguments: '[' },
      { index: 0, arguments: '}' },
    ]);
  });

  test.each([
    ['give every call the same index', 0],
    ['give none', undefined],
  ])('tells them apart where servers %s', (_what, index) => {
    const call = (id: string, name: string) => ({ index, id, function: { name, arguments: '{}' } });
    expect(calls([call('a', 'f')], [call('b', 'g')])).toEqual([
      { index: 0, id: 'a', name: 'f', arguments: '{}' },
      { index: 1, id: 'b', name: 'g', arguments: '{}' },
    ]);
  });

  test('ends for the tools that it called', () => {
    const chunks = read(
      delta({ tool_calls: [{ index: 0, id: 'a', function: { name: 'f', arguments: '{}' } }] }),
      delta({}, { finish_reason: 'stop' }),
    );
    expect(chunks[1]?.choices[0]?.finish).toEqual({ reason: 'tool_calls' });
  });

  test('gives a call of a tool that takes text when it is whole', () => {
    const piece = (custom: JsonObject, more: JsonObject = {}) => delta({ tool_calls: [{ index: 0, custom, ...more }] });
    const chunks = read(
      piece({ name: 'p', input: 'a' }, { id: 'c' }),
      piece({ input: 'b' }),
      delta({}, { finish_reason: 'tool_calls' }),
    );
    expect(chunks.map((chunk) => chunk?.choices[0]?.parts)).toEqual([
      undefined,
      undefined,
      [{ type: 'other', value: { id: 'c', type: 'custom', custom: { name: 'p', input: 'ab' } } }],
    ]);
  });

  test('fails with the error that it reports', () => {
    expect(() => read({ error: { message: 'over', code: 529 } })).toThrow(
      expect.objectContaining({ message: 'over', status: 529 }),
    );
  });
});

test('embeddings come in the order of the inputs', () => {
  const response = openaiWire({ model: 'm' }, 'embeddings').decode(
    {
      data: [
        { index: 1, embedding: [1] },
        { index: 0, embedding: 'AAAA' },
      ],
      model: 'e',
      usage: { prompt_tokens: 1, total_tokens: 1 },
    },
    '',
  );
  expect(response).toMatchObject({
    operation: 'embeddings',
    model: 'e',
    embeddings: ['AAAA', [1]],
    usage: { input: 1 },
  });
});
