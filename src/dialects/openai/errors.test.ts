import { expect, test } from 'bun:test';
import { GatewayError } from '../../core/errors.ts';
import { errorBody } from './errors.ts';

test("the gateway's own errors have OpenAI's types", () => {
  expect(errorBody(new GatewayError('invalid_request', 'Bad.', { parameter: 'messages' }))).toEqual({
    error: { message: 'Bad.', type: 'invalid_request_error', param: 'messages', code: 'invalid_request' },
  });
  expect(errorBody(new GatewayError('not_found', 'No.'))).toMatchObject({ error: { code: 'model_not_found' } });
  expect(errorBody(new GatewayError('rate_limited', 'Slow.'))).toMatchObject({ error: { type: 'rate_limit_error' } });
});

test('an upstream of the same shape is quoted whole', () => {
  const body = {
    error: { message: 'No quota.', type: 'insufficient_quota', param: null, code: 'insufficient_quota' },
    id: 1,
  };
  expect(errorBody(new GatewayError('upstream_error', 'No quota.', { upstreamBody: body, upstreamType: 'x' }))).toBe(
    body,
  );
});

test("another provider's error has its message and its own name", () => {
  const error = new GatewayError('upstream_error', 'Overloaded', { status: 529, upstreamType: 'overloaded_error' });
  expect(errorBody(error)).toEqual({
    error: { message: 'Overloaded', type: 'overloaded_error', param: null, code: 'overloaded_error' },
  });
  expect(errorBody(new GatewayError('upstream_error', 'Odd.', { upstreamBody: { error: 'Odd.' } }))).toEqual({
    error: { message: 'Odd.', type: 'upstream_error', param: null, code: 'upstream_error' },
  });
});
