import { describe, expect, test } from 'bun:test';
import type { ChoiceDelta, NeutralChunk } from '../../core/neutral/response.ts';
import { NO_USAGE } from '../../core/neutral/usage.ts';
import type { JsonObject } from '../../core/types.ts';
import { MessageReader } from '../../providers/anthropic/stream.ts';
import { Random } from '../testing/random.ts';
import { checkOrder, encodeChunks, eventsOf, messageOf } from './testing/client.ts';

const START: NeutralChunk = { id: 'chatcmpl-1', model: 'gpt-5', choices: [{ index: 0, text: '' }] };

function delta(fields: Omit<ChoiceDelta, 'index'>): NeutralChunk {
  return { choices: [{ index: 0, ...fields }] };
}

function call(index: number, piece: string, id?: string): NeutralChunk {
  return delta({ toolCalls: [{ index, ...(id && { id, name: `tool_${index}` }), arguments: piece }] });
}

/** What the official client makes of a stream, once its events are known to be in order. */
async function received(chunks: readonly NeutralChunk[]): Promise<JsonObject> {
  const text = encodeChunks(chunks);
  checkOrder(eventsOf(text));
  return messageOf(text);
}

describe('a stream of another provider', () => {
  test('is one message whose usage is whole though it comes last', async () => {
    const text = encodeChunks([
      START,
      delta({ text: 'Hé' }),
      delta({ text: 'llo 😀 "\n' }),
      delta({ finish: { reason: 'stop' } }),
      { choices: [], usage: { ...NO_USAGE, input: 12, cacheRead: 3, output: 5, reasoning: 2 } },
    ]);
    const usage = (input: number, read: number, output: number) => ({
      input_tokens: input,
      cache_creation_input_tokens: 0,
      cache_read_input_tokens: read,
      output_tokens: output,
    });
    expect(eventsOf(text)).toEqual([
      {
        type: 'message_start',
        message: {
          id: 'msg_chatcmpl-1',
          type: 'message',
          role: 'assistant',
          model: 'gpt-5',
          content: [],
          stop_reason: null,
          stop_sequence: null,
          usage: usage(0, 0, 0),
        },
      },
      { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
      { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'Hé' } },
      { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'llo 😀 "\n' } },
      { type: 'content_block_stop', index: 0 },
      {
        type: 'message_delta',
        delta: { stop_reason: 'end_turn', stop_sequence: null },
        usage: { ...usage(12, 3, 7), output_tokens_details: { thinking_tokens: 2 } },
      },
      { type: 'message_stop' },
    ]);
    expect(await messageOf(text)).toMatchObject({
      content: [{ type: 'text', text: 'Héllo 😀 "\n' }],
      stop_reason: 'end_turn',
      usage: { input_tokens: 12, output_tokens: 7 },
    });
  });

  test('without a chunk is a whole message', async () => {
    expect(await received([])).toMatchObject({ model: 'configured', content: [], stop_reason: 'end_turn' });
  });

  test('has thinking, its signatures, text and calls as blocks of their own', async () => {
    const message = await received([
      START,
      delta({ reasoning: { text: 'I ' } }),
      delta({ reasoning: { text: 'think' } }),
      delta({ reasoning: { signature: 'c2ln' } }),
      delta({ reasoning: { text: 'again' } }),
      delta({ reasoning: { encrypted: 'ZW5j' } }),
      delta({ text: 'So' }),
      delta({ reasoning: { signature: 'b2Y=' } }),
      delta({ text: ' it is' }),
      delta({ toolCalls: [{ index: 0, id: 'call_1', name: 'f', arguments: '{"a":1}', signature: 'dGhv' }] }),
      delta({ finish: { reason: 'tool_calls' } }),
    ]);
    expect(message.content).toEqual([
      { type: 'thinking', thinking: 'I think', signature: 'c2ln' },
      { type: 'thinking', thinking: 'again', signature: '' },
      { type: 'redacted_thinking', data: 'ZW5j' },
      { type: 'text', text: 'So' },
      { type: 'thinking', thinking: '', signature: 'b2Y=' },
      { type: 'text', text: ' it is' },
      { type: 'tool_use', id: 'call_1', name: 'f', input: { a: 1 }, thought_signature: 'dGhv' },
    ]);
    expect(message.stop_reason).toBe('tool_use');
  });

  test('keeps the further fields, citations and parts of other kinds', async () => {
    const url_citation = { url: 'https://example.com', title: 'T' };
    const text = encodeChunks([
      { ...START, rest: { service_tier: 'default', system_fingerprint: 'fp' } },
      { choices: [{ index: 0, text: 'Hi', rest: { logprobs: { content: [1] } } }], rest: { service_tier: 'default' } },
      delta({ parts: [{ type: 'text', text: '', rest: { annotations: [{ type: 'url_citation', url_citation }] } }] }),
      delta({ rest: { citations: [1] } }),
      delta({ rest: { citations: [2], logprobs: null } }),
      delta({ parts: [{ type: 'image', source: { kind: 'url', url: 'https://example.com/a.png' } }] }),
      delta({
        parts: [{ type: 'other', value: { type: 'server_tool_use', id: 's', name: 'web_search', input: { q: 'x' } } }],
      }),
      delta({ finish: { reason: 'content_filter', native: 'SAFETY' } }),
    ]);
    const events = eventsOf(text);
    checkOrder(events);
    expect(events[0]).toMatchObject({ message: { system_fingerprint: 'fp', usage: { service_tier: 'standard' } } });
    expect(events[2]).toMatchObject({ delta: { text: 'Hi' }, logprobs: { content: [1] } });
    expect(events.at(-2)).toMatchObject({
      delta: { stop_reason: 'refusal', native_finish_reason: 'SAFETY', citations: [1, 2] },
    });
    expect((await messageOf(text)).content).toMatchObject([
      { type: 'text', text: 'Hi', citations: [{ type: 'web_search_result_location', url: 'https://example.com' }] },
      { type: 'image', source: { type: 'url', url: 'https://example.com/a.png' } },
      { type: 'server_tool_use', input: { q: 'x' } },
    ]);
  });

  test('says a refusal in words and as the reason', async () => {
    const chunks = [
      START,
      delta({ refusal: 'I can' }),
      delta({ refusal: 'not.' }),
      delta({ finish: { reason: 'stop' } }),
    ];
    expect(await received(chunks)).toMatchObject({
      content: [{ type: 'text', text: 'I cannot.' }],
      stop_reason: 'refusal',
      stop_details: { explanation: 'I cannot.' },
    });
  });
});

