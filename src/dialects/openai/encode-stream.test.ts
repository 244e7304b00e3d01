import { describe, expect, test } from 'bun:test';
import OpenAI from 'openai';
import type { ChoiceDelta, NeutralChunk } from '../../core/neutral/response.ts';
import { NO_USAGE } from '../../core/neutral/usage.ts';
import type { JsonObject } from '../../core/types.ts';
import { type AnswerContext, PLAIN_PATH } from '../dialect.ts';
import { utf8FromLatin1 } from '../latin1.ts';
import { Random } from '../testing/random.ts';
import { openai } from './index.ts';

const CHAT: AnswerContext = { operation: 'chat', provider: 'p', model: 'configured' };
const USAGE = { ...NO_USAGE, input: 3, output: 2 };

function encode(chunks: readonly NeutralChunk[], body: JsonObject = {}, context = CHAT): string {
  const encoder = openai.encodeStream(context, { path: PLAIN_PATH, body, replacements: null, streams: true });
  return chunks.map((chunk) => encoder.chunk(chunk)).join('') + encoder.end();
}

function eventsOf(text: string): JsonObject[] {
  const events = utf8FromLatin1(text).split('\n\n');
  expect(events.pop()).toBe('');
  expect(events.pop()).toBe('data: [DONE]');
  return events.map((event) => JSON.parse(event.slice('data: '.length)));
}

const choicesOf = (text: string): JsonObject[] => eventsOf(text).flatMap((event) => event.choices as JsonObject[]);
const deltasOf = (text: string): JsonObject[] => choicesOf(text).map((choice) => choice.delta as JsonObject);
const chunk = (choice: Omit<ChoiceDelta, 'index'>, more: Partial<NeutralChunk> = {}): NeutralChunk => ({
  choices: [{ index: 0, ...choice }],
  ...more,
});
const STOP = chunk({ finish: { reason: 'stop' } });

/** What OpenAI's own client makes of the stream. */
async function read(text: string, body: JsonObject = {}) {
  const client = new OpenAI({
    apiKey: 'k',
    baseURL: 'http://127.0.0.1/v1',
    fetch: async () => new Response(Buffer.from(text, 'latin1'), { headers: { 'content-type': 'text/event-stream' } }),
  });
  const stream = client.chat.completions.stream({ model: 'm', messages: [], ...body });
  return await stream.finalChatCompletion();
}

describe('a stream of text', () => {
  test('is chunks of one id, model and time, the first with the role', () => {
    const events = eventsOf(
      encode([
        { id: 'msg_1', model: 'up', choices: [] },
        chunk({ text: 'Hé' }),
        chunk({ text: 'llo "漢字"\n😀' }, { id: 'msg_1', model: 'up' }),
        STOP,
      ]),
    );
    const { created } = events[0] ?? {};
    expect(events).toEqual(
      [
        { delta: { role: 'assistant', content: 'Hé' }, finish_reason: null },
        { delta: { content: 'llo "漢字"\n😀' }, finish_reason: null },
        { delta: {}, finish_reason: 'stop' },
      ].map(({ delta, finish_reason }) => ({
        id: 'msg_1',
        object: 'chat.completion.chunk',
        created,
        model: 'up',
        choices: [{ index: 0, delta, logprobs: null, finish_reason }],
      })),
    );
    expect(Math.abs(Number(created) - Date.now() / 1000)).toBeLessThan(10);
  });

  test('has an id of its own where the provider has none, and keeps it', () => {
    const events = eventsOf(encode([chunk({ text: 'a' }), chunk({ text: 'b' }, { id: 'late' }), STOP]));
    expect(new Set(events.map((event) => event.id)).size).toBe(1);
    expect(events[0]?.id).toMatch(/^chatcmpl-[0-9a-f]{32}$/);
  });

  test('carries the provider’s time, and a model that is named later', () => {
    const events = eventsOf(encode([chunk({ text: 'a' }, { created: 7 }), chunk({ text: 'b' }, { model: 'x' }), STOP]));
    expect(events.map(({ created, model }) => [created, model])).toEqual([
      [7, 'configured'],
      [7, 'x'],
      [7, 'x'],
    ]);
  });

  test('is the same whether a chunk takes the short way or the long one', () => {
    for (let seed = 0; seed < 200; seed += 1) {
      const random = new Random(seed);
      const texts = random.list(8, () => random.text());
      // An empty `rest` means nothing, but only the long way has a place for it.
      const build = (rest: { rest?: JsonObject }) => [
        { id: 'i', created: 1, choices: [] },
        ...texts.map((text) => chunk({ text }, rest)),
        STOP,
      ];
      expect(encode(build({}))).toBe(encode(build({ rest: {} })));
    }
  });
});

