import { describe, expect, test } from 'bun:test';
import OpenAI from 'openai';
import { z } from 'zod';
import type { NeutralPart } from '../../core/neutral/parts.ts';
import type { NeutralChoice, NeutralResponse } from '../../core/neutral/response.ts';
import { NO_USAGE } from '../../core/neutral/usage.ts';
import type { JsonObject } from '../../core/types.ts';
import { type AnswerContext, type CheckedRequest, PLAIN_PATH } from '../dialect.ts';
import { openai } from './index.ts';

const CHAT: AnswerContext = { operation: 'chat', provider: 'p', model: 'configured' };

function requestOf(body: JsonObject): CheckedRequest {
  return { path: PLAIN_PATH, body, replacements: null, streams: false };
}

function answer(parts: readonly NeutralPart[], more: Partial<NeutralChoice> = {}, body: JsonObject = {}): JsonObject {
  const choice: NeutralChoice = { parts, finish: { reason: 'stop' }, ...more };
  const response: NeutralResponse = { operation: 'chat', id: 'i', model: 'm', choices: [choice], usage: null };
  return JSON.parse(openai.encode(response, CHAT, requestOf(body)));
}

function choiceOf(...given: Parameters<typeof answer>): JsonObject {
  const [choice] = answer(...given).choices as JsonObject[];
  if (!choice) throw new Error('no choice');
  return choice;
}

const messageOf = (...given: Parameters<typeof answer>) => choiceOf(...given).message as JsonObject;

/** The required fields of https://platform.openai.com/docs/api-reference/chat/object, and what the others must be. */
const tokens = z.int().min(0);
const usageShape = z.object({ prompt_tokens: tokens, completion_tokens: tokens, total_tokens: tokens });
const common = { id: z.string().min(1), created: z.int(), model: z.string(), usage: usageShape };
const chatShape = z.object({
  ...common,
  object: z.literal('chat.completion'),
  choices: z.array(
    z.object({
      index: z.int(),
      finish_reason: z.enum(['stop', 'length', 'tool_calls', 'content_filter', 'function_call']),
      logprobs: z.unknown().nullable(),
      message: z.object({
        role: z.literal('assistant'),
        content: z.string().nullable(),
        refusal: z.string().nullable(),
        tool_calls: z
          .array(
            z.object({
              id: z.string(),
              type: z.literal('function'),
              function: z.object({ name: z.string(), arguments: z.string() }),
            }),
          )
          .min(1)
          .optional(),
      }),
    }),
  ),
});
const completionShape = z.object({
  ...common,
  object: z.literal('text_completion'),
  choices: z.array(
    z.object({ index: z.int(), text: z.string(), logprobs: z.null(), finish_reason: z.enum(['stop', 'length']) }),
  ),
});

const PARTS: Readonly<Record<string, NeutralPart>> = {
  text: { type: 'text', text: 'Hello' },
  reasoning: { type: 'reasoning', text: 'hm', signature: 'sig' },
  call: { type: 'tool-call', id: 'c1', name: 'f', arguments: '{"a": 1}' },
  refusal: { type: 'refusal', text: 'no' },
  image: { type: 'image', source: { kind: 'base64', mediaType: 'image/png', data: 'iVBO' } },
  other: { type: 'other', value: { type: 'server_tool_use', id: 's' } },
};