describe('calls', () => {
  test('go out as they come while they come one after another', () => {
    const text = encodeChunks([
      START,
      call(0, '', 'call_0'),
      call(0, '{"a":'),
      call(0, '"}"}'),
      call(1, '{', 'call_1'),
    ]);
    const types = eventsOf(text).map(({ type, index }) => `${type}${index ?? ''}`);
    expect(types.slice(1, -2)).toEqual([
      'content_block_start0',
      'content_block_delta0',
      'content_block_delta0',
      'content_block_stop0',
      'content_block_start1',
      'content_block_delta1',
      'content_block_stop1',
    ]);
  });

  test('that are written at once become blocks one after another, with nothing lost', async () => {
    const message = await received([
      START,
      call(0, '', 'call_0'),
      call(1, '', 'call_1'),
      call(2, '', 'call_2'),
      call(1, '{"b":'),
      call(0, '{"a":{'),
      delta({ text: 'meanwhile' }),
      call(1, '"é"}'),
      call(0, '"x":"}"}}'),
      delta({ finish: { reason: 'stop' } }),
    ]);
    expect(message.content).toEqual([
      { type: 'tool_use', id: 'call_0', name: 'tool_0', input: { a: { x: '}' } } },
      { type: 'tool_use', id: 'call_1', name: 'tool_1', input: { b: 'é' } },
      { type: 'tool_use', id: 'call_2', name: 'tool_2', input: {} },
      { type: 'text', text: 'meanwhile' },
    ]);
    expect(message.stop_reason).toBe('tool_use');
  });

  test('in any order and in pieces of any size give what they are made of', async () => {
    for (let seed = 1; seed <= 200; seed += 1) {
      const random = new Random(seed);
      const inputs = Array.from({ length: 1 + random.below(4) }, () => random.object());
      const queues = inputs.map((input, index) => {
        const text = random.chance(0.2) && Object.keys(input).length === 0 ? '' : JSON.stringify(input);
        const pieces = [call(index, '', `call_${index}`)];
        for (let at = 0; at < text.length; ) {
          const end = at + 1 + random.below(12);
          pieces.push(call(index, text.slice(at, end)));
          at = end;
        }
        return pieces;
      });
      const chunks: NeutralChunk[] = [START];
      while (queues.some((queue) => queue.length > 0)) {
        const next = random.pick(queues.filter((queue) => queue.length > 0)).shift();
        if (next) chunks.push(next);
        if (random.chance(0.1)) chunks.push(delta({ text: 'x' }));
      }
      const { content } = await received([...chunks, delta({ finish: { reason: 'tool_calls' } })]);
      const calls = (content as JsonObject[]).filter(({ type }) => type === 'tool_use');
      calls.sort((a, b) => String(a.id).localeCompare(String(b.id)));
      expect([seed, JSON.stringify(calls.map(({ input }) => input))]).toEqual([seed, JSON.stringify(inputs)]);
      const texts = (content as JsonObject[]).map(({ text }) => text ?? '').join('');
      expect(texts).toBe('x'.repeat(chunks.filter(({ choices }) => choices[0]?.text === 'x').length));
    }
  });
});

