import { expect, test } from 'bun:test';
import { GatewayError } from '../../core/errors.ts';
import { Changes } from '../../core/neutral/changes.ts';
import { embedContent } from './embeddings.ts';

const wire = embedContent('models/m');

const BROKEN: readonly unknown[] = [
  null,
  {},
  { embedding: {} },
  { embedding: { values: 'x' } },
  { embeddings: [null] },
];

test.each(BROKEN.map((body) => [body]))('embeddings of another shape are refused: %j', (body: unknown) => {
  expect(() => wire.decode(body, '')).toThrow(GatewayError);
});

test('fields that only look like those of the API are named', () => {
  const changes = new Changes();
  const rest = { constructor: 1, encoding_format: 'base64', title: 't' };
  const body = wire.encode({ operation: 'embeddings', surface: 'standard', input: ['a'], rest }, changes);
  expect(body).toEqual({ content: { parts: [{ text: 'a' }] }, title: 't' });
  expect(changes.toString()).toBe('constructor;dropped');
});
