import { describe, expect, test } from 'bun:test';
import { ResponseStream } from 'openai/lib/responses/ResponseStream';
import { GatewayError } from '../../core/errors.ts';
import type { ChoiceDelta, NeutralChunk } from '../../core/neutral/response.ts';
import { NO_USAGE } from '../../core/neutral/usage.ts';
import { isJsonObject, type JsonObject } from '../../core/types.ts';
import { utf8FromLatin1 } from '../latin1.ts';
import { Random } from '../testing/random.ts';
import { checkResponses, RESPONSES_CONTEXT } from '../testing/responses-request.ts';
import { ResponsesChunkEncoder } from './encode-stream.ts';

const TOOLS = [{ type: 'custom', name: 'patch' }];

function stream(deltas: ReadonlyArray<Omit<ChoiceDelta, 'index'>>, body: JsonObject = { tools: TOOLS }): string {
  const encoder = new ResponsesChunkEncoder(RESPONSES_CONTEXT, checkResponses(body));
  const chunks: NeutralChunk[] = deltas.map((delta) => ({ choices: [{ index: 0, ...delta }] }));
  const usage = { ...NO_USAGE, input: 3, output: 2 };
  const all = [{ id: 'chat-1', model: 'answered', created: 9, choices: [] }, ...chunks, { choices: [], usage }];
  return all.map((chunk) => encoder.chunk(chunk)).join('') + encoder.end();
}

/** Checks the framing of each event, and its number. */
function eventsOf(text: string): JsonObject[] {
  const events = utf8FromLatin1(text).split('\n\n').slice(0, -1);
  return events.map((event, index) => {
    const [name = '', data = '', ...more] = event.split('\n');
    const parsed: unknown = JSON.parse(data.slice('data: '.length));
    if (!isJsonObject(parsed)) throw new Error('no object');
    expect([name, more.length, parsed.sequence_number]).toEqual([`event: ${parsed.type}`, 0, index]);
    return parsed;
  });
}

function lastResponse(events: readonly JsonObject[]): JsonObject {
  const response = events.at(-1)?.response;
  if (!isJsonObject(response)) throw new Error('no response at the end');
  return response;
}

function outputOf(events: readonly JsonObject[]): JsonObject[] {
  const { output } = lastResponse(events);
  return Array.isArray(output) ? output.filter(isJsonObject) : [];
}

const typesOf = (text: string): unknown[] => eventsOf(text).map(({ type }) => String(type).replace('response.', ''));

describe('events', () => {
  test('of a text', () => {
    const text = stream([{ text: 'Hé' }, { text: 'llo' }, { finish: { reason: 'stop' } }]);
    expect(typesOf(text)).toEqual([
      'created',
      'in_progress',
      'output_item.added',
      'content_part.added',
      'output_text.delta',
      'output_text.delta',
      'output_text.done',
      'content_part.done',
      'output_item.done',
      'completed',
    ]);
    const events = eventsOf(text);
    expect(events[4]).toMatchObject({ output_index: 0, content_index: 0, delta: 'Hé', logprobs: [] });
    expect(events[6]).toMatchObject({ text: 'Héllo', item_id: events[4]?.item_id });
    expect(lastResponse(events)).toMatchObject({
      id: 'resp_chat-1',
      created_at: 9,
      model: 'answered',
      status: 'completed',
      usage: { input_tokens: 3, output_tokens: 2, total_tokens: 5 },
      output: [{ id: events[4]?.item_id, content: [{ type: 'output_text', text: 'Héllo' }] }],
    });
  });

  test('of thoughts and a call', () => {
    const text = stream([
      { reasoning: { text: 'Hm' } },
      { reasoning: { signature: 's' } },
      { toolCalls: [{ index: 0, id: 'c', name: 'f' }] },
      { toolCalls: [{ index: 0, arguments: '{}' }] },
      { finish: { reason: 'tool_calls', native: 'tool_use' } },
    ]);
    expect(typesOf(text).slice(2)).toEqual([
      'output_item.added',
      'reasoning_summary_part.added',
      'reasoning_summary_text.delta',
      'reasoning_summary_text.done',
      'reasoning_summary_part.done',
      'output_item.done',
      'output_item.added',
      'function_call_arguments.delta',
      'function_call_arguments.done',
      'output_item.done',
      'completed',
    ]);
    expect(lastResponse(eventsOf(text))).toMatchObject({ native_finish_reason: 'tool_use' });
  });

  test('of an answer cut off, of one that says nothing, and of one without its end', () => {
    const cut = eventsOf(stream([{ text: 'Hal' }, { finish: { reason: 'length' } }]));
    expect(cut.at(-1)?.type).toBe('response.incomplete');
    expect(lastResponse(cut)).toMatchObject({
      incomplete_details: { reason: 'max_output_tokens' },
      output: [{ status: 'incomplete' }],
    });
    expect(typesOf(stream([]))).toEqual(['created', 'in_progress', 'completed']);
    expect(lastResponse(eventsOf(stream([{ text: 'x' }])))).toMatchObject({ output: [{ status: 'completed' }] });
  });

  test('sources and log probabilities come with their text', () => {
    const citation = { url: 'https://e', title: '', start_index: 2, end_index: 4 };
    const rest = { annotations: [{ type: 'url_citation', url_citation: citation }], citations: [{ own: 1 }] };
    const logprobs = [{ token: 'ab', logprob: -1, top_logprobs: [] }];
    const events = eventsOf(
      stream([
        { text: 'ab', rest: { logprobs: { content: logprobs } } },
        { refusal: 'no' },
        { text: 'cd' },
        { parts: [{ type: 'text', text: '', rest }] },
      ]),
    );
    expect(events.filter(({ type }) => type === 'response.output_text.delta')).toMatchObject([
      { logprobs },
      { logprobs: [] },
    ]);
    expect(lastResponse(events)).toMatchObject({
      output: [
        {
          content: [
            { text: 'ab', logprobs },
            { type: 'refusal', refusal: 'no' },
            { text: 'cd', citations: [{ own: 1 }], annotations: [{ url: 'https://e', start_index: 0, end_index: 2 }] },
          ],
        },
      ],
    });
    expect(lastResponse(events).logprobs).toBeUndefined();
  });

  test('the signature of a text comes after it', () => {
    const events = eventsOf(stream([{ reasoning: { text: 'Hm' } }, { text: 'Hi', reasoning: { signature: 's' } }]));
    const { output } = lastResponse(events);
    expect(output).toMatchObject([
      { summary: [{ text: 'Hm' }] },
      { type: 'message' },
      { type: 'reasoning', summary: [] },
    ]);
  });
});