describe('a chat answer', () => {
  test('is of the published shape whatever is in it', () => {
    const lists = [[], ...Object.values(PARTS).map((part) => [part]), Object.values(PARTS)];
    for (const parts of lists) {
      for (const finish of [null, { reason: 'length', native: 'MAX' }]) {
        expect(() => chatShape.parse(answer(parts, { finish }))).not.toThrow();
      }
    }
    const bare: NeutralResponse = { operation: 'chat', id: null, model: null, choices: [], usage: null };
    expect(chatShape.parse(JSON.parse(openai.encode(bare, CHAT, requestOf({}))))).toMatchObject({
      model: 'configured',
      usage: { total_tokens: 0 },
    });
  });

  test('keeps what the provider says of itself', () => {
    const response: NeutralResponse = {
      operation: 'chat',
      id: 'id-1',
      model: 'up',
      created: 1_700_000_000,
      choices: [{ parts: [], finish: null, rest: { logprobs: { content: [] } } }],
      usage: { ...NO_USAGE, input: 1, output: 2 },
      rest: { service_tier: 'default', system_fingerprint: 'fp' },
    };
    expect(JSON.parse(openai.encode(response, CHAT, requestOf({})))).toEqual({
      id: 'id-1',
      object: 'chat.completion',
      created: 1_700_000_000,
      model: 'up',
      choices: [
        {
          index: 0,
          message: { role: 'assistant', content: null, refusal: null },
          logprobs: { content: [] },
          finish_reason: 'stop',
        },
      ],
      usage: { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 },
      service_tier: 'default',
      system_fingerprint: 'fp',
    });
  });

  test('joins texts, and has no content where there is none', () => {
    const text = (value: string): NeutralPart => ({ type: 'text', text: value });
    expect(messageOf([text('a'), text('b')]).content).toBe('ab');
    expect(messageOf([text('')]).content).toBe('');
    expect(messageOf([]).content).toBeNull();
  });

  test('has tool calls with arguments that parse, and their signatures', () => {
    const calls: NeutralPart[] = [
      { type: 'tool-call', id: 'a', name: 'f', arguments: '', signature: 's' },
      { type: 'tool-call', id: 'b', name: 'g', arguments: '{"x": 1}' },
      { type: 'other', value: { id: 'c', type: 'custom', custom: { name: 'h', input: 'i' } } },
    ];
    expect(messageOf(calls).tool_calls).toEqual([
      { id: 'a', type: 'function', function: { name: 'f', arguments: '{}' }, thought_signature: 's' },
      { id: 'b', type: 'function', function: { name: 'g', arguments: '{"x": 1}' } },
      { id: 'c', type: 'custom', custom: { name: 'h', input: 'i' } },
    ]);
    expect(choiceOf(calls, { finish: null }).finish_reason).toBe('tool_calls');
  });

  test('has the provider’s own finish beside OpenAI’s word', () => {
    expect(choiceOf([], { finish: { reason: 'stop', native: 'end_turn', stopSequence: 'END' } })).toMatchObject({
      finish_reason: 'stop',
      native_finish_reason: 'end_turn',
      stop_sequence: 'END',
    });
    expect(choiceOf([], { finish: { reason: 'stop', native: 'stop', mlflow: 'x' } })).not.toHaveProperty(
      'native_finish_reason',
    );
  });

  test('shows reasoning, signs it only where the provider did', () => {
    expect(messageOf([{ type: 'reasoning', text: 'hm' }])).toEqual({
      role: 'assistant',
      content: null,
      refusal: null,
      reasoning_content: 'hm',
    });
    const parts: NeutralPart[] = [
      { type: 'reasoning', text: 'one', signature: 's1' },
      { type: 'reasoning', text: '', encrypted: 'gAAA' },
      { type: 'reasoning', text: 'two' },
    ];
    expect(messageOf(parts)).toMatchObject({
      reasoning_content: 'onetwo',
      reasoning_details: [
        { type: 'reasoning.text', text: 'one', signature: 's1' },
        { type: 'reasoning.encrypted', data: 'gAAA' },
        { type: 'reasoning.text', text: 'two' },
      ],
    });
  });

  test('has images, recordings, citations and parts of other kinds as further fields', () => {
    const annotation = { type: 'url_citation', url_citation: { url: 'https://e.com' } };
    const parts: NeutralPart[] = [
      { type: 'text', text: 'a', rest: { annotations: [annotation] } },
      { type: 'text', text: 'b', rest: { annotations: [annotation], citations: [{ cited_text: 'c' }] } },
      { type: 'image', source: { kind: 'base64', mediaType: 'image/png', data: 'iVBO' } },
      { type: 'audio', source: { kind: 'base64', mediaType: 'audio/wav', data: 'UklG' }, rest: { transcript: 'hi' } },
      { type: 'document', source: { kind: 'url', url: 'https://e.com/d' }, name: 'd' },
      { type: 'other', value: { type: 'web_search_tool_result' } },
    ];
    expect(messageOf(parts)).toEqual({
      role: 'assistant',
      content: 'ab',
      refusal: null,
      annotations: [annotation, annotation],
      citations: [{ cited_text: 'c' }],
      images: [{ type: 'image_url', image_url: { url: 'data:image/png;base64,iVBO' } }],
      audio: { id: '', expires_at: 0, transcript: 'hi', data: 'UklG', format: 'wav' },
      other_content: [
        { type: 'file', file: { file_data: 'https://e.com/d', filename: 'd' } },
        { type: 'web_search_tool_result' },
      ],
    });
  });

  test('what an assistant said comes back as the same parts on the next turn', () => {
    const parts: NeutralPart[] = [
      { type: 'reasoning', text: 'hm', signature: 'sig' },
      { type: 'reasoning', text: '', encrypted: 'gAAA' },
      { type: 'text', text: 'Hello' },
      { type: 'other', value: { type: 'server_tool_use', id: 's' } },
      { type: 'refusal', text: 'no' },
      { type: 'tool-call', id: 'c1', name: 'f', arguments: '{"a": 1}', signature: 'ts' },
    ];
    for (const list of [parts, parts.slice(1), parts.slice(2), [{ type: 'reasoning', text: 'x' } as const]]) {
      const body = { messages: [messageOf(list)] };
      const next = openai.decode('chat', openai.check('chat', body, false, PLAIN_PATH));
      expect(next).toMatchObject({ messages: [{ role: 'assistant', rest: {} }] });
      expect('messages' in next && next.messages[0]?.parts).toEqual(list);
    }
  });

  test('is in the deprecated form for a client that asked in it', () => {
    const call: NeutralPart = { type: 'tool-call', id: 'c', name: 'f', arguments: '{}' };
    const choice = choiceOf([call], { finish: { reason: 'tool_calls' } }, { functions: [{ name: 'f' }] });
    expect(choice).toEqual({
      index: 0,
      message: { role: 'assistant', content: null, refusal: null, function_call: { name: 'f', arguments: '{}' } },
      logprobs: null,
      finish_reason: 'function_call',
    });
  });
});

