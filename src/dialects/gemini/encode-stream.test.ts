import { describe, expect, test } from 'bun:test';
import type { ChoiceDelta, NeutralChunk } from '../../core/neutral/response.ts';
import { NO_USAGE } from '../../core/neutral/usage.ts';
import { Random } from '../testing/random.ts';
import { clientOf, encodeChunks, eventsOf, LIST, partsOf } from './testing/client.ts';

const delta = (choice: Omit<ChoiceDelta, 'index'>, index = 0): NeutralChunk => ({ choices: [{ index, ...choice }] });
const text = (value: string) => delta({ text: value });
const STOP = delta({ finish: { reason: 'stop' } });
const call = (index: number, piece: object) => delta({ toolCalls: [{ index, ...piece }] });

function parts(...chunks: NeutralChunk[]) {
  return partsOf(eventsOf(encodeChunks(chunks)));
}

describe('a stream', () => {
  test('is one answer for each chunk, and says at its end why it ended and what it cost', () => {
    const usage = { ...NO_USAGE, input: 3, cacheRead: 2, output: 4, reasoning: 1 };
    const events = eventsOf(
      encodeChunks([{ id: 'r1', model: 'm', choices: [] }, text('Hé'), text('llo'), STOP, { choices: [], usage }]),
    );
    const rest = { modelVersion: 'm', responseId: 'r1' };
    const candidate = (value: string) => ({ content: { parts: [{ text: value }], role: 'model' }, index: 0 });
    expect(events).toEqual([
      { candidates: [candidate('Hé')], ...rest },
      { candidates: [candidate('llo')], ...rest },
      {
        candidates: [{ ...candidate(''), finishReason: 'STOP' }],
        usageMetadata: {
          promptTokenCount: 5,
          candidatesTokenCount: 4,
          totalTokenCount: 10,
          cachedContentTokenCount: 2,
          thoughtsTokenCount: 1,
        },
        ...rest,
      },
    ]);
  });

  test('takes the model that it learns later, and keeps the first id', () => {
    const events = eventsOf(encodeChunks([text('a'), { id: 'b', model: 'later', ...text('b') }, text('c')]));
    expect(events.map(({ modelVersion }) => modelVersion)).toEqual(['configured', 'later', 'later', 'later']);
    expect(new Set(events.map(({ responseId }) => responseId)).size).toBe(1);
  });

  test('is a JSON list where the client wants one', () => {
    const chunks = [text('a"b\u2028é'), text('c'), STOP];
    const list = JSON.parse(Buffer.from(encodeChunks(chunks, LIST), 'latin1').toString('utf8'));
    expect(partsOf(list)).toEqual([{ text: 'a"b\u2028é' }, { text: 'c' }, { text: '' }]);
    expect(JSON.parse(encodeChunks([], LIST))).toHaveLength(1);
  });

  test('without anything still ends for a reason', () => {
    const [only] = eventsOf(encodeChunks([]));
    expect(only).toMatchObject({ candidates: [{ content: { parts: [{ text: '' }] }, finishReason: 'STOP' }] });
  });

  test('keeps the candidates apart', () => {
    const events = eventsOf(
      encodeChunks([
        delta({ text: 'a' }, 1),
        text('b'),
        delta({ text: 'c' }, 1),
        delta({ finish: { reason: 'length', native: 'max_tokens' } }, 1),
        STOP,
      ]),
    );
    expect(partsOf(events, 1)).toEqual([{ text: 'a' }, { text: 'c' }, { text: '' }]);
    expect(events.at(-1)?.candidates).toMatchObject([
      { index: 1, finishReason: 'MAX_TOKENS', nativeFinishReason: 'max_tokens' },
      { index: 0, finishReason: 'STOP' },
    ]);
  });

  test('of a prompt that was not let through has no candidates', () => {
    const feedback = { blockReason: 'SAFETY' };
    const finish = { reason: 'content_filter', native: 'SAFETY' };
    const events = eventsOf(encodeChunks([{ ...delta({ finish }), rest: { prompt_feedback: feedback } }]));
    expect(events).toHaveLength(1);
    expect(events[0]).not.toHaveProperty('candidates');
    expect(events[0]?.promptFeedback).toEqual(feedback);
  });

  test('carries thoughts, their signatures, and what is encrypted', () => {
    const signature = 'c2lnbmF0dXJl';
    expect(
      parts(
        delta({ reasoning: { text: 'Hm' } }),
        delta({ reasoning: { text: '.' } }),
        delta({ reasoning: { signature } }),
        delta({ reasoning: { encrypted: 'secret' } }),
        text('Yes'),
        delta({ reasoning: { signature } }),
        STOP,
      ),
    ).toEqual([
      { text: 'Hm', thought: true },
      { text: '.', thought: true },
      { text: '', thought: true, thoughtSignature: signature },
      { text: '', thought: true, thoughtSignature: expect.any(String) },
      { text: 'Yes' },
      { text: '', thoughtSignature: signature },
      { text: '' },
    ]);
  });

  test('carries refusals, whole parts, log probabilities and citations', () => {
    const logprobs = { content: [{ token: 'é', logprob: -1, top_logprobs: [] }] };
    const annotation = {
      type: 'url_citation',
      url_citation: { url: 'https://a', title: '', start_index: 1, end_index: 2 },
    };
    const cited = { type: 'text', text: '', rest: { citations: [{ n: 1 }], annotations: [annotation] } } as const;
    const events = eventsOf(
      encodeChunks([
        delta({ text: 'éé', rest: { logprobs } }),
        delta({ parts: [cited] }),
        delta({ refusal: 'No.' }),
        delta({ parts: [{ type: 'image', source: { kind: 'base64', mediaType: 'image/png', data: 'AAAA' } }] }),
        STOP,
      ]),
    );
    expect(partsOf(events)).toEqual([
      { text: 'éé' },
      { text: '', partMetadata: { citations: [{ n: 1 }] } },
      { text: 'No.' },
      { inlineData: { mimeType: 'image/png', data: 'AAAA' } },
      { text: '' },
    ]);
    expect(events[0]?.candidates).toMatchObject([{ avgLogprobs: -1 }]);
    const citationSources = [{ startIndex: 2, endIndex: 4, uri: 'https://a' }];
    expect(events[1]?.candidates).toMatchObject([{ citationMetadata: { citationSources } }]);
  });
});

