import { describe, expect, test } from 'bun:test';
import { GatewayError } from '../../core/errors.ts';
import { decodeEmbeddings, decodeText } from './response.ts';

const BROKEN: readonly unknown[] = [null, 'text', {}, { candidates: [] }, { candidates: [null] }, { candidates: [{}] }];

describe('an answer', () => {
  test.each(BROKEN.map((body) => [body]))('of another shape is refused: %j', (body: unknown) => {
    expect(() => decodeText('chat', body)).toThrow(GatewayError);
    expect(() => decodeText('completions', body)).toThrow(GatewayError);
  });

  test('that was held back says so', () => {
    const { choices } = decodeText('completions', { filters: [{ reason: 'SAFETY', message: 'no' }] });
    expect(choices[0]?.finish).toEqual({ reason: 'content_filter', native: 'SAFETY', mlflow: null });
  });

  test('does not say why it ended', () => {
    const { choices } = decodeText('chat', { candidates: [{ author: '1', content: 'Hi', citationMetadata: {} }] });
    expect(choices).toEqual([
      { role: '1', parts: [{ type: 'text', text: 'Hi' }], finish: null, rest: { citation_metadata: {} } },
    ]);
  });
});

test.each([null, {}, { embeddings: [{}] }, { embeddings: [{ value: ['1'] }] }].map((body) => [body]))(
  'embeddings of another shape are refused: %j',
  (body: unknown) => {
    expect(() => decodeEmbeddings(body)).toThrow(GatewayError);
  },
);