const randomDelta = (random: Random): Omit<ChoiceDelta, 'index'> =>
  random.pick<() => Omit<ChoiceDelta, 'index'>>([
    () => ({ text: random.text() }),
    () => ({ text: random.text(), rest: { logprobs: { content: [{ token: 'x', logprob: 0, top_logprobs: [] }] } } }),
    () => ({ text: '' }),
    () => ({ refusal: random.text() }),
    () => ({ reasoning: { text: random.text() } }),
    () => ({ reasoning: { signature: random.text() } }),
    () => ({ reasoning: { encrypted: random.text() } }),
    () => ({ parts: [{ type: 'other', value: { type: random.text() } }] }),
    () => ({ parts: [{ type: 'image', source: { kind: 'base64', mediaType: 'image/png', data: 'AAAA' } }] }),
    () => ({ toolCalls: random.list(3, () => ({ index: random.below(4), arguments: random.text() })) }),
  ])();

/** Three calls that are opened at once and then filled in any order. */
function randomDeltas(random: Random): Array<Omit<ChoiceDelta, 'index'>> {
  const opening = [0, 1, 2, 3].map((index) => ({ index, id: `call_${index}`, name: random.pick(['f', 'patch']) }));
  const deltas = [
    ...random.list(6, () => randomDelta(random)).filter(({ toolCalls }) => !toolCalls),
    { toolCalls: opening },
  ];
  return [...deltas, ...random.list(12, () => randomDelta(random)), { finish: { reason: 'tool_calls' } }];
}

describe('the official client', () => {
  /** Its own accumulator checks each event against those before. */
  const accumulate = (events: readonly JsonObject[]) => {
    const lines = events.map((event) => `${JSON.stringify(event)}\n`).join('');
    const bytes = new Blob([lines]).stream();
    return ResponseStream.fromReadableStream(bytes as unknown as ReadableStream);
  };

  test('makes of any stream what its last event says', async () => {
    for (let seed = 0; seed < 150; seed += 1) {
      const deltas = randomDeltas(new Random(seed));
      const events = eventsOf(stream(deltas));
      const done: unknown[] = [];
      const client = accumulate(events);
      client.on('event', (event) => {
        if (event.type === 'response.output_item.done') done[event.output_index] = event.item;
      });
      const final = await client.finalResponse();
      expect({ seed, id: final.id, done }).toEqual({ seed, id: 'resp_chat-1', done: outputOf(events) });
      const said = deltas.map(({ text = '' }) => text).join('');
      expect({ seed, text: final.output_text }).toEqual({ seed, text: said });
      const written = deltas
        .flatMap(({ toolCalls = [] }) => toolCalls)
        .map((call) => ('arguments' in call ? String(call.arguments) : ''));
      const kept = outputOf(events)
        .map((item) => item.arguments ?? item.input)
        .join();
      expect({ seed, lost: written.filter((text) => !kept.includes(text)) }).toEqual({ seed, lost: [] });
    }
  });

  test('raises the error of a stream that broke', async () => {
    const encoder = new ResponsesChunkEncoder(RESPONSES_CONTEXT, checkResponses({}));
    const begun = encoder.chunk({ choices: [{ index: 0, text: 'Hal' }] });
    const broken = encoder.fail(new GatewayError('upstream_error', 'Trop de requêtes', { status: 429 }));
    const events = `${utf8FromLatin1(begun)}${utf8FromLatin1(broken)}`
      .split('\n\n')
      .slice(0, -1)
      .map((event) => JSON.parse(event.slice(event.indexOf('data: ') + 6)));
    expect(accumulate(events).finalResponse()).rejects.toThrow('Trop de requêtes');
    expect(events.at(-1)).toMatchObject({
      type: 'response.failed',
      sequence_number: events.length - 1,
      response: {
        id: events[0].response.id,
        model: events[0].response.model,
        status: 'failed',
        output: [{ type: 'message', status: 'incomplete', content: [{ text: 'Hal' }] }],
        error: { code: 'rate_limit_exceeded', message: 'Trop de requêtes' },
      },
    });
  });
});
