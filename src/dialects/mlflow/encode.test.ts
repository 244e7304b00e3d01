import { describe, expect, test } from 'bun:test';
import type { NeutralPart } from '../../core/neutral/parts.ts';
import type { NeutralChunk, NeutralResponse, NeutralTextResponse } from '../../core/neutral/response.ts';
import { NO_USAGE, type Usage } from '../../core/neutral/usage.ts';
import type { JsonObject } from '../../core/types.ts';
import { type AnswerContext, PLAIN_PATH } from '../dialect.ts';
import { utf8FromLatin1 } from '../latin1.ts';
import { mlflow } from './index.ts';

const CHAT: AnswerContext = { operation: 'chat', provider: 'anthropic', model: 'configured' };
const COMPLETIONS: AnswerContext = { ...CHAT, operation: 'completions' };
const REQUEST = { path: PLAIN_PATH, body: {}, replacements: null, streams: false };

function encode(
  response: Partial<NeutralTextResponse> & Pick<NeutralTextResponse, 'choices'>,
  context = CHAT,
): JsonObject {
  const operation = context.operation === 'chat' ? 'chat' : 'completions';
  const full: NeutralResponse = { operation, id: null, model: null, usage: null, ...response };
  return JSON.parse(mlflow.encode(full, context, REQUEST));
}

const TEXT: NeutralPart = { type: 'text', text: 'ok' };
const CALL: NeutralPart = {
  type: 'tool-call',
  id: 'toolu_1',
  name: 'f',
  arguments: '{"city": "SG"}',
  signature: 'sig',
};

describe('a whole answer', () => {
  test('of a chat has every field, and the provider', () => {
    const usage: Usage = {
      ...NO_USAGE,
      input: 10,
      cacheRead: 4,
      cacheWrite: 2,
      output: 25,
      native: {
        input_tokens: 10,
        output_tokens: 25,
        cache_read_input_tokens: 4,
        cache_creation_input_tokens: 2,
        service_tier: 'standard',
        server_tool_use: null,
      },
    };
    const choices = [{ parts: [TEXT, CALL], finish: { reason: 'tool_calls', native: 'tool_use' } }];
    expect(encode({ id: 'msg_1', model: 'up', created: 7, choices, usage })).toEqual({
      id: 'msg_1',
      object: 'chat.completion',
      created: 7,
      model: 'up',
      choices: [
        {
          index: 0,
          message: {
            role: 'assistant',
            content: 'ok',
            tool_calls: [
              {
                id: 'toolu_1',
                type: 'function',
                function: { name: 'f', arguments: '{"city": "SG"}' },
                thought_signature: 'sig',
              },
            ],
            refusal: null,
          },
          finish_reason: 'tool_calls',
          native_finish_reason: 'tool_use',
        },
      ],
      usage: {
        prompt_tokens: 16,
        completion_tokens: 25,
        total_tokens: 41,
        prompt_tokens_details: { cached_tokens: 4, cache_creation_tokens: 2 },
        cache_creation_input_tokens: 2,
        service_tier: 'standard',
      },
      provider: 'anthropic',
    });
  });

  test('has nulls where the provider says nothing', () => {
    const created = expect.any(Number);
    expect(encode({ choices: [{ parts: [], finish: null }] })).toEqual({
      id: null,
      object: 'chat.completion',
      created,
      model: 'configured',
      choices: [
        {
          index: 0,
          message: { role: 'assistant', content: null, tool_calls: null, refusal: null },
          finish_reason: null,
        },
      ],
      usage: { prompt_tokens: null, completion_tokens: null, total_tokens: null },
      provider: 'anthropic',
    });
    expect(encode({ choices: [{ parts: [], finish: null }] }, COMPLETIONS)).toEqual({
      id: null,
      object: 'text_completion',
      created,
      model: 'configured',
      choices: [{ index: 0, text: '', finish_reason: null }],
      usage: { prompt_tokens: null, completion_tokens: null, total_tokens: null },
    });
  });

  test("has MLflow's words: for the finish, for who speaks, and for a choice that it leaves out", () => {
    const choices = [
      { parts: [TEXT], finish: { reason: 'content_filter', mlflow: 'safety' } },
      { parts: [], finish: null, mlflowOmits: true as const },
      { role: '1', parts: [TEXT], finish: { reason: 'stop', mlflow: null } },
    ];
    const encoded = encode({ choices }).choices as JsonObject[];
    expect(encoded.map(({ index, finish_reason }) => [index, finish_reason])).toEqual([
      [0, 'safety'],
      [1, null],
    ]);
    expect(encoded[1]?.message).toMatchObject({ role: '1' });
  });

  test('of embeddings is floats, even where the client asked for base64, as MLflow has it', () => {
    const response: NeutralResponse = { operation: 'embeddings', model: null, embeddings: [[0.5]], usage: null };
    const request = { ...REQUEST, body: { encoding_format: 'base64' } };
    expect(JSON.parse(mlflow.encode(response, { ...CHAT, operation: 'embeddings' }, request))).toEqual({
      object: 'list',
      data: [{ object: 'embedding', embedding: [0.5], index: 0 }],
      model: 'configured',
      usage: { prompt_tokens: null, total_tokens: null },
    });
  });
});