describe('calls in a stream', () => {
  const functionCall = (id: string, name: string, args: object) => ({ functionCall: { id, name, args } });

  test('come whole, each as soon as it is known to be', () => {
    const events = eventsOf(
      encodeChunks([
        call(0, { id: 'a', name: 'f', arguments: '{"x"' }),
        call(0, { arguments: ':1}' }),
        call(1, { id: 'b', name: 'g', arguments: '' }),
        call(1, { arguments: '{}' }),
        delta({ finish: { reason: 'tool_calls' } }),
      ]),
    );
    expect(events).toHaveLength(2);
    expect(partsOf(events.slice(0, 1))).toEqual([functionCall('a', 'f', { x: 1 })]);
    expect(partsOf(events.slice(1))).toEqual([functionCall('b', 'g', {})]);
  });

  test('that come in one piece are passed on at once, with their signature', () => {
    const events = eventsOf(
      encodeChunks([call(0, { id: 'a', name: 'f', arguments: '{"x":1}', signature: 'AbCd' }), text('b'), STOP]),
    );
    expect(partsOf(events)).toEqual([
      { ...functionCall('a', 'f', { x: 1 }), thoughtSignature: 'AbCd' },
      { text: 'b' },
      { text: '' },
    ]);
  });

  test('stay in front of a text that follows them', () => {
    expect(parts(call(0, { id: 'a', name: 'f' }), call(0, { arguments: '{}' }), text('b'), STOP)).toEqual([
      functionCall('a', 'f', {}),
      { text: 'b' },
      { text: '' },
    ]);
  });

  test('may lack arguments', () => {
    expect(parts(call(0, { id: 'a', name: 'f' }), STOP)).toEqual([functionCall('a', 'f', {})]);
  });

  test('that were cut off are told in words', () => {
    const chunks = [call(0, { id: 'a', name: 'f', arguments: '{"x":' }), STOP];
    const last = eventsOf(encodeChunks(chunks)).at(-1);
    const finishMessage = 'Malformed function call: f({"x":)';
    expect(last?.candidates).toMatchObject([{ finishReason: 'MALFORMED_FUNCTION_CALL', finishMessage }]);
  });

  test('lose nothing however their pieces interleave', () => {
    for (let seed = 1; seed <= 300; seed++) {
      const random = new Random(seed);
      const calls = random.list(4, () => ({ name: `f${random.below(100)}`, args: random.object() }));
      const waiting = calls.map(({ name, args }, index) => {
        const json = random.chance(0.1) && Object.keys(args).length === 0 ? '' : JSON.stringify(args);
        const cut = random.below(json.length + 1);
        const pieces = [json.slice(0, cut), json.slice(cut)].map((piece) => call(index, { arguments: piece }));
        return [call(index, { id: `id${index}`, name }), ...pieces];
      });
      const chunks: NeutralChunk[] = [];
      let written = '';
      while (waiting.some((pieces) => pieces.length > 0)) {
        const next = random.pick(waiting.filter((pieces) => pieces.length > 0)).shift();
        if (next) chunks.push(next);
        if (random.chance(0.2)) {
          written += 'x';
          chunks.push(text('x'));
        }
      }
      const all = parts(...chunks, STOP);
      const found = all.flatMap((part) => part.functionCall ?? []);
      // In the order in which they began.
      const began = chunks.flatMap(({ choices }) => choices[0]?.toolCalls ?? []).filter(({ id }) => id !== undefined);
      const expected = began.map(({ index, id }) => ({ id, ...calls[index] }));
      expect<unknown>(found).toEqual(expected);
      expect(all.map((part) => part.text ?? '').join('')).toBe(written);
    }
  });
});

describe('the official client', () => {
  test('reads a stream, and keeps it for its next turn', async () => {
    const first = encodeChunks([
      delta({ reasoning: { text: 'Hm' } }),
      delta({ reasoning: { signature: 'not-base64!' } }),
      text('Let me '),
      text('see.'),
      call(0, { id: 'a', name: 'f', arguments: '{"x":1}' }),
      delta({ finish: { reason: 'tool_calls' } }),
    ]);
    const { client, asked } = clientOf([first, encodeChunks([text('Done.'), STOP])]);
    const chat = client.chats.create({ model: 'm' });
    const texts: unknown[] = [];
    const calls: unknown[] = [];
    for await (const chunk of await chat.sendMessageStream({ message: 'Go' })) {
      texts.push(chunk.functionCalls ? '' : chunk.text);
      calls.push(...(chunk.functionCalls ?? []));
    }
    expect(texts.join('')).toBe('Let me see.');
    expect(calls).toEqual([{ id: 'a', name: 'f', args: { x: 1 } }]);
    const response = { id: 'a', name: 'f', response: { output: 2 } };
    for await (const _ of await chat.sendMessageStream({ message: { functionResponse: response } }));
    expect(asked[1]?.contents).toHaveLength(8);
  });
});