describe("the vendor's own stream", () => {
  const usage = { input_tokens: 25, cache_read_input_tokens: 4, output_tokens: 1 };
  const message = { id: 'msg_1', type: 'message', role: 'assistant', model: 'claude', content: [] };
  const citation = { type: 'char_location', cited_text: 'x', document_index: 0 };
  const block = (index: number, content_block: JsonObject, ...deltas: JsonObject[]): JsonObject[] => [
    { type: 'content_block_start', index, content_block },
    ...deltas.map((part) => ({ type: 'content_block_delta', index, delta: part })),
    { type: 'content_block_stop', index },
  ];
  const events: JsonObject[] = [
    { type: 'message_start', message: { ...message, stop_reason: null, stop_sequence: null, usage } },
    { type: 'ping' },
    ...block(
      0,
      { type: 'thinking', thinking: '', signature: '' },
      { type: 'thinking_delta', thinking: 'Hm' },
      { type: 'signature_delta', signature: 'c2ln' },
    ),
    ...block(1, { type: 'redacted_thinking', data: 'ZW5j' }),
    ...block(
      2,
      { type: 'text', text: '' },
      { type: 'text_delta', text: 'Hello' },
      { type: 'text_delta', text: ' wörld' },
      { type: 'citations_delta', citation },
    ),
    ...block(
      3,
      { type: 'server_tool_use', id: 'srvtoolu_1', name: 'web_search', input: {} },
      { type: 'input_json_delta', partial_json: '{"query":' },
      { type: 'input_json_delta', partial_json: '"ants"}' },
    ),
    ...block(4, { type: 'web_search_tool_result', tool_use_id: 'srvtoolu_1', content: [] }),
    ...block(
      5,
      { type: 'tool_use', id: 'toolu_1', name: 'f', input: {} },
      { type: 'input_json_delta', partial_json: '' },
      { type: 'input_json_delta', partial_json: '{"a": 1}' },
    ),
    ...block(6, { type: 'tool_use', id: 'toolu_2', name: 'g', input: {} }),
    { type: 'message_delta', delta: { stop_reason: 'tool_use', stop_sequence: null }, usage: { output_tokens: 89 } },
    { type: 'message_stop' },
  ];

  test('is the same message for the official client after the neutral shape', async () => {
    const direct = events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join('');
    const reader = new MessageReader();
    const chunks = events.map((event) => reader.event(event)).filter((chunk) => chunk !== null);
    const { usage: counts, ...rest } = await received(chunks);
    const { usage: expected, ...original } = await messageOf(Buffer.from(direct).toString('latin1'));
    expect(rest).toEqual(original);
    expect(counts).toMatchObject(expected as JsonObject);
  });

  test('of a refusal keeps its details and adds no words', async () => {
    const details = { type: 'refusal', category: 'cyber', explanation: 'No.' };
    const reader = new MessageReader();
    const chunk = reader.event({
      type: 'message_delta',
      delta: { stop_reason: 'refusal', stop_sequence: null, stop_details: details },
      usage: { output_tokens: 1 },
    });
    expect(await received(chunk ? [START, chunk] : [])).toMatchObject({
      content: [],
      stop_reason: 'refusal',
      stop_details: details,
    });
  });
});
