import { describe, expect, test } from 'bun:test';
import type { NeutralPart } from '../../core/neutral/parts.ts';
import type { NeutralTextResponse } from '../../core/neutral/response.ts';
import { NO_USAGE } from '../../core/neutral/usage.ts';
import { isJsonObject, type JsonObject } from '../../core/types.ts';
import { PLAIN_PATH } from '../dialect.ts';
import { Random } from '../testing/random.ts';
import { gemini } from './index.ts';
import { decodeSignature, encodeSignature } from './signatures.ts';
import { CONTEXT, clientOf } from './testing/client.ts';

const REQUEST = { path: PLAIN_PATH, body: {}, replacements: null, streams: false };

function encode(response: Partial<NeutralTextResponse>): JsonObject {
  const whole = { operation: 'chat', id: 'r', model: 'm', choices: [], usage: null, ...response } as const;
  return JSON.parse(gemini.encode(whole, CONTEXT, REQUEST));
}

function candidate(parts: NeutralPart[], choice: Partial<NeutralTextResponse['choices'][number]> = {}): JsonObject {
  const { candidates } = encode({ choices: [{ parts, finish: { reason: 'stop' }, ...choice }] });
  const [first]: unknown[] = Array.isArray(candidates) ? candidates : [];
  if (isJsonObject(first)) return first;
  throw new Error('no candidate');
}

const partsOf = (parts: NeutralPart[]) => (candidate(parts).content as JsonObject).parts;