describe('a stream', () => {
  function stream(chunks: readonly NeutralChunk[], context = CHAT): JsonObject[] {
    const encoder = mlflow.encodeStream(context, REQUEST);
    const text = chunks.map((chunk) => encoder.chunk(chunk)).join('') + encoder.end();
    return utf8FromLatin1(text)
      .split('\n\n')
      .filter((event) => event !== '')
      .map((event) => JSON.parse(event.slice('data: '.length)));
  }

  const start: NeutralChunk = { id: 'msg_1', model: 'up', created: 1, choices: [], usage: { ...NO_USAGE, input: 30 } };
  const common = { id: 'msg_1', object: 'chat.completion.chunk', created: 1, model: 'up' };
  const nulls = { role: null, content: null, tool_calls: null };

  test('has every field in every chunk, and usage in the chunk that ends it', () => {
    const events = stream([
      start,
      { choices: [{ index: 0, text: '' }] },
      { choices: [{ index: 0, text: 'Hé' }] },
      { choices: [{ index: 0, text: 'llo' }] },
      { choices: [{ index: 0, toolCalls: [{ index: 0, id: 't', name: 'f' }] }] },
      { choices: [{ index: 0, toolCalls: [{ index: 0, arguments: '{}' }] }] },
      {
        choices: [{ index: 0, finish: { reason: 'tool_calls' } }],
        usage: { ...NO_USAGE, input: 25, cacheRead: 5, output: 15 },
      },
    ]);
    const event = (delta: JsonObject, finish_reason: string | null = null, usage: JsonObject | null = null) => ({
      ...common,
      choices: [{ index: 0, finish_reason, delta: { ...nulls, ...delta } }],
      usage,
      provider: 'anthropic',
    });
    const call = { index: 0, id: null, type: null, function: { name: null, arguments: '{}' } };
    expect(events).toEqual([
      event({ role: 'assistant', content: '' }),
      event({ content: 'Hé' }),
      event({ content: 'llo' }),
      event({ tool_calls: [{ ...call, id: 't', type: 'function', function: { name: 'f', arguments: '' } }] }),
      event({ tool_calls: [call] }),
      event({}, 'tool_calls', {
        prompt_tokens: 30,
        completion_tokens: 15,
        total_tokens: 45,
        prompt_tokens_details: { cached_tokens: 5 },
      }),
    ]);
  });

  test('shows usage that comes after the end, or that came only at the beginning', () => {
    const usage = { ...NO_USAGE, input: 1 };
    const stop: NeutralChunk = { choices: [{ index: 0, finish: { reason: 'stop', mlflow: 'COMPLETE' } }] };
    const shown = { prompt_tokens: 1, completion_tokens: 0, total_tokens: 1 };
    for (const chunks of [
      [stop, { choices: [], usage }],
      [{ choices: [], usage }, stop],
    ]) {
      const [first, last] = stream(chunks);
      expect(first).toMatchObject({ choices: [{ finish_reason: 'COMPLETE' }], usage: null });
      expect(last).toMatchObject({ choices: [], usage: shown });
    }
    expect(stream([{ choices: [], usage }])).toMatchObject([{ choices: [], usage: shown }]);
    expect(stream([stop])).toHaveLength(1);
  });

  test('of completions is text, without a provider', () => {
    const chunks: NeutralChunk[] = [
      { created: 1, choices: [{ index: 0, text: 'a' }] },
      { choices: [{ index: 0, text: 'b' }] },
      { choices: [{ index: 0, reasoning: { text: 'x' } }] },
    ];
    const event = { id: null, object: 'text_completion_chunk', created: 1, model: 'configured', usage: null };
    expect(stream(chunks, COMPLETIONS)).toEqual(
      ['a', 'b'].map((text) => ({ ...event, choices: [{ index: 0, finish_reason: null, text }] })),
    );
  });
});
