import { describe, expect, test } from 'bun:test';
import type { JsonObject } from '../../core/types.ts';
import { groundingAnnotations } from './grounding.ts';
import { generateStream } from './stream.ts';

const CHUNKS = [
  { web: { uri: 'https://a', title: 'A' } },
  { retrievedContext: { uri: 'gs://b' } },
  { image: { imageUri: 'https://c' } },
];

const support = (segment: JsonObject, ...groundingChunkIndices: number[]) => ({ segment, groundingChunkIndices });
const metadata = (...groundingSupports: JsonObject[]) => ({ groundingChunks: CHUNKS, groundingSupports });
const cited = (url: string, title: string, start_index: number, end_index: number) => ({
  type: 'url_citation',
  url_citation: { url, title, start_index, end_index },
});

describe('sources of an answer', () => {
  test('have places in characters, though the API counts bytes', () => {
    const segment = { startIndex: 8, endIndex: 14, text: 'schön' };
    expect(groundingAnnotations(metadata(support(segment, 0)), 'Grüße schön')).toEqual([
      cited('https://a', 'A', 6, 11),
    ]);
  });

  test('have one for each source, as far as it has an address', () => {
    expect(groundingAnnotations(metadata(support({ endIndex: 2, text: 'ab' }, 0, 1, 2, 9)), 'abc')).toEqual([
      cited('https://a', 'A', 0, 2),
      cited('gs://b', '', 0, 2),
    ]);
  });

  test('are found by their words where they are counted from a later part', () => {
    const segment = { partIndex: 1, startIndex: 0, endIndex: 2, text: 'cd' };
    expect(groundingAnnotations(metadata(support(segment, 0)), 'ab cd')).toEqual([cited('https://a', 'A', 3, 5)]);
  });

  test('are none where nothing says which text they belong to', () => {
    const none = [undefined, {}, { groundingChunks: CHUNKS }, { groundingChunks: CHUNKS, groundingSupports: [1, {}] }];
    expect(none.map((given) => groundingAnnotations(given, 'abc'))).toEqual([[], [], [], []]);
  });

  test('come once in a stream, with places in the whole of it', () => {
    const reader = generateStream('chat').read();
    const grounding = metadata(support({ startIndex: 3, endIndex: 5, text: 'cd' }, 0));
    const candidates = [
      { content: { parts: [{ text: 'ab ' }] } },
      { content: { parts: [{ text: 'cd' }] }, groundingMetadata: grounding },
      { finishReason: 'STOP', groundingMetadata: grounding },
    ];
    const parts = candidates.map((candidate) => reader.event({ candidates: [candidate] }, '')?.choices[0]?.parts);
    const rest = { annotations: [cited('https://a', 'A', 3, 5)] };
    expect(parts).toEqual([undefined, [{ type: 'text', text: '', rest }], undefined]);
  });
});