describe('usage', () => {
  const usageOf = (usage: Partial<typeof NO_USAGE>): unknown => {
    const response: NeutralResponse = {
      operation: 'chat',
      id: null,
      model: null,
      choices: [],
      usage: { ...NO_USAGE, ...usage },
    };
    return JSON.parse(openai.encode(response, CHAT, requestOf({}))).usage;
  };

  test('counts every bucket once, and shows details where there are some', () => {
    expect(usageOf({ input: 3, output: 4 })).toEqual({ prompt_tokens: 3, completion_tokens: 4, total_tokens: 7 });
    expect(
      usageOf({
        input: 1,
        cacheRead: 2,
        cacheWrite: 3,
        cacheWriteLong: 4,
        inputAudio: 5,
        inputImage: 6,
        output: 7,
        reasoning: 8,
        outputAudio: 9,
        outputImage: 10,
      }),
    ).toEqual({
      prompt_tokens: 21,
      completion_tokens: 34,
      total_tokens: 55,
      prompt_tokens_details: { cached_tokens: 2, cache_creation_tokens: 7, audio_tokens: 5, image_tokens: 6 },
      completion_tokens_details: { reasoning_tokens: 8, audio_tokens: 9, image_tokens: 10 },
    });
  });
});

describe('completions and embeddings', () => {
  test('a completion is of the published shape', () => {
    const context: AnswerContext = { ...CHAT, operation: 'completions' };
    const response: NeutralResponse = {
      operation: 'completions',
      id: null,
      model: null,
      choices: [
        { parts: [{ type: 'text', text: 'A' }], finish: null },
        { parts: [], finish: { reason: 'length' } },
      ],
      usage: null,
    };
    const encoded = completionShape.parse(JSON.parse(openai.encode(response, context, requestOf({}))));
    expect(encoded.choices).toEqual([
      { index: 0, text: 'A', logprobs: null, finish_reason: 'stop' },
      { index: 1, text: '', logprobs: null, finish_reason: 'length' },
    ]);
  });

  const VECTORS = [
    [0.5, -1, 3.25],
    [1e-3, 0, 2],
  ];
  const embeddings: NeutralResponse = {
    operation: 'embeddings',
    model: null,
    embeddings: VECTORS,
    usage: { ...NO_USAGE, input: 4 },
  };
  const context: AnswerContext = { ...CHAT, operation: 'embeddings' };

  test('embeddings are numbers, or base64 where the client asks for it', () => {
    expect(JSON.parse(openai.encode(embeddings, context, requestOf({})))).toEqual({
      object: 'list',
      data: VECTORS.map((embedding, index) => ({ object: 'embedding', index, embedding })),
      model: 'configured',
      usage: { prompt_tokens: 4, total_tokens: 4 },
    });
    const packed = JSON.parse(openai.encode(embeddings, context, requestOf({ encoding_format: 'base64' })));
    expect(packed.data[0].embedding).toBe('AAAAPwAAgL8AAFBA');
  });

  test('the official client, which asks for base64 by itself, reads the vectors', async () => {
    const client = new OpenAI({
      apiKey: 'k',
      baseURL: 'http://127.0.0.1/v1',
      fetch: async (_url, init) => {
        const body: JsonObject = JSON.parse(String(init?.body));
        const text = openai.encode(embeddings, context, requestOf(body));
        return new Response(text, { headers: { 'content-type': 'application/json' } });
      },
    });
    const { data } = await client.embeddings.create({ model: 'm', input: ['a', 'b'] });
    expect(data.map(({ embedding }) => embedding)).toEqual(VECTORS.map((vector) => vector.map(Math.fround)));
  });
});
