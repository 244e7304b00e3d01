import { describe, expect, test } from 'bun:test';
import { GatewayError } from '../../core/errors.ts';
import { decodeAnswer } from './response.ts';
import { generateStream } from './stream.ts';

const BROKEN: readonly unknown[] = [
  null,
  [],
  'text',
  {},
  { candidates: 'none' },
  { candidates: [null] },
  { candidates: [{ content: { parts: 'text' } }] },
  { candidates: [{ content: { parts: [null] } }] },
  { candidates: [{ content: { parts: [{ functionCall: {} }] } }] },
];

describe('an answer', () => {
  test.each(BROKEN.map((body) => [body]))('of another shape is refused: %j', (body: unknown) => {
    const decode = () => decodeAnswer('chat', body);
    expect(decode).toThrow(GatewayError);
    expect(decode).toThrow('The upstream answered in a shape that is not its own');
  });

  test('without candidates has one empty choice, as clients look for the first', () => {
    const { choices } = decodeAnswer('chat', { usageMetadata: { promptTokenCount: 1, totalTokenCount: 1 } });
    expect(choices).toEqual([
      { parts: [], finish: { reason: 'stop', native: 'STOP', mlflow: 'stop' }, mlflowOmits: true },
    ]);
  });

  test('gives the same call twice two ids, and the same answer the same ids', () => {
    const functionCall = { name: 'now', args: {} };
    const body = { candidates: [{ content: { parts: [{ functionCall }, { functionCall }] }, finishReason: 'STOP' }] };
    const ids = () =>
      decodeAnswer('chat', body).choices[0]?.parts.map((part) => (part.type === 'tool-call' ? part.id : null));
    expect(new Set(ids()).size).toBe(2);
    expect(ids()).toEqual(ids());
  });

  test('keeps a part of a kind that is not known', () => {
    const part = { videoThing: { uri: 'x' } };
    const [choice] = decodeAnswer('chat', { candidates: [{ content: { parts: [part] } }] }).choices;
    expect(choice?.parts).toEqual([{ type: 'other', value: part }]);
  });
});

describe('a stream', () => {
  test.each([
    { candidates: [{ content: { parts: 'text' } }] },
    { candidates: [{ content: { parts: [{ functionCall: { args: {} } }] } }] },
  ])('with an event of another shape is refused: %j', (event) => {
    expect(() => generateStream('chat').read().event(event, '')).toThrow(GatewayError);
  });

  test('has nothing to say of events without candidates and usage', () => {
    const reader = generateStream('chat').read();
    for (const event of [{}, { candidates: 'none' }, { candidates: [null] }, { responseId: 'r' }]) {
      expect(reader.event(event, '')).toBeNull();
    }
  });

  test('is whole only when every candidate has said why it ended', () => {
    const reader = generateStream('chat').read();
    expect(reader.isWholeAtEnd?.()).toBe(false);
    reader.event({ candidates: [{ index: 0, finishReason: 'STOP' }, { index: 1 }] }, '');
    expect(reader.isWholeAtEnd?.()).toBe(false);
    reader.event({ candidates: [{ index: 1, finishReason: 'MAX_TOKENS' }] }, '');
    expect(reader.isWholeAtEnd?.()).toBe(true);
  });

  test('counts the calls of each candidate by itself', () => {
    const reader = generateStream('chat').read();
    const call = (index: number) => ({ index, content: { parts: [{ functionCall: { name: 'f', args: {} } }] } });
    reader.event({ candidates: [call(0), call(1)] }, '');
    const chunk = reader.event({ candidates: [call(1)] }, '');
    expect(chunk?.choices[0]?.toolCalls?.[0]?.index).toBe(1);
  });
});
