import { expect, test } from 'bun:test';
import type { JsonObject } from '../../core/types.ts';
import { readCitation } from './citations.ts';
import { decodeConverse } from './response.ts';
import { ConverseReader } from './stream.ts';

const citation = (location: JsonObject, more: JsonObject = {}): JsonObject => ({
  title: 'Notes',
  location,
  sourceContent: [{ text: 'The grass ' }, { text: 'is green.' }],
  ...more,
});
const document = { cited_text: 'The grass is green.', document_index: 1, document_title: 'Notes' };
const WEB = citation({ web: { url: 'https://a', domain: 'a' } });
const CLAUDES_WEB = {
  type: 'web_search_result_location',
  cited_text: 'The grass is green.',
  url: 'https://a',
  title: 'Notes',
  encrypted_index: '',
};

test.each<[kind: string, given: JsonObject, expected: JsonObject]>([
  [
    'characters',
    citation({ documentChar: { documentIndex: 1, start: 0, end: 19 } }),
    { type: 'char_location', ...document, start_char_index: 0, end_char_index: 19 },
  ],
  [
    'pages',
    citation({ documentPage: { documentIndex: 1, start: 2, end: 3 } }),
    { type: 'page_location', ...document, start_page_number: 2, end_page_number: 3 },
  ],
  [
    'blocks',
    citation({ documentChunk: { documentIndex: 1, start: 2, end: 3 } }),
    { type: 'content_block_location', ...document, start_block_index: 2, end_block_index: 3 },
  ],
  [
    'results of a search',
    citation({ searchResultLocation: { searchResultIndex: 4, start: 0, end: 1 } }, { source: 'https://b' }),
    {
      type: 'search_result_location',
      cited_text: 'The grass is green.',
      search_result_index: 4,
      source: 'https://b',
      title: 'Notes',
      start_block_index: 0,
      end_block_index: 1,
    },
  ],
  ['pages of the web', WEB, CLAUDES_WEB],
  ['something new', citation({ film: { second: 3 } }), citation({ film: { second: 3 } })],
])('a citation of %s is told as Claude’s own API tells it', (_kind, given, expected) => {
  expect(readCitation(given)).toEqual(expected);
});

const annotation = (start_index: number, end_index: number) => ({
  type: 'url_citation',
  url_citation: { url: 'https://a', title: 'Notes', start_index, end_index },
});

test('sources stand at the text that they belong to', () => {
  const content = [{ text: 'It is ' }, { citationsContent: { content: [{ text: 'green' }], citations: [WEB] } }];
  const answer = decodeConverse('chat', {
    output: { message: { role: 'assistant', content } },
    stopReason: 'end_turn',
  });
  const rest = { citations: [CLAUDES_WEB], annotations: [annotation(6, 11)] };
  expect(answer.choices).toMatchObject([{ parts: [{ text: 'It is ' }, { type: 'text', text: 'green', rest }] }]);
});

test('and follow it in a stream', () => {
  const reader = new ConverseReader();
  const parts = [
    { contentBlockIndex: 0, delta: { text: 'It is ' } },
    { contentBlockIndex: 1, delta: { text: 'gre' } },
    { contentBlockIndex: 1, delta: { text: 'en' } },
    { contentBlockIndex: 1, delta: { citation: WEB } },
  ].map((event) => reader.event(event, 'contentBlockDelta')?.choices[0]?.parts);
  const rest = { citations: [CLAUDES_WEB], annotations: [annotation(6, 11)] };
  expect(parts).toEqual([undefined, undefined, undefined, [{ type: 'text', text: '', rest }]]);
});