describe('an answer', () => {
  test('has what the official client looks for', async () => {
    const usage = { ...NO_USAGE, input: 10, cacheRead: 4, cacheWrite: 2, output: 5, reasoning: 3, outputAudio: 2 };
    const answer = encode({
      usage,
      choices: [
        {
          parts: [
            { type: 'reasoning', text: 'Hm.', signature: 'no base64' },
            { type: 'text', text: 'Hé' },
            { type: 'tool-call', id: 'a', name: 'f', arguments: '{"x":[1]}' },
          ],
          finish: { reason: 'tool_calls', native: 'tool_use' },
        },
      ],
    });
    const { client } = clientOf([Buffer.from(JSON.stringify(answer), 'utf8').toString('latin1')]);
    const response = await client.models.generateContent({ model: 'm', contents: 'Hi' });
    expect(response.functionCalls).toEqual([{ id: 'a', name: 'f', args: { x: [1] } }]);
    expect(response.candidates?.[0]?.content?.parts?.[1]?.text).toBe('Hé');
    expect(response.candidates?.[0]?.finishReason as string).toBe('STOP');
    expect([response.modelVersion, response.responseId]).toEqual(['m', 'r']);
    expect<unknown>(response.usageMetadata).toEqual({
      promptTokenCount: 16,
      candidatesTokenCount: 7,
      totalTokenCount: 26,
      cachedContentTokenCount: 4,
      thoughtsTokenCount: 3,
      candidatesTokensDetails: [
        { modality: 'TEXT', tokenCount: 5 },
        { modality: 'AUDIO', tokenCount: 2 },
      ],
    });
  });

  test('without a name or an id gets some', () => {
    const { modelVersion, responseId } = encode({ id: null, model: null, choices: [] });
    expect(modelVersion).toBe('configured');
    expect(responseId).toMatch(/^[0-9a-f]{32}$/);
  });

  test.each([
    [
      { reason: 'stop', native: 'end_turn' },
      { finishReason: 'STOP', nativeFinishReason: 'end_turn' },
    ],
    [{ reason: 'length' }, { finishReason: 'MAX_TOKENS' }],
    [
      { reason: 'content_filter', native: 'refusal' },
      { finishReason: 'SAFETY', nativeFinishReason: 'refusal' },
    ],
    [{ reason: 'content_filter', native: 'RECITATION' }, { finishReason: 'RECITATION' }],
    [
      { reason: 'stop', stopSequence: '###' },
      { finishReason: 'STOP', stopSequence: '###' },
    ],
    [{ reason: 'constructor' }, { finishReason: 'OTHER' }],
    [null, { finishReason: 'STOP' }],
  ])('says why it ended: %j', (finish, expected) => {
    const { content: _, index: _first, ...rest } = candidate([{ type: 'text', text: 'a' }], { finish });
    expect(rest).toEqual(expected);
  });

  test('keeps refusals, media, and parts that the API does not have', () => {
    const foreign = { type: 'server_tool_use', id: 's', input: {} };
    expect(
      partsOf([
        { type: 'refusal', text: 'No.' },
        { type: 'audio', source: { kind: 'base64', mediaType: 'audio/wav', data: 'AAAA' } },
        { type: 'image', source: { kind: 'url', url: 'https://a/b.png' }, rest: { thought_signature: 'AbCd' } },
        { type: 'document', source: { kind: 'file', id: 'files/a', mediaType: 'text/plain' } },
        { type: 'other', value: foreign, text: 'in words' },
      ]),
    ).toEqual([
      { text: 'No.' },
      { inlineData: { mimeType: 'audio/wav', data: 'AAAA' } },
      { fileData: { fileUri: 'https://a/b.png' }, thoughtSignature: 'AbCd' },
      { fileData: { mimeType: 'text/plain', fileUri: 'files/a' } },
      { text: 'in words', partMetadata: { part: foreign } },
    ]);
  });

  test('keeps log probabilities of another shape, and fields that it does not know', () => {
    const rest = { logprobs: { tokens: ['a'] }, stop_details: { category: 'x' }, nothing: null };
    expect(candidate([], { rest })).toEqual({
      content: { role: 'model' },
      finishReason: 'STOP',
      index: 0,
      logprobs: { tokens: ['a'] },
      stop_details: { category: 'x' },
    });
    expect(encode({ rest: { service_tier: 'default', system_fingerprint: null } })).toMatchObject({
      service_tier: 'default',
    });
  });

  test('tells the sources of a text, in bytes', () => {
    const url_citation = { url: 'https://a', title: 'A', start_index: 1, end_index: 3 };
    const rest = { annotations: [{ type: 'url_citation', url_citation }], citations: [{ cited_text: 'x' }] };
    const { content, citationMetadata } = candidate([{ type: 'text', text: 'é漢字', rest }]);
    expect(content).toEqual({
      parts: [{ text: 'é漢字', partMetadata: { citations: [{ cited_text: 'x' }] } }],
      role: 'model',
    });
    const source = { startIndex: 2, endIndex: 8, uri: 'https://a', title: 'A' };
    expect(citationMetadata).toEqual({ citationSources: [source] });
  });

  test.each(['{"x":', '[1]', '"text"'])('with a call of %s says that the model got it wrong', (args) => {
    const parts: NeutralPart[] = [{ type: 'tool-call', id: 'a', name: 'f', arguments: args }];
    expect(candidate(parts)).toMatchObject({
      content: { role: 'model' },
      finishReason: 'MALFORMED_FUNCTION_CALL',
      finishMessage: `Malformed function call: f(${args})`,
    });
    expect(candidate(parts, { finish: { reason: 'length' } }).finishReason).toBe('MAX_TOKENS');
  });

  test('comes back from the client as it was', () => {
    for (let seed = 1; seed <= 300; seed++) {
      const random = new Random(seed);
      const sign = () => (random.chance(0.5) ? { signature: random.text() } : {});
      const kinds: ReadonlyArray<() => NeutralPart> = [
        () => ({ type: 'text', text: random.text() }),
        () => ({ type: 'reasoning', text: random.text(), signature: random.text() }),
        () => ({ type: 'reasoning', text: '', encrypted: random.text() }),
        () => ({ type: 'tool-call', id: random.text(), name: random.text(), arguments: '{"a":"é"}', ...sign() }),
        () => ({ type: 'image', source: { kind: 'base64', mediaType: 'image/png', data: 'AAAA' } }),
        () => ({ type: 'other', value: { type: 'odd', value: random.text() } }),
      ];
      const parts = [...random.list(6, () => random.pick(kinds)()), kinds[0]?.()].filter((part) => part !== undefined);
      const body = { contents: [candidate(parts).content] };
      const request = gemini.decode('chat', gemini.check('chat', body, false, PLAIN_PATH));
      expect(request.operation === 'chat' && request.messages[0]?.parts).toEqual(parts);
    }
  });
});