describe('usage', () => {
  const chunks = [chunk({ text: 'a' }, { usage: { ...USAGE, output: 1 } }), STOP, { choices: [], usage: USAGE }];

  test('is left out unless the client asks for it', () => {
    expect(eventsOf(encode(chunks)).some((event) => 'usage' in event)).toBe(false);
  });

  test('comes last, in a chunk without choices; it is null in the others', () => {
    const events = eventsOf(encode(chunks, { stream_options: { include_usage: true } }));
    expect(events.map((event) => event.usage)).toEqual([
      null,
      null,
      { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 },
    ]);
    expect(events.at(-1)?.choices).toEqual([]);
  });
});

describe('tool calls', () => {
  const calls = [
    chunk({ text: 'let me' }),
    chunk({ toolCalls: [{ index: 0, id: 'a', name: 'f' }] }),
    chunk({ toolCalls: [{ index: 0, arguments: '{"x"' }] }),
    chunk({ toolCalls: [{ index: 1, id: 'b', name: 'g', arguments: '{"y":2}', signature: 's' }] }),
    chunk({ toolCalls: [{ index: 0, arguments: ':1}' }] }),
    chunk({ toolCalls: [{ index: 2, id: 'c', name: 'h' }] }),
    chunk({ finish: { reason: 'tool_calls', native: 'tool_use' } }),
  ];

  test('grow piece by piece; one without arguments ends as an empty object', () => {
    expect(deltasOf(encode(calls)).map((delta) => delta.tool_calls)).toEqual([
      undefined,
      [{ index: 0, id: 'a', type: 'function', function: { name: 'f', arguments: '' } }],
      [{ index: 0, function: { arguments: '{"x"' } }],
      [{ index: 1, id: 'b', type: 'function', function: { name: 'g', arguments: '{"y":2}' }, thought_signature: 's' }],
      [{ index: 0, function: { arguments: ':1}' } }],
      [{ index: 2, id: 'c', type: 'function', function: { name: 'h', arguments: '' } }],
      [{ index: 2, function: { arguments: '{}' } }],
    ]);
  });

  test('are whole for the official client', async () => {
    const { choices } = await read(encode(calls));
    expect(choices[0]?.finish_reason).toBe('tool_calls');
    expect(choices[0]?.message.content).toBe('let me');
    const made = choices[0]?.message.tool_calls?.map((call) => call.type === 'function' && call.function);
    expect(made).toMatchObject([
      { name: 'f', arguments: '{"x":1}' },
      { name: 'g', arguments: '{"y":2}' },
      { name: 'h', arguments: '{}' },
    ]);
  });

  test('are in the deprecated form for a client that asked in it', () => {
    const choices = choicesOf(encode([...calls.slice(1, 3), calls.at(-1) ?? STOP], { functions: [{ name: 'f' }] }));
    expect(choices.map(({ delta, finish_reason }) => ({ delta, finish_reason }))).toEqual([
      { delta: { role: 'assistant', content: null, function_call: { name: 'f', arguments: '' } }, finish_reason: null },
      { delta: { function_call: { arguments: '{"x"' } }, finish_reason: null },
      { delta: {}, finish_reason: 'function_call' },
    ]);
  });
});

describe('reasoning', () => {
  const thinking = [
    chunk({ reasoning: { text: 'hm, ' } }),
    chunk({ reasoning: { text: 'yes' } }),
    chunk({ reasoning: { signature: 'sig' } }),
    chunk({ reasoning: { encrypted: 'gAAA' } }),
    chunk({ text: 'ok' }),
    STOP,
  ];

  test('is text to show, and whole entries to send back', () => {
    const deltas = deltasOf(encode(thinking));
    expect(deltas.map((delta) => delta.reasoning_content ?? '').join('')).toBe('hm, yes');
    expect(deltas.flatMap((delta) => delta.reasoning_details ?? [])).toEqual([
      { type: 'reasoning.text', text: 'hm, yes', signature: 'sig', index: 0 },
      { type: 'reasoning.encrypted', data: 'gAAA', index: 1 },
    ]);
  });

  test('what a client collected is the same reasoning on the next turn', () => {
    const deltas = deltasOf(encode(thinking));
    const message = {
      role: 'assistant',
      content: 'ok',
      reasoning_content: 'hm, yes',
      reasoning_details: deltas.flatMap((delta) => delta.reasoning_details ?? []),
    };
    const next = openai.decode('chat', openai.check('chat', { messages: [message] }, false, PLAIN_PATH));
    expect('messages' in next && next.messages[0]?.parts).toEqual([
      { type: 'reasoning', text: 'hm, yes', signature: 'sig' },
      { type: 'reasoning', text: '', encrypted: 'gAAA' },
      { type: 'text', text: 'ok' },
    ]);
  });
});

