import { describe, expect, test } from 'bun:test';
import { ApiError } from '@google/genai';
import { GatewayError } from '../../core/errors.ts';
import { gemini } from './index.ts';
import { clientOf, encodeChunks, LIST, STREAM } from './testing/client.ts';

const bodyOf = (error: GatewayError) => JSON.parse(gemini.error(error));

describe('an error', () => {
  test('says where and why, in the words of Google’s APIs', () => {
    const error = new GatewayError('rate_limited', 'Slow down.', { headers: { 'retry-after': '7' } });
    expect(bodyOf(error)).toEqual({
      error: {
        code: 429,
        message: 'Slow down.',
        status: 'RESOURCE_EXHAUSTED',
        details: [
          { '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason: 'RATE_LIMITED', domain: 'sluice' },
          { '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '7s' },
        ],
      },
    });
    const invalid = new GatewayError('invalid_request', 'contents is not specified.', { parameter: 'contents' });
    expect(bodyOf(invalid).error.details[1]).toEqual({
      '@type': 'type.googleapis.com/google.rpc.BadRequest',
      fieldViolations: [{ field: 'contents', description: 'contents is not specified.' }],
    });
  });

  test.each([
    [400, 'INVALID_ARGUMENT'],
    [401, 'UNAUTHENTICATED'],
    [403, 'PERMISSION_DENIED'],
    [404, 'NOT_FOUND'],
    [413, 'INVALID_ARGUMENT'],
    [422, 'INVALID_ARGUMENT'],
    [500, 'INTERNAL'],
    [501, 'UNIMPLEMENTED'],
    [503, 'UNAVAILABLE'],
    [504, 'DEADLINE_EXCEEDED'],
    [408, 'DEADLINE_EXCEEDED'],
    [429, 'RESOURCE_EXHAUSTED'],
    [499, 'CANCELLED'],
    [502, 'UNAVAILABLE'],
    [529, 'UNAVAILABLE'],
  ])('with status %i is called %s', (status, name) => {
    const { error } = bodyOf(new GatewayError('upstream_error', 'm', { status, upstreamType: 'odd_error' }));
    expect([error.code, error.status, error.details[0].reason]).toEqual([status, name, 'odd_error']);
  });

  test('of an upstream of the same shape is quoted', () => {
    const upstream = { error: { code: 400, message: 'm', status: 'FAILED_PRECONDITION', details: [{ a: 1 }] } };
    for (const upstreamBody of [upstream, [upstream]]) {
      expect(bodyOf(new GatewayError('upstream_error', 'm', { status: 400, upstreamBody }))).toEqual(upstream);
    }
    const other = { error: { message: 'm', type: 't' } };
    expect(bodyOf(new GatewayError('upstream_error', 'm', { upstreamBody: other })).error.status).toBe('UNAVAILABLE');
    const named = new GatewayError('upstream_error', 'm', { status: 400, upstreamType: 'FAILED_PRECONDITION' });
    expect(bodyOf(named).error.status).toBe('FAILED_PRECONDITION');
  });

  test('is raised by the official client as its own', async () => {
    const { client } = clientOf([gemini.error(new GatewayError('not_found', 'No such endpoint.'))], 404);
    const failure: unknown = await client.models
      .generateContent({ model: 'm', contents: 'Hi' })
      .catch((error) => error);
    expect(failure).toBeInstanceOf(ApiError);
    expect(failure).toMatchObject({ status: 404, message: expect.stringContaining('No such endpoint.') });
  });

  test('in a stream is raised by the official client after what came before', async () => {
    const begun = encodeChunks([{ choices: [{ index: 0, text: 'Hel' }] }]);
    const first = begun.slice(0, begun.indexOf('\n\n') + 2);
    const error = new GatewayError('upstream_timeout', 'Zu spät.');
    const { client } = clientOf([first + gemini.streamError(error, STREAM)]);
    const texts: unknown[] = [];
    const read = async () => {
      for await (const { text } of await client.models.generateContentStream({ model: 'm', contents: 'Hi' })) {
        texts.push(text);
      }
    };
    const failure: unknown = await read().catch((error) => error);
    expect(texts).toEqual(['Hel']);
    expect(failure).toBeInstanceOf(ApiError);
    expect(failure).toMatchObject({ status: 504, message: expect.stringContaining('Zu spät.') });
  });

  test('in a list is its last element', () => {
    const begun = encodeChunks([{ choices: [{ index: 0, text: 'Hel' }] }], LIST);
    const first = begun.slice(0, begun.indexOf(',\n{'));
    const list = JSON.parse(first + gemini.streamError(new GatewayError('internal', 'x'), LIST));
    expect(list).toMatchObject([{ candidates: [{}] }, { error: { code: 500, status: 'INTERNAL' } }]);
  });
});