describe('signatures', () => {
  test.each(['YWJj', 'YWI=', '', 'no base64', 'QR==', 'a-_b', 'sluice', 'c2x1aWNl'])(
    'come back as they were: %p',
    (signature) => {
      const sent = encodeSignature(signature);
      expect(Buffer.from(sent, 'base64').toString('base64')).toBe(sent);
      expect(decodeSignature(sent)).toEqual({ signature });
      const rewritten = Buffer.from(sent, 'base64').toString('base64').replaceAll('+', '-').replaceAll('/', '_');
      expect(decodeSignature(rewritten)).toEqual({ signature });
    },
  );
});

describe('embeddings', () => {
  const encodeEmbeddings = (embeddings: Array<number[] | string>, batch: boolean) => {
    const request = { ...REQUEST, path: { ...PLAIN_PATH, batch } };
    const context = { ...CONTEXT, operation: 'embeddings' } as const;
    const response = { operation: 'embeddings', model: null, embeddings, usage: { ...NO_USAGE, input: 3 } } as const;
    return gemini.encode(response, context, request);
  };
  const usageMetadata = { promptTokenCount: 3, totalTokenCount: 3 };

  test('of one content, and of many', () => {
    expect(JSON.parse(encodeEmbeddings([[1, 2]], false))).toEqual({ embedding: { values: [1, 2] }, usageMetadata });
    expect(JSON.parse(encodeEmbeddings([[1], [2]], true))).toEqual({
      embeddings: [{ values: [1] }, { values: [2] }],
      usageMetadata,
    });
  });

  test('are numbers even where the provider sends base64', () => {
    const bytes = Buffer.alloc(8);
    bytes.writeFloatLE(0.5, 0);
    bytes.writeFloatLE(-2, 4);
    const { embedding } = JSON.parse(encodeEmbeddings([bytes.toString('base64')], false));
    expect(embedding).toEqual({ values: [0.5, -2] });
  });

  test('reach the official client, which always asks for many', async () => {
    const { client, asked } = clientOf([encodeEmbeddings([[1], [2]], true)]);
    const { embeddings } = await client.models.embedContent({ model: 'm', contents: ['a', 'b'] });
    expect<unknown>(embeddings).toEqual([{ values: [1] }, { values: [2] }]);
    const { url, ...body } = asked[0] ?? {};
    expect(url).toContain(':batchEmbedContents');
    const path = { ...PLAIN_PATH, batch: true };
    const request = gemini.decode('embeddings', gemini.check('embeddings', body, false, path));
    expect(request).toMatchObject({ input: ['a', 'b'], rest: {} });
  });

  test.each([
    [{}, false, 'content'],
    [{}, true, 'requests'],
    [{ requests: [{}] }, true, 'requests[0].content'],
    [{ content: { parts: [{ inlineData: { mimeType: 'image/png', data: 'AAAA' } }] } }, false, 'content'],
  ])('of %j are refused', (body, batch, parameter) => {
    const decode = () => gemini.decode('embeddings', gemini.check('embeddings', body, false, { ...PLAIN_PATH, batch }));
    expect(decode).toThrow(expect.objectContaining({ code: 'invalid_request', parameter }));
  });
});

test('a count is what the official client looks for', async () => {
  const { client } = clientOf([gemini.encodeCount?.(42) ?? '']);
  expect(await client.models.countTokens({ model: 'm', contents: 'Hi' })).toMatchObject({ totalTokens: 42 });
});