describe('whatever comes', () => {
  test('refusals, images and other parts are deltas of their own', () => {
    const deltas = deltasOf(
      encode([
        chunk({ refusal: 'no' }),
        chunk({ parts: [{ type: 'image', source: { kind: 'base64', mediaType: 'image/png', data: 'iVBO' } }] }),
        chunk({ parts: [{ type: 'other', value: { type: 'a' } }] }),
        chunk({ parts: [{ type: 'other', value: { type: 'b' } }] }),
        chunk({ parts: [{ type: 'text', text: '!', rest: { annotations: [{ type: 'url_citation' }] } }] }),
        STOP,
      ]),
    );
    expect(deltas).toEqual([
      { role: 'assistant', content: null, refusal: 'no' },
      { images: [{ index: 0, type: 'image_url', image_url: { url: 'data:image/png;base64,iVBO' } }] },
      { other_content: [{ index: 0, type: 'a' }] },
      { other_content: [{ index: 1, type: 'b' }] },
      { content: '!', annotations: [{ index: 0, type: 'url_citation' }] },
      {},
    ]);
  });

  test('several choices keep apart', async () => {
    const { choices } = await read(
      encode([
        { choices: [1, 0].map((index) => ({ index, text: `c${index}` })) },
        { choices: [0, 1].map((index) => ({ index, text: '!' })) },
        { choices: [0, 1].map((index) => ({ index, finish: { reason: 'stop' } })) },
      ]),
    );
    expect(choices.map((choice) => choice.message.content)).toEqual(['c0!', 'c1!']);
  });

  test('a choice whose provider never said why it stopped ends all the same', () => {
    expect(choicesOf(encode([chunk({ text: 'a' })])).at(-1)).toEqual({
      index: 0,
      delta: {},
      logprobs: null,
      finish_reason: 'stop',
    });
  });

  test('chunks that say nothing to a client write nothing', () => {
    expect(encode([{ choices: [] }, { choices: [], usage: USAGE }])).toBe('data: [DONE]\n\n');
  });

  test('the official client makes of random chunks what they say', async () => {
    for (let seed = 0; seed < 150; seed += 1) {
      const random = new Random(seed);
      const said = { content: '', arguments: '', reasoning: '' };
      const chunks: NeutralChunk[] = [chunk({ toolCalls: [{ index: 0, id: 'a', name: 'f', arguments: '[' }] })];
      for (let count = random.below(20); count > 0; count -= 1) {
        const text = random.text();
        const kind = random.pick(['content', 'content', 'arguments', 'reasoning'] as const);
        said[kind] += text;
        if (kind === 'content') chunks.push(chunk({ text }));
        if (kind === 'arguments') chunks.push(chunk({ toolCalls: [{ index: 0, arguments: text }] }));
        if (kind === 'reasoning') chunks.push(chunk({ reasoning: { text } }));
      }
      chunks.push(chunk({ finish: { reason: 'tool_calls' } }, { usage: USAGE }));
      const answer = await read(encode(chunks, { stream_options: { include_usage: true } }));
      const message = answer.choices[0]?.message as unknown as JsonObject;
      const [call] = message.tool_calls as Array<{ function: { arguments: string } }>;
      expect({ seed, content: message.content ?? '', arguments: call?.function.arguments }).toEqual({
        seed,
        content: said.content,
        arguments: `[${said.arguments}`,
      });
      expect(answer.usage?.total_tokens).toBe(5);
    }
  });
});

describe('completions', () => {
  const context: AnswerContext = { ...CHAT, operation: 'completions' };

  test('are chunks of text', () => {
    const events = eventsOf(
      encode(
        [
          chunk({ text: 'a' }, { id: 'i', created: 1 }),
          chunk({ text: 'é' }),
          chunk({ reasoning: { text: 'x' } }),
          STOP,
        ],
        {},
        context,
      ),
    );
    expect(events).toEqual(
      [
        { text: 'a', finish_reason: null },
        { text: 'é', finish_reason: null },
        { text: '', finish_reason: 'stop' },
      ].map(({ text, finish_reason }) => ({
        id: 'i',
        object: 'text_completion',
        created: 1,
        model: 'configured',
        choices: [{ index: 0, text, logprobs: null, finish_reason }],
      })),
    );
  });
});
